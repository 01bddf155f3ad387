import { z } from 'zod';
import { type Contract, checkFile, goodLineReader, type Role, readGoodRows, withoutDatasets } from '#contracts';
import { type AnyTask, type BlobInput, blob, defineTask, rows, type TaskContext, TaskError, value } from '#engine';
import { type ArtifactDriver, type Database, type DuckdbPool, toCountText } from '#store';
import { contractIdentity } from '../contract-identity.ts';
import { sentColumns } from '../predict/sent-columns.ts';
import { type JobAnswer, type JobPredictor, jobKey } from './job-predictor.ts';
import { type JobChecked, noteChecked, noteProgress, noteResults } from './jobs.ts';
import { refusedLines } from './refused-lines.ts';
import { ResultFiles } from './result-files.ts';
import { withPath } from './with-path.ts';

/** Rows that are predicted, stored and written together: as many are in memory. */
const PAGE_ROWS = 1_000;
const TIMEOUT_MS = 12 * 60 * 60_000;
/** Columns that a row to predict may come without, as one that is sent to the API. */
const MAY_LACK: readonly Role[] = ['label', 'id', 'time', 'meta'];
/** The parts of a file are as large as the file, and cheap to make again. */
const PARTS_DAYS = 2;

export interface JobOptions {
  readonly model: string;
  /** The contract of arriving files: the project's contract, whose label may be missing (`arrivingContract`). */
  readonly contract: Contract;
  readonly database: Database;
  readonly duckdb: DuckdbPool;
  /** Where the files are that were sent: whichever machine runs a task reads them there. */
  readonly artifacts: ArtifactDriver;
  readonly predictor: JobPredictor;
}

/** The tasks of a prediction job: the check of its file, then its predictions. */
export function jobTasks(options: JobOptions) {
  const checkJobFile = defineCheckJobFile(options);
  const predictJobRows = definePredictJobRows(options, checkJobFile);
  return { checkJobFile, predictJobRows };
}

function defineCheckJobFile({ contract, database, duckdb, artifacts }: JobOptions) {
  return defineTask({
    name: 'check-prediction-file',
    version: '2',
    params: z.object({ job: z.string(), file: z.string(), digest: z.string(), contract: z.string() }),
    outputs: { checked: value<JobChecked>(), good: blob(), lines: blob(), bad: blob(), rejected: blob() },
    timeoutMs: TIMEOUT_MS,
    retention: { ageDaysMax: PARTS_DAYS },
    run: async ({ params: { job, file, digest, contract: planned }, folder, blob: store, signal, log }) => {
      assertContract(planned, contract);
      if ((await artifacts.stat(digest)) === undefined)
        throw new TaskError(`The file ${file} of prediction job ${job} is no longer there. Send it again.`, {
          class: 'data',
        });
      // A prediction is not another one when another dataset has changed.
      const asked = {
        contract: withoutDatasets(contract),
        mayLack: MAY_LACK,
        folder,
        duckdb,
        signal,
        keepsLines: true,
      };
      const { result, files } = await withPath(artifacts, digest, (place) =>
        checkFile({ ...asked, path: place, name: file }),
      );
      log(result.summary);
      if (result.verdict === 'quarantined') throw new TaskError(result.summary, { class: 'data' });
      const { in: count, good } = result.rows;
      const { summary, coerced } = result;
      const checked = { rows: count, refused: count - good, summary, ...(coerced && { coerced }) };
      await noteChecked(database, { job, ...checked });
      const keep = (part: string | undefined) => store(part === undefined ? new Uint8Array() : { path: part });
      return {
        checked,
        good: await keep(files.good),
        lines: await keep(files.lines),
        bad: await keep(files.bad),
        rejected: await keep(files.rejected),
      };
    },
  });
}

const predictParams = z.object({
  job: z.string(),
  version: z.number().int(),
  isStored: z.boolean(),
  contract: z.string(),
});

function definePredictJobRows(options: JobOptions, checkJobFile: ReturnType<typeof defineCheckJobFile>) {
  const { contract, database, duckdb } = options;
  return defineTask({
    name: 'predict-job-rows',
    version: '1',
    params: predictParams,
    reads: { file: checkJobFile },
    outputs: {
      csv: blob(),
      ndjson: blob(),
      parquet: blob(),
      job: rows({ table: 'weir.prediction_jobs', remove: 'keep' }),
    },
    timeoutMs: TIMEOUT_MS,
    run: async ({ params, inputs, folder, blob: store, rows: note, signal, log }) => {
      const { file } = inputs;
      assertContract(params.contract, contract);
      const results = await ResultFiles.open({ folder, contract, duckdb, signal });
      try {
        const counts = await predictGoodRows({ options, results, params, file, signal });
        await refusedLines(
          {
            ...{ contract, duckdb, signal, hasBad: file.bad.sizeBytes > 0 },
            ...{ bad: await file.bad.path(), rejected: await file.rejected.path() },
          },
          (lines) => results.write(lines),
        );
        const { predicted, refused } = counts;
        log(`${toCountText(predicted, 'row')} predicted, ${refused} refused`);
        await noteProgress(database, { job: params.job, ...counts });
        const paths = await results.close();
        const blobs = {
          csv: await store({ path: paths.csv }),
          ndjson: await store({ path: paths.ndjson }),
          parquet: await store({ path: paths.parquet }),
        };
        const digests = { csv: blobs.csv.digest, ndjson: blobs.ndjson.digest, parquet: blobs.parquet.digest };
        const noted = await note('job', async (tx) => {
          await noteResults(tx, { job: params.job, results: digests });
          return 1;
        });
        return { ...blobs, job: noted };
      } finally {
        await results.abandon();
      }
    },
  });
}

interface Predicting extends Pick<TaskContext<z.infer<typeof predictParams>, never>, 'params' | 'signal'> {
  readonly options: JobOptions;
  readonly results: ResultFiles;
  readonly file: { readonly checked: JobChecked; readonly good: BlobInput; readonly lines: BlobInput };
}

/**
 * Predicts the rows that meet the contract, a page at a time. An attempt begins with the first page: pages that an attempt
 * before it has stored are answered as they were then, by their key.
 */
async function predictGoodRows({ options, results, params, file, signal }: Predicting) {
  const { contract, database, duckdb, predictor } = options;
  const { job, version, isStored } = params;
  const counts = { predicted: 0, refused: file.checked.refused };
  if (file.good.sizeBytes === 0) return counts;
  const lines = await goodLineReader(await file.lines.path());
  let row = 0;
  const onPage = async (given: Parameters<Parameters<typeof readGoodRows>[1]>[0]): Promise<void> => {
    signal.throwIfAborted();
    const key = isStored ? jobKey(job, row) : undefined;
    const sent = given.map((each) => sentColumns(each, contract));
    const answers = await predictor.predict({ rows: sent, version, key, signal });
    const written = [];
    for (const answer of answers) {
      written.push({ line: await lines.lineOf(row), ...answer });
      row += 1;
    }
    const refused = answers.filter(isRefused).length;
    counts.predicted += answers.length - refused;
    counts.refused += refused;
    await results.write(written);
    await noteProgress(database, { job, ...counts });
  };
  try {
    await readGoodRows({ file: await file.good.path(), contract, duckdb, pageRows: PAGE_ROWS, signal }, onPage);
  } finally {
    await lines.close();
  }
  return counts;
}

const isRefused = (answer: JobAnswer): boolean => 'problem' in answer;

/** Rows that are read by another contract would be other rows under the same keys. */
function assertContract(planned: string, contract: Contract): void {
  if (planned === contractIdentity(contract)) return;
  throw new TaskError('The contract changed since the file was sent. Send it again to predict it by the present one.', {
    class: 'data',
  });
}

/** Both as the registry takes them. */
export function jobRegistry(tasks: ReturnType<typeof jobTasks>): readonly AnyTask[] {
  return Object.values(tasks);
}
