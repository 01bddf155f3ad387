import { setImmediate } from 'node:timers/promises';
import type { Database, Queryable } from '#store';
import { MlError } from '../errors.ts';
import type { Source } from '../prediction.ts';
import { insertPredictions, type PredictionGroup, type RequestPredictions } from './insert.ts';
import {
  PREDICTION_COLUMNS,
  type PredictedRows,
  type PredictionRow,
  type StoredPrediction,
  toStored,
} from './stored.ts';

/** Predictions of one request, with their rows. */
export interface StoreRequest extends RequestPredictions {
  readonly model: string;
  readonly version: number;
  readonly source: Source;
}

/** The earlier answer to a request. */
export interface RequestAnswer {
  readonly bodyDigest: string;
  readonly predictions: StoredPrediction[];
}

/**
 * The result of one request of a group: its own predictions, those of the first request with its key, or a conflict
 * because the key was used for another body.
 */
export type GroupAnswer = { readonly predictions: StoredPrediction[] } | { readonly conflict: MlError };

/** Stores predictions with their rows: all or none, and once for each idempotency key. */
export async function storePredictions(database: Database, request: StoreRequest): Promise<StoredPrediction[]> {
  const [answer] = (await storeTogether(database, { ...request, requests: [request] })) ?? [];
  if (answer === undefined) throw new Error('Expected an answer for the request that was stored.');
  if ('conflict' in answer) throw answer.conflict;
  return answer.predictions;
}

/**
 * Stores the predictions of several requests in one statement, which is one transaction and one way to the server, keys
 * included. Returns the result of each request in order, or undefined when nothing was stored because the champion has
 * changed.
 */
export async function storeTogether(
  database: Database,
  group: PredictionGroup,
): Promise<readonly GroupAnswer[] | undefined> {
  for (const request of group.requests) assertWhole(request);
  const first = firstOfEachKey(group.requests);
  const inserted = await insertPredictions(database, group, first);
  const answers: GroupAnswer[] = [];
  for (const [index, request] of group.requests.entries()) {
    const predictions = inserted.get(index) ?? [];
    if (predictions.length === request.rows.length && first.includes(index)) answers.push({ predictions });
    else {
      const known = await answerOf(database, request);
      // A request without a key, or with a new one, was not stored only because of the champion.
      if (known === undefined) return undefined;
      answers.push(known);
    }
  }
  return answers;
}

/** One request whose rows are predicted part by part. */
export interface PartedRequest extends Omit<PredictionGroup, 'requests'> {
  readonly request: string | undefined;
  readonly bodyDigest: string | undefined;
}

export interface PartsOptions {
  /** Gets the predictions of each part, while PostgreSQL writes the next one. They are stored when the result says so. */
  readonly onPart?: ((predictions: readonly StoredPrediction[]) => void) | undefined;
}

/**
 * Stores the parts of one request in one transaction: while PostgreSQL writes a part, the next one is predicted. Returns
 * the result, or undefined when nothing was stored because the champion has changed.
 */
export async function storeInParts(
  database: Database,
  {
    request,
    parts,
    ...options
  }: PartsOptions & { readonly request: PartedRequest; readonly parts: AsyncIterable<PredictedRows> },
): Promise<GroupAnswer | undefined> {
  const stored = await database.transaction((tx) => new PartsWriter(tx, request, options).write(parts));
  return stored === undefined ? answerOf(database, request) : { predictions: stored };
}

class PartsWriter {
  readonly #tx: Queryable;
  readonly #request: PartedRequest;
  readonly #onPart: PartsOptions['onPart'];
  readonly #predictions: StoredPrediction[] = [];
  #rowsBefore = 0;
  #writing: ReturnType<typeof insertPredictions> | undefined;

  constructor(tx: Queryable, request: PartedRequest, { onPart }: PartsOptions) {
    this.#tx = tx;
    this.#request = request;
    this.#onPart = onPart;
  }

  /** Undefined when the first part was refused, for its key or the champion; then nothing was written. */
  async write(parts: AsyncIterable<PredictedRows>): Promise<StoredPrediction[] | undefined> {
    try {
      for await (const part of parts) {
        const written = await this.#written();
        if (written?.length === 0) return undefined;
        this.#begin(part);
        // Not before the statement is on its way.
        await setImmediate();
        this.#keep(written ?? []);
      }
      const last = (await this.#written()) ?? [];
      this.#keep(last);
      return last.length === 0 ? undefined : this.#predictions;
    } finally {
      // A transaction ends when none of its statements runs.
      await this.#writing?.catch(ignore);
    }
  }

  #begin(part: PredictedRows): void {
    const { request, bodyDigest, whileChampion = false, ...group } = this.#request;
    assertWhole({ ...part, request, bodyDigest });
    const isFirst = this.#rowsBefore === 0;
    const requests = [{ ...part, request, bodyDigest, rowsBefore: this.#rowsBefore }];
    this.#writing = insertPredictions(this.#tx, { ...group, requests, whileChampion: whileChampion && isFirst }, [0]);
    this.#writing.catch(ignore);
    this.#rowsBefore += part.rows.length;
  }

  /** The predictions of the part that is being written, once it is; undefined before the first. */
  async #written(): Promise<readonly StoredPrediction[] | undefined> {
    const part = (await this.#writing)?.get(0);
    if (part?.length === 0 && this.#predictions.length > 0)
      throw new Error('Expected each part after the first to be stored.');
    return part;
  }

  #keep(part: readonly StoredPrediction[]): void {
    for (const prediction of part) this.#predictions.push(prediction);
    if (part.length > 0) this.#onPart?.(part);
  }
}

/** Who waits for the part gets the error. */
function ignore(): void {}

function assertWhole({ rows, predictions, identities = rows, request, bodyDigest }: RequestPredictions): void {
  const isWhole = rows.length === predictions.length && rows.length === identities.length;
  if (isWhole && (request === undefined) === (bodyDigest === undefined)) return;
  throw new MlError(
    'prediction_unstorable',
    `Expected a prediction and an identity for each row, and request and bodyDigest together; got ${rows.length} rows, ${predictions.length} predictions, ${identities.length} identities, request ${request ?? 'none'}, digest ${bodyDigest ?? 'none'}.`,
  );
}

/** Indexes of the requests to store: of those with one key, the first; the others get its answer. */
function firstOfEachKey(requests: readonly RequestPredictions[]): readonly number[] {
  const keys = new Set<string>();
  return requests.flatMap(({ request }, index) => {
    if (request === undefined) return [index];
    if (keys.has(request)) return [];
    keys.add(request);
    return [index];
  });
}

async function answerOf(
  queryable: Queryable,
  { request, bodyDigest }: Pick<RequestPredictions, 'request' | 'bodyDigest'>,
): Promise<GroupAnswer | undefined> {
  const known = request === undefined ? undefined : await requestAnswer(queryable, request);
  if (known === undefined || known.bodyDigest === bodyDigest) return known;
  const message = `The idempotency key ${JSON.stringify(request)} was used before for other rows. Use a new key for a new body.`;
  return { conflict: new MlError('request_conflict', message) };
}

/** The earlier answer to a request, or undefined when it is new. */
export async function requestAnswer(queryable: Queryable, request: string): Promise<RequestAnswer | undefined> {
  const [known] = await queryable.query<{ body_digest: string }>(
    'select body_digest from prediction_requests where request = $1',
    [request],
  );
  if (known === undefined) return undefined;
  const rows = await queryable.query<PredictionRow>(
    `select ${PREDICTION_COLUMNS} from predictions where request = $1 order by row_number`,
    [request],
  );
  return { bodyDigest: known.body_digest, predictions: rows.map(toStored) };
}
