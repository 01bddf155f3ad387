import { createHash } from 'node:crypto';
import type { StoredPrediction } from '#api';
import { type FeatureRow, MlError, requestAnswer, type Source, storePredictions } from '#ml';
import type { Database } from '#store';
import { ServerError } from '../errors.ts';
import { grouped } from './grouping.ts';
import type { Predictor } from './predictor.ts';

export interface PredictionCall {
  readonly rows: readonly FeatureRow[];
  readonly source: Source;
  readonly version: number | undefined;
  /** Idempotency key. */
  readonly request: string | undefined;
}

export interface PredictAndStoreOptions {
  readonly database: Database;
  readonly predictor: Predictor;
}

/** Requests of at most so many rows share a transaction with those that arrive at the same moment. */
const SMALL_ROWS_MAX = 20;
// Two: while one group waits for the disk, the next one predicts. More made groups smaller and commits more.
const GROUPS_MAX = 2;
const GROUP_CALLS_MAX = 256;

/** Predicts and stores: what it answers is committed, with the rows it was made from. */
export function predictAndStore(
  options: PredictAndStoreOptions,
): (call: PredictionCall) => Promise<StoredPrediction[]> {
  const together = groupBySource(options);
  return (call) => {
    if (call.request !== undefined) return answerOnce(options, { ...call, request: call.request });
    const isSmall = call.rows.length <= SMALL_ROWS_MAX && call.version === undefined;
    return isSmall ? together[call.source](call.rows) : answerAlone(options, call);
  };
}

type Group = (rows: readonly FeatureRow[]) => Promise<StoredPrediction[]>;

function groupBySource(options: PredictAndStoreOptions): Readonly<Record<Source, Group>> {
  const group = (source: Source): Group =>
    grouped((calls: readonly (readonly FeatureRow[])[]) => answerTogether(options, { calls, source }), {
      groupsMax: GROUPS_MAX,
      callsMax: GROUP_CALLS_MAX,
      // Refused before anything was written, so doing them again one by one doubles nothing.
      isSafeToSplit: (error) => error instanceof MlError,
    });
  return { webapp: group('webapp'), scheduled: group('scheduled'), api: group('api') };
}

/** One look at the registry, one prediction and one transaction for all calls. */
async function answerTogether(
  options: PredictAndStoreOptions,
  { calls, source }: { readonly calls: readonly (readonly FeatureRow[])[]; readonly source: Source },
): Promise<StoredPrediction[][]> {
  const stored = await answerAlone(options, { rows: calls.flat(), source, version: undefined, request: undefined });
  let start = 0;
  return calls.map(({ length }) => {
    start += length;
    return stored.slice(start - length, start);
  });
}

async function answerAlone(
  { database, predictor }: PredictAndStoreOptions,
  { rows, source, version, request, bodyDigest }: PredictionCall & { readonly bodyDigest?: string },
): Promise<StoredPrediction[]> {
  const predicted = await predictor.predict(rows, { version });
  const key = request === undefined || bodyDigest === undefined ? {} : { request, bodyDigest };
  return storePredictions(database, { ...predicted, source, rows, ...key });
}

/** A request seen before gets its first answer, though the champion may be another by now. */
async function answerOnce(
  options: PredictAndStoreOptions,
  call: PredictionCall & { readonly request: string },
): Promise<StoredPrediction[]> {
  const bodyDigest = digestOf(call);
  const answer = await requestAnswer(options.database, call.request);
  if (answer === undefined) return answerAlone(options, { ...call, bodyDigest });
  if (answer.bodyDigest === bodyDigest) return answer.predictions;
  throw new ServerError(
    'request_conflict',
    `The idempotency key ${JSON.stringify(call.request)} was used before for other rows. Use a new key for a new body.`,
  );
}

function digestOf({ rows, version, source }: PredictionCall): string {
  return createHash('sha256')
    .update(JSON.stringify([source, version ?? null, rows]))
    .digest('hex');
}
