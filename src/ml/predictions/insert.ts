import { type Database, isStorableJson, isStorableText, prepared } from '#store';
import { MlError } from '../errors.ts';
import { type FeatureRow, type Prediction, ROW_ID_LENGTH_MAX, type RowIdentity, type Source } from '../prediction.ts';
import { type PredictionRow, type StoredPrediction, toStored } from './stored.ts';

export interface RequestPredictions {
  readonly rows: readonly FeatureRow[];
  readonly predictions: readonly Prediction[];
  /** Which row each of them is; absent when none of them says so. */
  readonly identities?: readonly RowIdentity[] | undefined;
  /** Idempotency key: the same key with the same body stores nothing twice. Needs `bodyDigest`. */
  readonly request?: string | undefined;
  readonly bodyDigest?: string | undefined;
  /** How long the request took until its rows were predicted; null where nobody measured it. */
  readonly latencyMs?: number | undefined;
}

/** Predictions of several requests by one model version, stored together. */
export interface PredictionGroup {
  readonly model: string;
  readonly version: number;
  readonly source: Source;
  readonly requests: readonly RequestPredictions[];
  /** Stores nothing unless the version is still the champion of its model. Default: false. */
  readonly whileChampion?: boolean;
}

function storable(json: string, row: number): string {
  if (!isStorableJson(json)) throw unstorable(row, 'a text holds a NUL or half a surrogate pair');
  return json;
}

function storableId(rowId: string | undefined, row: number): string | null {
  if (rowId === undefined) return null;
  if (rowId.length > ROW_ID_LENGTH_MAX * 2 || [...rowId].length > ROW_ID_LENGTH_MAX)
    throw unstorable(row, `its id has more than ${ROW_ID_LENGTH_MAX} characters`);
  if (!isStorableText(rowId)) throw unstorable(row, 'its id holds a NUL or half a surrogate pair');
  return rowId;
}

function unstorable(row: number, why: string): MlError {
  return new MlError(
    'prediction_unstorable',
    `Row ${row} cannot be stored: ${why}. Check rows against the contract first.`,
  );
}

// One statement for any number of rows and keys, and one time for all of them, so that keys and predictions go together.
// Keys are claimed in their order, so that two groups with the same keys wait for each other in one direction only; a
// key that another transaction has claimed is waited for, and left out once that has committed.
const INSERT = prepared(
  'insert_predictions',
  `
  with moment as materialized (select clock_timestamp() as at),
  allowed as (
    select where not $4::boolean
      or $2::integer = (select version from promotions where model = $1 and alias = 'champion' order by id desc limit 1)),
  claimed as (
    insert into prediction_requests (request, body_digest, at)
    select request, digest, at from allowed, moment, unnest($5::text[], $6::text[]) as asked (request, digest) order by request
    on conflict (request) do nothing
    returning request)
  insert into predictions (at, model, model_version, source, request, row_number, row_id, row_time, features, prediction, probability,
                           probabilities, latency_ms)
  select at, $1, $2::integer, $3, request, row_number, row_id, row_time, features::jsonb, prediction::jsonb, probability,
         probabilities::jsonb, latency_ms
    from allowed, moment, unnest($7::text[], $8::integer[], $9::text[], $10::timestamptz[], $11::text[], $12::text[], $13::float8[],
                                 $14::text[], $15::float8[])
      as given (request, row_number, row_id, row_time, features, prediction, probability, probabilities, latency_ms)
   where request is null or request in (select request from claimed)
  returning id, at, request, row_number`,
);

interface InsertedRow {
  readonly id: string;
  readonly at: Date;
  readonly request: string | null;
  readonly row_number: number;
}

/** One row of the statement: the index of its request, and of the row in it. */
interface Place {
  readonly index: number;
  readonly row: number;
  readonly request: RequestPredictions;
  /** Rows without a key count through the group, so that what the server gives back finds its way. */
  readonly number: number;
}

/** Stores the requests at the given indexes; the results are by index, and empty for requests whose key is taken. */
export async function insertPredictions(
  database: Database,
  group: PredictionGroup,
  stored: readonly number[],
): Promise<ReadonlyMap<number, StoredPrediction[]>> {
  const { model, version, source, requests, whileChampion = false } = group;
  const places = placesOf(requests, stored);
  const asked = stored.flatMap((index) => requests[index] ?? []).filter(({ request }) => request !== undefined);
  const answers = new Map<number, StoredPrediction[]>(stored.map((index) => [index, []]));
  if (places.length === 0 && asked.length === 0) return answers;
  const rows = await database.query<InsertedRow>(INSERT, [
    ...[model, version, source, whileChampion],
    ...[asked.map(({ request }) => request), asked.map(({ bodyDigest }) => bodyDigest)],
    ...columnsOf(places),
  ]);
  const byKey = new Map(places.map((place) => [keyOf(place.request.request ?? null, place.number), place]));
  for (const { id, at, request, row_number: number } of rows) {
    const place = byKey.get(keyOf(request, number));
    const answer = place && answers.get(place.index);
    if (place === undefined || answer === undefined) continue;
    answer[place.row] = toAnswer(place, { id, at, source, model, model_version: version });
  }
  return answers;
}

const keyOf = (request: string | null, number: number): string => `${number} ${request ?? ''}`;

function placesOf(requests: readonly RequestPredictions[], stored: readonly number[]): readonly Place[] {
  let count = 0;
  return stored.flatMap((index) => {
    const request = requests[index];
    if (request === undefined) return [];
    const start = request.request === undefined ? count : 0;
    count += request.rows.length;
    return request.rows.map((_, row) => ({ index, row, request, number: start + row }));
  });
}

function columnsOf(places: readonly Place[]): readonly unknown[] {
  const predictionOf = ({ request, row }: Place): Prediction => request.predictions[row] ?? { value: '' };
  return [
    places.map(({ request }) => request.request ?? null),
    places.map(({ number }) => number),
    places.map(({ request, row }) => storableId(request.identities?.[row]?.rowId, row)),
    places.map(({ request, row }) => request.identities?.[row]?.rowTime ?? null),
    places.map(({ request, row }) => storable(JSON.stringify(request.rows[row]), row)),
    places.map((place) => {
      const { value } = predictionOf(place);
      if (typeof value === 'number' && !Number.isFinite(value))
        throw unstorable(place.row, `the prediction is ${value}`);
      return storable(JSON.stringify(value), place.row);
    }),
    places.map((place) => predictionOf(place).probability ?? null),
    places.map((place) => {
      const { probabilities } = predictionOf(place);
      return probabilities === undefined ? null : storable(JSON.stringify(probabilities), place.row);
    }),
    places.map(({ request }) => request.latencyMs ?? null),
  ];
}

function toAnswer(
  { request, row }: Place,
  stored: Pick<PredictionRow, 'id' | 'at' | 'source' | 'model' | 'model_version'>,
): StoredPrediction {
  const prediction = request.predictions[row];
  const identity = request.identities?.[row];
  return toStored({
    ...stored,
    row_id: identity?.rowId ?? null,
    row_time: identity?.rowTime ?? null,
    features: request.rows[row] ?? {},
    prediction: prediction?.value ?? '',
    probability: prediction?.probability ?? null,
    probabilities: prediction?.probabilities ?? null,
    latency_ms: request.latencyMs ?? null,
  });
}
