import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { CoercedCells } from '#contracts';
import { type Alias, assertVersion, versionOfAlias } from '#ml';
import { findJob, JOB_PIPELINE, type JobFormat, maybeJobOfRun, type PredictionJob } from '#pipelines';
import { UsageError } from '../../../project/errors.ts';
import { loadConfig } from '../../../project/load-config.ts';
import { pathsOf } from '../../../project/paths.ts';
import { withProject } from '../../../serve/open-project.ts';
import { sendJob } from '../../../serve/prediction-jobs.ts';
import { maybeRunning } from '../../../serve/server-file.ts';
import type { OpenedProject } from '../../../serve/start-project.ts';
import type { InProject, ProjectFlags } from '../../context.ts';
import { printable } from '../../ending.ts';
import { EXIT_CODES } from '../../exit-codes.ts';
import { assertNotOverwritten } from '../../flags.ts';
import { inputFile } from '../../input-file.ts';
import { followHere, followThere, type PipelineRequest, startHere, startThere } from '../../run-request.ts';
import { type RunSummary, toText as toRunText } from '../../run-summary.ts';
import { matchServer } from '../../server-project.ts';

export interface PredictFlags extends ProjectFlags {
  readonly out?: string;
  readonly modelVersion: string;
  readonly store: boolean;
}

const RUN = { request: { pipeline: JOB_PIPELINE } };

/** The endings of a result, and whether it stays compressed. */
const ENDINGS: readonly (readonly [RegExp, JobFormat, isCompressed: boolean])[] = [
  [/\.csv$/i, 'csv', false],
  [/\.csv\.gz$/i, 'csv', true],
  [/\.(ndjson|jsonl)$/i, 'ndjson', false],
  [/\.(ndjson|jsonl)\.gz$/i, 'ndjson', true],
  [/\.parquet$/i, 'parquet', false],
];

/** Predicts the rows of one file, in the Weir that runs over the project or, when none does, in this process. */
export async function predictFile(file: string, options: InProject<PredictFlags>): Promise<number> {
  const { projectFolder, environment, json, print, signal, out } = options;
  if (out !== undefined) await assertWritable(out, file);
  const { state } = pathsOf(projectFolder, await loadConfig(projectFolder, environment));
  const running = await maybeRunning(state);
  if (running !== undefined) await matchServer(running, { ...options, reload: false });
  const predicted =
    running === undefined
      ? await withProject('engine', options, (opened) =>
          predictOver(opened, {
            ...options,
            file,
            start: (request) => startHere(opened, { request }),
            follow: (runId) => followHere(opened, runId, { ...options, ...RUN, shareOf: (id) => shareOf(opened, id) }),
          }),
        )
      : await withProject('project', options, (opened) =>
          predictOver(opened, {
            ...options,
            file,
            start: (request) => startThere({ request, server: running }),
            follow: (runId) =>
              followThere(runId, { ...options, ...RUN, server: running, shareOf: (id) => shareOf(opened, id) }),
          }),
        );
  print(json ? `${JSON.stringify(predicted)}\n` : printable(toText(predicted)));
  if (signal.aborted) return EXIT_CODES.interrupted;
  const { job } = predicted;
  return job?.state === 'succeeded' && job.rowsRefused === 0 ? EXIT_CODES.done : EXIT_CODES.failed;
}

interface Predicting extends InProject<PredictFlags> {
  readonly file: string;
  readonly start: (request: PipelineRequest) => Promise<{ readonly runId: string }>;
  /** Waits until the run has ended. */
  readonly follow: (runId: string) => Promise<RunSummary>;
}

interface Predicted {
  readonly run: RunSummary;
  /** Null when the run was not planned. */
  readonly job: Omit<PredictionJob, 'results'> | null;
  /** Where the result was written; null when it was not. */
  readonly out: string | null;
}

async function predictOver(opened: OpenedProject, { start, follow, out, ...asked }: Predicting): Promise<Predicted> {
  const { wiring, paths } = opened;
  const { project, database } = wiring;
  if (project.contract === undefined)
    throw new UsageError(
      'contract_missing',
      `Project ${project.name} predicts nothing: its project.ts names no contract.`,
    );
  const content = await readable(asked.file);
  const version = await versionOf(opened, asked.modelVersion);
  const file = { name: path.basename(asked.file), content, version, isStored: asked.store, by: null };
  const { run, job: id } = await sendJob(file, { database, folder: paths.predictionJobs, start });
  const summary = await follow(run.runId);
  const job = id === undefined ? undefined : await findJob(database, id);
  if (job === undefined) return { run: summary, job: null, out: null };
  const { results, ...facts } = job;
  if (results === null || out === undefined) return { run: summary, job: facts, out: null };
  return { run: summary, job: facts, out: await writeResult(opened, { results, out }) };
}

/** The bytes of a file with rows. */
async function readable(file: string): Promise<AsyncIterable<Uint8Array>> {
  const { sizeBytes, blocks } = await inputFile(file);
  if (sizeBytes === 0)
    throw new UsageError('usage_invalid', `Expected a file with rows at ${path.resolve(file)}; it is empty.`);
  return blocks();
}

/** The number of a version; null for the champion, which the run looks up. */
async function versionOf({ wiring: { database, project } }: OpenedProject, given: string): Promise<number | null> {
  const model = project.name;
  if (given === 'champion') return null;
  if (given === 'challenger') {
    const alias: Alias = given;
    const version = await versionOfAlias(database, { model, alias });
    if (version !== undefined) return version;
    throw new UsageError('usage_invalid', `No version of ${model} is challenger. Name a version: --model-version 3.`);
  }
  if (!/^[1-9]\d{0,8}$/.test(given))
    throw new UsageError(
      'usage_invalid',
      `Expected --model-version to be a number, champion or challenger; got "${given}".`,
    );
  await assertVersion(database, { model, version: Number(given) });
  return Number(given);
}

async function assertWritable(out: string, file: string): Promise<void> {
  endingOf(out);
  await assertNotOverwritten(file, [out]);
}

function endingOf(out: string): (typeof ENDINGS)[number] {
  const found = ENDINGS.find(([ending]) => ending.test(out));
  if (found !== undefined) return found;
  throw new UsageError(
    'usage_invalid',
    `Expected --out to end in .csv, .ndjson, .jsonl or .parquet, the first three also with .gz; got "${out}".`,
  );
}

/** Writes the result to where a person asked for it: to a temporary name beside it first, so that nobody reads half of it. */
async function writeResult(
  { wiring: { artifacts } }: OpenedProject,
  { results, out }: { readonly results: Readonly<Record<JobFormat, string>>; readonly out: string },
): Promise<string> {
  const [, format, isCompressed] = endingOf(out);
  const place = path.resolve(out);
  const unfinished = path.join(path.dirname(place), `.weir-${randomBytes(8).toString('hex')}.tmp`);
  try {
    const content = await artifacts.read(results[format]);
    const file = createWriteStream(unfinished, { flags: 'wx' });
    if (format === 'parquet' || isCompressed) await pipeline(content, file);
    else await pipeline(content, createGunzip(), file);
    await rename(unfinished, place);
  } finally {
    await rm(unfinished, { force: true });
  }
  return place;
}

/** The share of the rows that are predicted or refused. */
async function shareOf({ wiring: { database } }: OpenedProject, runId: string): Promise<number> {
  const id = await maybeJobOfRun(database, runId);
  const job = id === undefined ? undefined : await findJob(database, id);
  if (job === undefined || job.rowsIn === null) return 0;
  return (job.rowsPredicted + job.rowsRefused) / Math.max(1, job.rowsIn);
}

const count = (rows: number): string => rows.toLocaleString('en-US');

const changesInWords = (counts: CoercedCells): string =>
  Object.entries(counts)
    .map(([coercion, cells]) => `${coercion} in ${count(cells)}`)
    .join(', ');

function toText({ run, job, out }: Predicted): string {
  if (job === null) return toRunText(run);
  const { id, file, state, reason, model, version, isStored, rowsIn, rowsPredicted, rowsRefused, summary, coerced } =
    job;
  const rows = rowsIn === null ? '' : `, ${count(rowsIn)} rows`;
  return [
    `${file}: ${state}${rows}, predicted by ${model}@${version}${isStored ? '' : ', not stored'}\n`,
    `  predicted  ${count(rowsPredicted).padStart(11)}\n`,
    `  refused    ${count(rowsRefused).padStart(11)}${rowsRefused > 0 && summary !== null ? `  ${summary}` : ''}\n`,
    ...Object.entries(coerced ?? {}).map(([column, counts]) => `  changed    ${column}: ${changesInWords(counts)}\n`),
    ...(out === null ? [] : [`  result     ${out}\n`]),
    ...(reason === null ? [] : [`  ${reason}\n`]),
    `prediction job ${id}, run ${run.runId} of ${JOB_PIPELINE}: ${run.state}\n`,
  ].join('');
}
