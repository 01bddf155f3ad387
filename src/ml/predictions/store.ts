import type { Database, Queryable } from '#store';
import { MlError } from '../errors.ts';
import type { FeatureRow, Prediction, Source } from '../prediction.ts';
import { PREDICTION_COLUMNS, type PredictionRow, type StoredPrediction, toStored } from './stored.ts';

export interface PredictionBatch {
  readonly model: string;
  readonly version: number;
  readonly source: Source;
  readonly rows: readonly FeatureRow[];
  readonly predictions: readonly Prediction[];
  /** Idempotency key: the same key with the same body stores nothing twice. Needs `bodyDigest`. */
  readonly request?: string;
  readonly bodyDigest?: string;
}

/** What was answered to a request before. */
export interface RequestAnswer {
  readonly bodyDigest: string;
  readonly predictions: StoredPrediction[];
}

// Escapes in JSON text that PostgreSQL cannot keep in jsonb: NUL and lone surrogates. An escaped backslash before is no escape.
const UNSTORABLE = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/i;

/** Stores predictions with the rows they were made from: all or none, and once for each request. */
export function storePredictions(database: Database, batch: PredictionBatch): Promise<StoredPrediction[]> {
  const { rows, predictions, request, bodyDigest } = batch;
  if (rows.length !== predictions.length || (request === undefined) !== (bodyDigest === undefined)) {
    throw new MlError(
      'prediction_unstorable',
      `Expected a prediction for each row, and request and bodyDigest together; got ${rows.length} rows, ${predictions.length} predictions, request ${request ?? 'none'}, digest ${bodyDigest ?? 'none'}.`,
    );
  }
  const values = insertValues(batch);
  // One statement is a transaction by itself; begin and commit around it would be two more ways to the server.
  if (request === undefined || bodyDigest === undefined) return insert(database, { batch, values });
  return database.transaction(async (tx) => {
    if (await claimRequest(tx, { request, bodyDigest })) return insert(tx, { batch, values });
    const answer = await requestAnswer(tx, request);
    if (answer?.bodyDigest === bodyDigest) return answer.predictions;
    throw new MlError(
      'request_conflict',
      `The idempotency key "${request}" was used before for another body. Use a new key for a new body.`,
    );
  });
}

/** What a request was answered, or undefined when it is new. */
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

/** True for the first. A second one waits until the first has ended, then finds its answer or takes its place. */
async function claimRequest(
  tx: Queryable,
  { request, bodyDigest }: { request: string; bodyDigest: string },
): Promise<boolean> {
  const claimed = await tx.query(
    'insert into prediction_requests (request, body_digest) values ($1, $2) on conflict (request) do nothing returning request',
    [request, bodyDigest],
  );
  return claimed.length === 1;
}

function insertValues({ model, version, source, rows, predictions, request }: PredictionBatch): readonly unknown[] {
  const features = rows.map((row, index) => storable(JSON.stringify(row), index));
  const values = predictions.map(({ value }, index) => {
    if (typeof value === 'number' && !Number.isFinite(value)) throw unstorable(index, `the prediction is ${value}`);
    return storable(JSON.stringify(value), index);
  });
  const probabilities = predictions.map(({ probability }) => probability ?? null);
  return [model, version, source, request ?? null, features, values, probabilities];
}

function storable(json: string, row: number): string {
  if (UNSTORABLE.test(json)) throw unstorable(row, 'a text holds a NUL or half a surrogate pair');
  return json;
}

function unstorable(row: number, why: string): MlError {
  return new MlError(
    'prediction_unstorable',
    `Row ${row} cannot be stored: ${why}. Check rows against the contract first.`,
  );
}

interface Insert {
  readonly batch: PredictionBatch;
  readonly values: readonly unknown[];
}

// One statement whatever the number of rows, and one time for all of them: the subquery is evaluated once.
const INSERT = `
  insert into predictions (at, model, model_version, source, request, row_number, features, prediction, probability)
  select (select clock_timestamp()), $1, $2::integer, $3, $4, given.number - 1, given.features::jsonb, given.prediction::jsonb, given.probability
    from unnest($5::text[], $6::text[], $7::float8[]) with ordinality as given (features, prediction, probability, number)
  returning id, at, row_number`;

async function insert(tx: Queryable, { batch, values }: Insert): Promise<StoredPrediction[]> {
  const { rows, predictions, model, version, source } = batch;
  if (rows.length === 0) return [];
  const inserted = await tx.query<{ id: string; at: Date; row_number: number }>(INSERT, values);
  const stored: StoredPrediction[] = new Array(rows.length);
  for (const { id, at, row_number: index } of inserted) {
    const prediction = predictions[index];
    stored[index] = toStored({
      id,
      at,
      source,
      model,
      model_version: version,
      features: rows[index] ?? {},
      prediction: prediction?.value ?? '',
      probability: prediction?.probability ?? null,
    });
  }
  return stored;
}
