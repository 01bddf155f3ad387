import path from 'node:path';
import { type CoercedCells, maybeFindPartitions } from '#contracts';
import { findJob, JOB_PIPELINE, maybeJobOfRun, type PredictionJob } from '#pipelines';
import { UsageError } from '../../../project/errors.ts';
import { loadConfig } from '../../../project/load-config.ts';
import { pathsOf } from '../../../project/paths.ts';
import { withProject } from '../../../serve/open-project.ts';
import { sendJob } from '../../../serve/prediction-jobs.ts';
import { maybeRunning } from '../../../serve/server-file.ts';
import type { OpenedProject } from '../../../serve/start-project.ts';
import type { InProject } from '../../context.ts';
import { printable } from '../../ending.ts';
import { EXIT_CODES } from '../../exit-codes.ts';
import { assertNotOverwritten } from '../../flags.ts';
import { inputFile } from '../../input-file.ts';
import { followHere, followThere, startHere, startThere } from '../../run-request.ts';
import { type RunSummary, toText as toRunText } from '../../run-summary.ts';
import { matchServer } from '../../server-project.ts';
import { versionOf } from './asked-version.ts';
import type { PredictFlags, Runs } from './predict-flags.ts';
import { predictFolder } from './predict-folder.ts';
import { endingOf, writeResult } from './write-result.ts';

const RUN = { request: { pipeline: JOB_PIPELINE } };

/** Predicts the rows of one file, or of the files of a folder or pattern, in the Weir that runs over the project or in this process. */
export async function predict(address: string, options: InProject<PredictFlags>): Promise<number> {
  const found = await maybeFindPartitions(address);
  if (found === undefined) return predictFile(address, options);
  // Each file is a run of its own, and all together are shown.
  const quiet = { ...options, show: <T>(_: string, work: (report: () => void) => Promise<T>) => work(() => undefined) };
  return overWeir(quiet, (opened, runs) => predictFolder(opened, { ...options, ...runs, found }));
}

/** Predicts the rows of one file. */
export async function predictFile(file: string, options: InProject<PredictFlags>): Promise<number> {
  const { json, print, signal, out } = options;
  if (out !== undefined) await assertWritable(out, file);
  const predicted = await overWeir(options, (opened, runs) => predictOver(opened, { ...options, ...runs, file }));
  print(json ? `${JSON.stringify(predicted)}\n` : printable(toText(predicted)));
  if (signal.aborted) return EXIT_CODES.interrupted;
  const { job } = predicted;
  return job?.state === 'succeeded' && job.rowsRefused === 0 ? EXIT_CODES.done : EXIT_CODES.failed;
}

/** Works with the Weir that runs over the project or, when none does, with one in this process. */
async function overWeir<T>(
  options: InProject<PredictFlags>,
  work: (opened: OpenedProject, runs: Runs) => Promise<T>,
): Promise<T> {
  const { projectFolder, environment } = options;
  const { state } = pathsOf(projectFolder, await loadConfig(projectFolder, environment));
  const server = await maybeRunning(state);
  if (server === undefined)
    return withProject('engine', options, (opened) =>
      work(opened, {
        start: (request) => startHere(opened, { request }),
        follow: (runId) => followHere(opened, runId, { ...options, ...RUN, shareOf: (id) => shareOf(opened, id) }),
      }),
    );
  await matchServer(server, { ...options, reload: false });
  return withProject('project', options, (opened) =>
    work(opened, {
      start: (request) => startThere({ request, server }),
      follow: (runId) => followThere(runId, { ...options, ...RUN, server, shareOf: (id) => shareOf(opened, id) }),
    }),
  );
}

interface Predicting extends InProject<PredictFlags>, Runs {
  readonly file: string;
}

interface Predicted {
  readonly run: RunSummary;
  /** Null when the run was not planned. */
  readonly job: Omit<PredictionJob, 'results'> | null;
  /** Where the result was written; null when it was not. */
  readonly out: string | null;
}

async function predictOver(opened: OpenedProject, { start, follow, out, ...asked }: Predicting): Promise<Predicted> {
  const { project, database, artifacts } = opened.wiring;
  if (project.contract === undefined)
    throw new UsageError(
      'contract_missing',
      `Project ${project.name} predicts nothing: its project.ts names no contract.`,
    );
  const content = await readable(asked.file);
  const version = await versionOf(opened, asked.modelVersion);
  const file = { name: path.basename(asked.file), content, version, isStored: asked.store, by: null };
  const { run, job: id } = await sendJob(file, { database, artifacts, start });
  const summary = await follow(run.runId);
  const job = id === undefined ? undefined : await findJob(database, id);
  if (job === undefined) return { run: summary, job: null, out: null };
  const { results, ...facts } = job;
  if (results === null || out === undefined) return { run: summary, job: facts, out: null };
  return { run: summary, job: facts, out: await writeResult(artifacts, { results, out }) };
}

/** The bytes of a file with rows. */
async function readable(file: string): Promise<AsyncIterable<Uint8Array>> {
  const { sizeBytes, blocks } = await inputFile(file);
  if (sizeBytes === 0)
    throw new UsageError('usage_invalid', `Expected a file with rows at ${path.resolve(file)}; it is empty.`);
  return blocks();
}

async function assertWritable(out: string, file: string): Promise<void> {
  endingOf(out);
  await assertNotOverwritten(file, [out]);
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
