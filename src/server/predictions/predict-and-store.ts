import { createHash, type Hash } from 'node:crypto';
import type { StoredPrediction } from '#api';
import type { Coerced } from '#contracts';
import { createGroup } from '#engine';
import {
  type FeatureRow,
  type GroupAnswer,
  MlError,
  type PartsOptions,
  type PredictedRows,
  type RowIdentity,
  requestAnswer,
  type Source,
  storeInParts,
  storeTogether,
} from '#ml';
import type { Database } from '#store';
import { inTurns, jsonPieces, type Steps } from '../in-turns.ts';
import { datedRows, type PredictEffects, REAL_EFFECTS, sinceMs } from './dated-rows.ts';
import type { AskedVersion, Predictor } from './predictor.ts';

export interface PredictionCall {
  readonly rows: readonly FeatureRow[];
  /** Which row each of them is; absent when none of them says so. */
  readonly identities?: readonly RowIdentity[] | undefined;
  /** What was changed of each of them before; absent when nothing was. */
  readonly coerced?: readonly (Coerced | undefined)[] | undefined;
  readonly source: Source;
  /** The champion unless set. */
  readonly version: AskedVersion | undefined;
  /** Idempotency key. */
  readonly request: string | undefined;
  /** When the request had arrived, by the monotonic clock; the moment of the call unless set. */
  readonly startedMs?: number;
  /** Gets the predictions of a large call part by part, in their order, while others are still being stored. */
  readonly onPart?: PartsOptions['onPart'];
}

export interface PredictAndStoreOptions {
  readonly database: Database;
  readonly predictor: Pick<Predictor, 'predict'>;
  /** The column that dates a row; absent when the contract has none. */
  readonly timeColumn?: string | undefined;
}

/** Requests of at most this many rows share a transaction with others that arrive at the same moment. */
const SMALL_ROWS_MAX = 20;
// Two: while one group waits for the disk, the next one predicts. More would make groups smaller and commits more
// frequent.
const GROUPS_MAX = 2;
const GROUP_CALLS_MAX = 256;
/** Rows of a part of a large request: about a millisecond of predicting, and two of storing. */
const PART_ROWS = 250;

/** Predicts and stores: returned predictions are committed, with their rows. */
export function predictAndStore(
  given: PredictAndStoreOptions,
  effects: Partial<PredictEffects> = {},
): (call: PredictionCall) => Promise<StoredPrediction[]> {
  const options = { ...given, ...REAL_EFFECTS, ...effects };
  const together = groupBySource(options);
  return async (call) => {
    const { startedMs = options.monotonicMs() } = call;
    const keyed = {
      ...call,
      startedMs,
      bodyDigest: call.request === undefined ? undefined : await inTurns(digestOf(call)),
    };
    const isSmall = call.rows.length <= SMALL_ROWS_MAX && call.version === undefined;
    const answer = isSmall
      ? await together[call.source](keyed).catch(async (error) => (await maybeKnown(options, keyed)) ?? fail(error))
      : ((await maybeKnown(options, keyed)) ?? (await answerAlone(options, keyed)));
    if ('conflict' in answer) throw answer.conflict;
    return answer.predictions;
  };
}

interface KeyedCall extends PredictionCall {
  readonly startedMs: number;
  readonly bodyDigest: string | undefined;
}

interface Predicting extends PredictAndStoreOptions, PredictEffects {}

type Group = (call: KeyedCall) => Promise<GroupAnswer>;

function groupBySource(options: Predicting): Readonly<Record<Source, Group>> {
  const group = (source: Source): Group =>
    createGroup((calls: readonly KeyedCall[]) => answerTogether(options, { calls, source, version: undefined }), {
      groupsMax: GROUPS_MAX,
      itemsMax: GROUP_CALLS_MAX,
      // Refused before anything was written, so repeating them one by one stores nothing twice.
      isSafeToSplit: (error) => error instanceof MlError,
    });
  return { webapp: group('webapp'), scheduled: group('scheduled'), api: group('api') };
}

/**
 * The first answer to a repeated request. Large requests are looked up before they are predicted, small ones only when
 * they can no longer be predicted: the statement that stores them finds their answer by itself.
 */
async function maybeKnown({ database }: Predicting, call: KeyedCall): Promise<GroupAnswer | undefined> {
  const known = call.request === undefined ? undefined : await requestAnswer(database, call.request);
  return known?.bodyDigest === call.bodyDigest ? known : undefined;
}

function fail(error: unknown): never {
  throw error;
}

/** A large request is predicted and stored part by part, so that this process and the database work at the same time. */
async function answerAlone(options: Predicting, call: KeyedCall): Promise<GroupAnswer> {
  if (call.rows.length > PART_ROWS) return answerInParts(options, call);
  const [answer] = await answerTogether(options, { calls: [call], source: call.source, version: call.version });
  return answer ?? fail(new Error('Expected an answer for the one call.'));
}

async function answerInParts(options: Predicting, call: KeyedCall): Promise<GroupAnswer> {
  const { database, predictor, ...dating } = options;
  const { source, request, bodyDigest } = call;
  for (const isLookedUp of [false, true]) {
    const parts = partsOf(call).map((part) => ({ ...part, dated: datedRows(part, dating) }));
    const first = await predictor.predict(parts[0]?.dated ?? [], { version: call.version, isLookedUp });
    const { model, version, isAssumed = false } = first;
    // Not looked up again: a transaction that asked for a second connection could wait for others that do.
    const more = first.more ?? (async (rows) => (await predictor.predict(rows, { version })).predictions);
    const predicted = async function* (): AsyncGenerator<PredictedRows> {
      for (const [index, { dated, ...part }] of parts.entries()) {
        const predictions = index === 0 ? first.predictions : await more(dated);
        yield { ...part, predictions, latencyMs: sinceMs(call.startedMs, dating) };
      }
    };
    const answer = await storeInParts(database, {
      request: { model, version, source, request, bodyDigest, whileChampion: isAssumed },
      ...{ parts: predicted(), onPart: call.onPart },
    });
    if (answer !== undefined) return answer;
  }
  throw notStored();
}

/** The rows of a request in parts, with what identifies them. */
function partsOf({
  rows,
  identities,
  coerced,
}: KeyedCall): readonly Pick<PredictedRows, 'rows' | 'identities' | 'coerced'>[] {
  return Array.from({ length: Math.ceil(rows.length / PART_ROWS) }, (_, index) => {
    const [start, end] = [index * PART_ROWS, (index + 1) * PART_ROWS];
    return {
      rows: rows.slice(start, end),
      identities: identities?.slice(start, end),
      coerced: coerced?.slice(start, end),
    };
  });
}

function notStored(): Error {
  return new Error('Expected predictions by the champion that was looked up to be stored.');
}

interface Calls {
  readonly calls: readonly KeyedCall[];
  readonly source: Source;
  readonly version: AskedVersion | undefined;
}

/** One prediction and one statement for all calls; a second time when the champion changed since it was last looked up. */
async function answerTogether(options: Predicting, calls: Calls): Promise<readonly GroupAnswer[]> {
  const assumed = await answerBy(options, calls, { isLookedUp: false });
  const answers = assumed ?? (await answerBy(options, calls, { isLookedUp: true }));
  if (answers === undefined) throw notStored();
  return answers;
}

async function answerBy(
  { database, predictor, ...dating }: Predicting,
  { calls, source, version }: Calls,
  { isLookedUp }: { readonly isLookedUp: boolean },
): Promise<readonly GroupAnswer[] | undefined> {
  const rows = calls.flatMap((call) => datedRows(call, dating));
  const predicted = await predictor.predict(rows, { version, isLookedUp });
  let start = 0;
  const requests = calls.map((call) => {
    start += call.rows.length;
    const predictions = predicted.predictions.slice(start - call.rows.length, start);
    return { ...call, predictions, latencyMs: sinceMs(call.startedMs, dating) };
  });
  const { isAssumed = false, more: _, ...made } = predicted;
  return storeTogether(database, { ...made, source, requests, whileChampion: isAssumed });
}

/** Of the JSON of what was asked, hashed a few rows at a time. */
function* digestOf({ rows, identities, version, source }: PredictionCall): Steps<string> {
  const hash = createHash('sha256').update(`[${JSON.stringify(source)},${JSON.stringify(version ?? null)},`);
  yield* hashList(hash, rows);
  hash.update(',');
  if (identities === undefined) hash.update('null');
  else yield* hashList(hash, identities);
  return hash.update(']').digest('hex');
}

function* hashList(hash: Hash, items: readonly unknown[]): Steps<void> {
  hash.update('[');
  for (const piece of jsonPieces(items)) {
    hash.update(piece);
    yield;
  }
  hash.update(']');
}
