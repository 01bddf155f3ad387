import { setMaxListeners } from 'node:events';
import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { FoundPartitions } from '#contracts';
import { championOf } from '#ml';
import { findJob, JOB_PIPELINE, type ModelProject, type PredictionJob } from '#pipelines';
import { toCountText, writeFileAtomically } from '#store';
import { UsageError } from '../../../project/errors.ts';
import { sendJobOnce } from '../../../serve/prediction-jobs.ts';
import type { OpenedProject } from '../../../serve/start-project.ts';
import type { InProject } from '../../context.ts';
import { EXIT_CODES } from '../../exit-codes.ts';
import { inputFile } from '../../input-file.ts';
import { versionOf } from './asked-version.ts';
import type { PredictFlags, Runs } from './predict-flags.ts';
import { writeResult } from './write-result.ts';

/** Files that are predicted at the same time at most; the slots of the engine or of its workers bound them further. */
const FILES_AT_ONCE = 32;
const MANIFEST = 'manifest.json';
const KIND = 'predictions';

/** The files that belong to a result; what is beside them does not. */
interface PredictionsManifest {
  readonly kind: typeof KIND;
  readonly version: 1;
  readonly model: string;
  readonly modelVersion: number;
  readonly rows: RowCounts;
  /** In the order of their names. */
  readonly files: readonly {
    /** Its name below the folder that was predicted. */
    readonly name: string;
    /** Its result, below the folder of the manifest. */
    readonly result: string;
    readonly job: string;
    readonly rows: RowCounts;
  }[];
}

interface RowCounts {
  readonly in: number;
  readonly predicted: number;
  readonly refused: number;
}

interface PredictingFolder extends InProject<PredictFlags>, Runs {
  readonly found: FoundPartitions;
}

interface PredictedFile {
  readonly name: string;
  readonly job: PredictionJob | undefined;
  /** Why there is no result; undefined when there is one. */
  readonly problem: string | undefined;
}

/**
 * Predicts the rows of every file of a folder, each by a job of its own, on whichever worker takes it. What an earlier call
 * has predicted is not predicted again. With `--out` the results appear under the names of their files, and the manifest
 * is written when all are there.
 */
export async function predictFolder(opened: OpenedProject, asked: PredictingFolder): Promise<number> {
  const { project } = opened.wiring;
  if (project.contract === undefined)
    throw new UsageError(
      'contract_missing',
      `Project ${project.name} predicts nothing: its project.ts names no contract.`,
    );
  const versionNumber = await fixedVersion(opened, asked.modelVersion);
  const { found, out, show, signal } = asked;
  if (out !== undefined) await clearManifest(out, found);
  const names = resultNames(found.partitions.map(({ name }) => name));
  const predicted: PredictedFile[] = [];
  // Each file that is followed listens to it.
  setMaxListeners(FILES_AT_ONCE + 10, signal);
  await show(`Predicting ${toCountText(found.partitions.length, 'file')}`, async (report) => {
    const waiting = found.partitions.entries();
    const work = async (): Promise<void> => {
      for (const [index, { name, path: file }] of waiting) {
        if (signal.aborted) return;
        const done = await predictPart(opened, { ...asked, project, name, file, versionNumber });
        if (done.problem === undefined && out !== undefined && done.job?.results)
          await placeResult(opened, { out, name: names[index] ?? name, job: done.job });
        predicted[index] = done;
        report(Object.keys(predicted).length / found.partitions.length);
      }
    };
    await Promise.all(Array.from({ length: FILES_AT_ONCE }, work));
  });
  return finish(predicted, { ...asked, versionNumber, model: project.name, names });
}

/** One version for all files, whatever is promoted in the meantime. */
async function fixedVersion(opened: OpenedProject, given: string): Promise<number> {
  const { database, project } = opened.wiring;
  const version = (await versionOf(opened, given)) ?? (await championOf(database, project.name))?.version;
  if (version !== undefined) return version;
  throw new UsageError('usage_invalid', `Model ${project.name} has no champion yet. Train one first: weir run train.`);
}

interface Part extends PredictingFolder {
  readonly project: ModelProject;
  readonly name: string;
  readonly file: string;
  readonly versionNumber: number;
}

async function predictPart({ wiring }: OpenedProject, part: Part): Promise<PredictedFile> {
  const { name, file, versionNumber: version, store: isStored, start, follow, project } = part;
  const { database, artifacts } = wiring;
  const { sizeBytes, blocks } = await inputFile(file);
  if (sizeBytes === 0) return { name, job: undefined, problem: 'it is empty; expected a file with rows' };
  const asked = { name: path.basename(name), content: blocks(), version, isStored, by: null };
  const { runId, job: id } = await sendJobOnce(asked, { database, artifacts, project, start });
  const run = await follow(runId);
  const job = id === undefined ? undefined : await findJob(database, id);
  if (job?.state === 'succeeded') return { name, job, problem: undefined };
  return { name, job, problem: job?.reason ?? run.reason ?? `its run ${runId} is ${job?.state ?? run.state}` };
}

async function placeResult(
  { wiring: { artifacts } }: OpenedProject,
  { out, name, job }: { readonly out: string; readonly name: string; readonly job: PredictionJob },
): Promise<void> {
  const place = path.join(out, name);
  await mkdir(path.dirname(place), { recursive: true });
  if (job.results !== null) await writeResult(artifacts, { results: job.results, out: place });
}

const DATA_ENDING = /\.(csv|tsv|txt|parquet|pq|ndjson|jsonl|json)(\.(gz|zst|bz2|zip))?$/i;

/** The name of the result of each file: its own, with the ending of the format that it has. */
function resultNames(names: readonly string[]): readonly string[] {
  const results = names.map((name) => name.replace(DATA_ENDING, (_, format: string) => `.${formatOf(format)}`));
  const twice = results.find((result, index) => results.indexOf(result) !== index);
  if (twice === undefined) return results;
  const both = names.filter((_, index) => results[index] === twice);
  throw new UsageError(
    'usage_invalid',
    `Expected files whose results have different names; ${both.join(' and ')} would both be ${twice}. Rename one.`,
  );
}

function formatOf(ending: string): string {
  if (/^(parquet|pq)$/i.test(ending)) return 'parquet';
  return /json/i.test(ending) ? 'ndjson' : 'csv';
}

/** Removes the manifest of an earlier call: while results are replaced, there is none. */
async function clearManifest(out: string, { root }: FoundPartitions): Promise<void> {
  const folder = path.resolve(out);
  if (`${folder}${path.sep}`.startsWith(`${root}${path.sep}`))
    throw new UsageError(
      'usage_invalid',
      `Expected --out to be outside of the folder that is predicted; ${folder} is in it, and its results would be predicted next.`,
    );
  const file = path.join(folder, MANIFEST);
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text !== undefined && !isOwn(text))
    throw new UsageError(
      'usage_invalid',
      `Expected --out to be a folder for predictions; ${file} is of something else.`,
    );
  await mkdir(folder, { recursive: true });
  await rm(file, { force: true });
}

function isOwn(manifest: string): boolean {
  try {
    const found: unknown = JSON.parse(manifest);
    return typeof found === 'object' && found !== null && 'kind' in found && found.kind === KIND;
  } catch {
    return false;
  }
}

interface Finishing extends PredictingFolder {
  readonly versionNumber: number;
  readonly model: string;
  readonly names: readonly string[];
}

const NONE: RowCounts = { in: 0, predicted: 0, refused: 0 };

async function finish(predicted: readonly PredictedFile[], asked: Finishing): Promise<number> {
  const { found, out, json, print, signal, model, versionNumber, names } = asked;
  const rows = predicted.map((each) => rowsOf(each)).reduce(sum, NONE);
  const failed = predicted.filter(({ problem }) => problem !== undefined);
  const isWhole = !signal.aborted && failed.length === 0 && predicted.length === found.partitions.length;
  const files = predicted.map((each, index) => ({
    ...{ name: each.name, result: names[index] ?? each.name, job: each.job?.id ?? '', rows: rowsOf(each) },
  }));
  const manifest: PredictionsManifest = { kind: KIND, version: 1, model, modelVersion: versionNumber, rows, files };
  const place = out === undefined || !isWhole ? null : path.resolve(out, MANIFEST);
  if (place !== null) await writeFileAtomically(place, `${JSON.stringify(manifest, undefined, 2)}\n`);
  const told = { ...manifest, manifest: place, failed: failed.map(({ name, problem }) => ({ name, problem })) };
  print(json ? `${JSON.stringify(told)}\n` : toText(told, { count: found.partitions.length, isWhole }));
  if (signal.aborted) return EXIT_CODES.interrupted;
  return isWhole && rows.refused === 0 ? EXIT_CODES.done : EXIT_CODES.failed;
}

function rowsOf({ job, problem }: PredictedFile): RowCounts {
  if (job === undefined || problem !== undefined) return NONE;
  const rows = { in: job.rowsIn ?? 0, predicted: job.rowsPredicted, refused: job.rowsRefused };
  if (rows.in === rows.predicted + rows.refused) return rows;
  throw new Error(`Expected prediction job ${job.id} to answer each of its ${rows.in} rows: ${JSON.stringify(rows)}.`);
}

const sum = (a: RowCounts, b: RowCounts): RowCounts => ({
  in: a.in + b.in,
  predicted: a.predicted + b.predicted,
  refused: a.refused + b.refused,
});

type Told = PredictionsManifest & {
  readonly manifest: string | null;
  readonly failed: readonly { readonly name: string; readonly problem: string | undefined }[];
};

function toText(told: Told, { count, isWhole }: { readonly count: number; readonly isWhole: boolean }): string {
  const { model, modelVersion, rows, manifest, failed, files } = told;
  const done = files.length - failed.length;
  return [
    `${done} of ${toCountText(count, 'file')} predicted by ${model}@${modelVersion}, ${toCountText(rows.in, 'row')}\n`,
    `  predicted  ${rows.predicted.toLocaleString('en-US').padStart(11)}\n`,
    `  refused    ${rows.refused.toLocaleString('en-US').padStart(11)}\n`,
    ...failed.map(({ name, problem }) => `  ${name}: ${problem}\n`),
    ...(manifest === null ? [] : [`  manifest   ${manifest}\n`]),
    ...(isWhole ? [] : ['Not complete. The same command again predicts what is missing.\n']),
    `each file is a run of ${JOB_PIPELINE}\n`,
  ].join('');
}
