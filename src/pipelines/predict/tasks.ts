import { createHash } from 'node:crypto';
import path from 'node:path';
import { z } from 'zod';
import { type Contract, readGoodRows } from '#contracts';
import { type AnyTask, defineTask, type TaskContext, TaskError, value } from '#engine';
import type { ArtifactDriver, Database, DuckdbPool } from '#store';
import { toCountText } from '#store';
import { contractIdentity } from '../contract-identity.ts';
import { PipelineError } from '../errors.ts';
import type { DataFolders } from '../folders.ts';
import { type DataPlaces, placeIn, type SeenFile } from '../places/data-places.ts';
import { localPlaces } from '../places/local-places.ts';
import { findGoodRows } from './good-rows.ts';
import { beginFile, endFile, type GoodFile, isConsumed, requestKeyOf, unrecognised } from './ledger.ts';
import { type PredictionClient, RowSender } from './send-rows.ts';
import { sentColumns } from './sent-columns.ts';

/** Files processed by one run; the next run takes the rest. */
const FILES_PER_RUN_MAX = 200;
/** Rows of one request to the API. */
const ROWS_PER_REQUEST = 500;

export interface PredictOptions {
  /** The contract of files in good-data: the project's contract, whose label may be missing (`arrivingContract`). */
  readonly contract: Contract;
  readonly database: Database;
  /** Where the rows are of files that were checked before. */
  readonly artifacts: ArtifactDriver;
  readonly duckdb: DuckdbPool;
  readonly folders: DataFolders;
  /** What reads their files; files of this machine unless set. */
  readonly places?: DataPlaces | undefined;
  readonly client: PredictionClient;
}

/** The params of both tasks. `version` is the champion when the run was created. */
export function paramsOf(options: { readonly run: string; readonly version: number }, contract: Contract) {
  return { ...options, contract: contractIdentity(contract) };
}

/** The two tasks of scheduled prediction. */
export function predictTasks(options: PredictOptions) {
  const checkForNewData = defineCheckForNewData(options);
  const makePredictions = defineMakePredictions(options, checkForNewData);
  return { checkForNewData, makePredictions };
}

function defineCheckForNewData({ database, folders, places = localPlaces }: PredictOptions) {
  return defineTask({
    name: 'check-for-new-data',
    version: '2',
    // `run` makes two listings of a changing folder different goals.
    params: z.object({ run: z.string() }),
    outputs: { files: value<GoodFile[]>() },
    run: async ({ params, skip, log, signal }) => {
      const seen = await places.look(folders.good);
      const files = await newFiles(seen, { database, places, folder: folders.good, run: params.run, signal });
      if (files.length === 0)
        skip(`nothing new in good-data: ${toCountText(seen.length, 'file there is', 'files there are all')} predicted`);
      log(
        `${files.length} of ${toCountText(seen.length, 'file')} in good-data ${files.length === 1 ? 'is' : 'are'} new and will be predicted now`,
      );
      return { files };
    },
  });
}

/**
 * The files to predict now. Files that the ledger knows by their identity are not read; new ones come in another order
 * in each run.
 */
async function newFiles(
  all: readonly SeenFile[],
  at: {
    readonly database: Database;
    readonly places: DataPlaces;
    readonly folder: string;
    readonly run: string;
    readonly signal: AbortSignal;
  },
): Promise<GoodFile[]> {
  const { database, places, folder, run, signal } = at;
  const seen = all.map(({ name, identity }) => ({ path: name, identity }));
  // Otherwise files that always fail would stay before all others.
  const order = (name: string): string => createHash('sha256').update(`${run}\n${name}`).digest('hex');
  const unread = (await unrecognised(database, seen)).map((name) => ({ name, order: order(name) }));
  const files: GoodFile[] = [];
  for (const { name } of unread.sort((a, b) => (a.order < b.order ? -1 : 1))) {
    signal.throwIfAborted();
    const content = await places.read(placeIn(folder, name));
    if (typeof content === 'string') continue;
    const { digest, isSettled, identity } = content;
    if (await isConsumed(database, { path: name, digest, identity: isSettled ? identity : undefined })) continue;
    files.push({ path: name, digest });
    if (files.length === FILES_PER_RUN_MAX) break;
  }
  return files;
}

/** `run`: a list of files that was found before is predicted again when it is found again. */
const predictParams = z.object({ run: z.string(), version: z.number().int(), contract: z.string() });

interface Predicted {
  readonly files: number;
  readonly rows: number;
}

function defineMakePredictions(options: PredictOptions, checkForNewData: ReturnType<typeof defineCheckForNewData>) {
  return defineTask({
    name: 'make-predictions',
    version: '2',
    params: predictParams,
    reads: { fresh: checkForNewData },
    // The ledger is written file by file, so that finished files stay finished.
    outputs: { predicted: value<Predicted>() },
    timeoutMs: 30 * 60_000,
    run: async (context) => {
      let predicted: Predicted = { files: 0, rows: 0 };
      const errors: { readonly file: string; readonly error: unknown }[] = [];
      for (const file of context.inputs.fresh.files) {
        context.signal.throwIfAborted();
        try {
          const rows = await predictFile(file, { options, context });
          if (rows !== undefined) predicted = { files: predicted.files + 1, rows: predicted.rows + rows };
        } catch (error) {
          // An error of the environment: the other files would fail too.
          if (error instanceof TaskError || context.signal.aborted) throw error;
          context.log(`${file.path}: ${error instanceof Error ? error.message : String(error)}`);
          errors.push({ file: file.path, error });
        }
      }
      assertAllPredicted(errors, predicted);
      return { predicted };
    },
  });
}

function assertAllPredicted(
  errors: readonly { readonly file: string; readonly error: unknown }[],
  { files }: Predicted,
): void {
  const [first] = errors;
  if (first === undefined) return;
  const reason = first.error instanceof Error ? first.error.message : String(first.error);
  throw new PipelineError(
    'predictions_failed',
    `${toCountText(errors.length, 'file')} could not be predicted, ${files} could; the next run tries them again. The first, ${first.file}: ${reason}`,
    { cause: first.error },
  );
}

interface Predicting {
  readonly options: PredictOptions;
  readonly context: Pick<
    TaskContext<z.infer<typeof predictParams>, never>,
    'params' | 'folder' | 'signal' | 'log' | 'runId'
  >;
}

/**
 * Predicts every row of one file, and returns how many; undefined when the file has changed since it was found. Each
 * request has a key of path, digest and position, so what was stored before a crash is not stored again.
 */
async function predictFile(file: GoodFile, { options, context }: Predicting): Promise<number | undefined> {
  const { contract, database, artifacts, duckdb, folders, places = localPlaces } = options;
  const { folder, signal, log, runId } = context;
  const now = { version: context.params.version, contract: contractIdentity(contract) };
  const copy = path.join(folder, 'good-file');
  const content = await places.read(placeIn(folders.good, file.path), { copyTo: copy });
  if (typeof content === 'string' || content.digest !== file.digest) {
    log(`${file.path} changed since it was found: left for the next run`);
    return undefined;
  }
  const begun = await beginFile(database, { ...file, ...now, runId });
  if (begun.contract !== now.contract) {
    const problem = `the contract changed while it was being predicted; give the file another name to predict all of it again`;
    await endFile(database, { ...file, rowCount: 0, unfitCount: 0, problem });
    log(`${file.path}: ${problem}`);
    return undefined;
  }
  const reading = { file, copy, folder, contract, database, artifacts, duckdb, signal };
  const { rows, broken, summary } = await findGoodRows(reading);
  const key = requestKeyOf(file);
  const sender = new RowSender({ client: options.client, version: begun.version, key, signal });
  if (rows !== undefined) {
    await readGoodRows({ file: rows, contract, duckdb, pageRows: ROWS_PER_REQUEST, signal }, (page) =>
      sender.send(page.map((row) => sentColumns(row, contract))),
    );
  }
  const { stored, refused, problem } = sender.sent;
  const said = [
    broken === 0 ? undefined : `${toCountText(broken, 'row breaks', 'rows break')} the contract: ${summary}`,
    problem,
  ];
  const problems = said.filter((text) => text !== undefined).join('; ');
  await endFile(database, {
    ...file,
    rowCount: stored,
    unfitCount: broken + refused,
    problem: problems === '' ? undefined : problems,
  });
  log(`${file.path}: ${toCountText(stored, 'prediction')}${problems === '' ? '' : `; not predicted: ${problems}`}`);
  return stored;
}

/** Both as the registry takes them. */
export function predictRegistry(tasks: ReturnType<typeof predictTasks>): readonly AnyTask[] {
  return Object.values(tasks);
}
