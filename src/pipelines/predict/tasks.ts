import path from 'node:path';
import { z } from 'zod';
import { type Contract, checkFile, readGoodRows, type TypedRow } from '#contracts';
import { defineTask, rows, type Task, type TaskContext, value } from '#engine';
import type { FeatureRow } from '#ml';
import type { Database, DuckdbPool } from '#store';
import { contractIdentity } from '../contract-identity.ts';
import type { DataFolders } from '../folders.ts';
import { dataFiles, stableDigest } from '../ingest/arrivals.ts';
import { type GoodFile, recordConsumed, unconsumed } from './ledger.ts';

/** Files taken up by one run; the next run takes the rest. */
const FILES_PER_RUN_MAX = 200;
/** Rows of one request to the API. */
const ROWS_PER_REQUEST = 500;

/** The API as the scheduled predictions use it: same key, same answer, nothing stored twice. */
export interface PredictionClient {
  predict(request: {
    readonly rows: readonly FeatureRow[];
    readonly version: number;
    readonly idempotencyKey: string;
    readonly signal: AbortSignal;
  }): Promise<void>;
}

export interface PredictOptions {
  /** What files in good-data are: the project's contract without its label. */
  readonly contract: Contract;
  readonly database: Database;
  readonly duckdb: DuckdbPool;
  readonly folders: DataFolders;
  readonly client: PredictionClient;
}

/** `run` keeps two looks at a changing folder apart; `version` is the champion when the run was created. */
const predictParams = z.object({ run: z.string(), version: z.number().int(), contract: z.string() });

export function paramsOf(options: { readonly run: string; readonly version: number }, contract: Contract) {
  return { ...options, contract: contractIdentity(contract) };
}

/** The two tasks of scheduled prediction. */
export function predictTasks(options: PredictOptions) {
  const checkForNewData = defineCheckForNewData(options);
  const makePredictions = defineMakePredictions(options, checkForNewData);
  return { checkForNewData, makePredictions };
}

function defineCheckForNewData({ database, folders }: PredictOptions) {
  return defineTask({
    name: 'check-for-new-data',
    version: '1',
    params: predictParams,
    outputs: { files: value<GoodFile[]>() },
    run: async ({ skip, log }) => {
      const present: GoodFile[] = [];
      for (const file of await dataFiles(folders.good)) {
        const content = await stableDigest(path.join(folders.good, file));
        if (typeof content === 'object') present.push({ path: file, digest: content.digest });
      }
      const fresh = await unconsumed(database, present);
      if (fresh.length === 0) skip(`nothing new in good-data: all ${present.length} file(s) there are predicted`);
      log(`${fresh.length} of ${present.length} file(s) in good-data are new`);
      return { files: fresh.slice(0, FILES_PER_RUN_MAX) };
    },
  });
}

function defineMakePredictions(options: PredictOptions, checkForNewData: ReturnType<typeof defineCheckForNewData>) {
  return defineTask({
    name: 'make-predictions',
    version: '1',
    params: predictParams,
    inputs: (params) => ({ fresh: checkForNewData.goal(params) }),
    outputs: { consumed: rows() },
    timeoutMs: 30 * 60_000,
    run: async (context) => {
      const consumed: (GoodFile & { rowCount: number })[] = [];
      for (const file of context.inputs.fresh.files) {
        const rowCount = await predictFile(file, { options, context });
        if (rowCount !== undefined) consumed.push({ ...file, rowCount });
      }
      return {
        consumed: await context.rows('consumed', (tx) => recordConsumed(tx, { files: consumed, runId: context.runId })),
      };
    },
  });
}

type PredictContext = Pick<TaskContext<z.infer<typeof predictParams>, never>, 'params' | 'folder' | 'signal' | 'log'>;

/**
 * Sends every row of one file, and says how many; undefined when the file is no longer what was found. Each request
 * carries a key made of path, digest and position, so what was stored before a crash is not stored again.
 */
async function predictFile(
  file: GoodFile,
  { options, context }: { readonly options: PredictOptions; readonly context: PredictContext },
): Promise<number | undefined> {
  const { contract, duckdb, folders, client } = options;
  const { params, folder, signal, log } = context;
  const source = path.join(folders.good, file.path);
  const content = await stableDigest(source);
  if (typeof content !== 'object' || content.digest !== file.digest) {
    log(`${file.path} changed since it was found: left for the next run`);
    return undefined;
  }
  // Anyone may put a file into good-data by hand, so it is read through the contract like any other.
  const { result, files } = await checkFile({ path: source, name: file.path, contract, folder, duckdb, signal });
  if (result.digest !== file.digest) return undefined;
  const unfit = result.rows.in - result.rows.good;
  if (unfit > 0) log(`${file.path}: ${unfit} row(s) break the contract and are not predicted: ${result.summary}`);
  let position = 0;
  if (files.good !== undefined) {
    await readGoodRows({ file: files.good, contract, duckdb, pageRows: ROWS_PER_REQUEST, signal }, async (page) => {
      const rows = page.map((row) => featuresOf(row, contract));
      const idempotencyKey = `scheduled ${file.path} ${file.digest} ${position}`;
      await client.predict({ rows, version: params.version, idempotencyKey, signal });
      position += rows.length;
    });
  }
  log(`${file.path}: ${position} prediction(s)`);
  return position;
}

/** What the API takes of a row: the features, and nothing else. */
function featuresOf(row: TypedRow, { columns }: Contract): FeatureRow {
  const names = Object.keys(columns).filter((name) => columns[name]?.role === 'feature');
  // The contract's columns hold no lists or records, so neither do rows typed by it.
  return Object.fromEntries(names.map((name) => [name, row[name] ?? null])) as FeatureRow;
}

/** Both as the registry takes them. */
export function predictRegistry(tasks: ReturnType<typeof predictTasks>): readonly Task[] {
  return Object.values(tasks);
}
