import { isStorableJson, isStorableText, prepared, type Queryable } from '#store';
import { MlError } from '../errors.ts';
import { ROW_ID_LENGTH_MAX, type RowIdentity, type Source } from '../prediction.ts';
import { maybeClassCounts } from './count.ts';
import { type PredictedRows, type StoredPrediction, toMade } from './stored.ts';

export interface RequestPredictions extends PredictedRows {
  /** Idempotency key: the same key with the same body stores nothing twice. Needs `bodyDigest`. */
  readonly request?: string | undefined;
  readonly bodyDigest?: string | undefined;
  /** Rows of the request that this transaction has stored before, with its key. Default: 0. */
  readonly rowsBefore?: number;
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

// One time for all rows of a transaction, and one statement for any number of rows. The values come as JSON lists:
// PostgreSQL reads these faster than arrays of texts, and this process writes them many times faster. A list of ids or
// times that is null gives nulls. Ids are taken in the order of the rows.
const ALLOWED = `not $4::boolean
    or $2::integer = (select version from promotions where model = $1 and alias = 'champion' order by id desc limit 1)`;
const COLUMNS = `at, model, model_version, source, request, row_number, row_id, row_time, features, prediction, probability,
  probabilities, latency_ms, coerced`;
const VALUES = `jsonb_array_elements($5::jsonb), jsonb_array_elements($6::jsonb), unnest($7::float8[]),
  jsonb_array_elements($8::jsonb), unnest($9::float8[]), unnest($10::text[]), unnest($11::timestamptz[]), unnest($12::integer[]),
  jsonb_array_elements($13::jsonb)`;
const VALUE_NAMES = 'features, prediction, probability, probabilities, latency_ms, row_id, row_time, number, coerced';
const PROBABILITIES = `nullif(probabilities, 'null')`;
const COERCED = `nullif(coerced, 'null')`;
const moment = (areCounted: 'yes' | 'no'): string =>
  `moment as materialized (select now() as at, set_config('weir.predictions_are_counted', '${areCounted}', true))`;

/** For classes, which are counted here. */
const INSERT_COUNTED = prepared(
  'insert_counted_predictions',
  `
  with ${moment('yes')},
  stored as (
    insert into predictions (${COLUMNS})
    select at, $1, $2::integer, $3, null, number, row_id, row_time, features, prediction, probability, ${PROBABILITIES}, latency_ms, ${COERCED}
      from moment, rows from (${VALUES}) as given (${VALUE_NAMES})
     where ${ALLOWED}
    returning id),
  counted as (
    insert into prediction_counts_arrived (minute, model, model_version, source, prediction, confidence, number)
    select date_trunc('minute', at), $1, $2::integer, $3, prediction, confidence, number
      from moment, unnest($14::text[], $15::smallint[], $16::bigint[]) as counts (prediction, confidence, number)
     where exists (select from stored))
  select null as request, (select at from moment) as at, string_agg(id::text, ',' order by id) as ids from stored`,
);

// Keys are claimed in their order, so that two groups with the same keys wait for each other in one direction only; a
// key that another transaction has claimed is waited for, and left out once that has committed.
const INSERT = prepared(
  'insert_predictions',
  `
  with ${moment('no')},
  claimed as (
    insert into prediction_requests (request, body_digest, at)
    select request, digest, at from moment, unnest($14::text[], $15::text[]) as asked (request, digest)
     where ${ALLOWED} order by request
    on conflict (request) do nothing
    returning request),
  stored as (
    insert into predictions (${COLUMNS})
    select at, $1, $2::integer, $3, request, number, row_id, row_time, features, prediction, probability, ${PROBABILITIES}, latency_ms, ${COERCED}
      from moment, rows from (${VALUES}, unnest($16::text[])) as given (${VALUE_NAMES}, request)
     where (${ALLOWED}) and (request is null or request in (select request from claimed) or request = any($17::text[]))
    returning id, request)
  select request, (select at from moment) as at, string_agg(id::text, ',' order by id) as ids from stored group by request`,
);

/** What was stored of a request with a key, or of all those without. */
interface Inserted {
  readonly request: string | null;
  readonly at: Date;
  /** In the order of the rows, with commas; null when nothing was stored. */
  readonly ids: string | null;
}

/** Stores the requests at the given indexes; the results are by index, and empty for requests whose key is taken. */
export async function insertPredictions(
  database: Queryable,
  group: PredictionGroup,
  indexes: readonly number[],
): Promise<ReadonlyMap<number, StoredPrediction[]>> {
  const { model, version, source, requests, whileChampion = false } = group;
  const stored = indexes.flatMap((index) => requests[index] ?? []);
  const hasKeys = stored.some(({ request }) => request !== undefined);
  if (!hasKeys && stored.every(({ rows }) => rows.length === 0)) return answersOf(group, indexes, []);
  const counts = hasKeys ? undefined : maybeClassCounts(stored.flatMap(({ predictions }) => predictions));
  const values = [model, version, source, whileChampion, ...columnsOf(stored)];
  const inserted =
    counts === undefined
      ? await database.query<Inserted>(INSERT, [...values, ...keysOf(stored)])
      : await database.query<Inserted>(INSERT_COUNTED, [
          ...values,
          ...[counts.classes, list(counts.confidences), list(counts.numbers)],
        ]);
  return answersOf(group, indexes, inserted);
}

/** Keys to claim with their digests, the key of each row, and keys that this transaction has claimed before. */
function keysOf(stored: readonly RequestPredictions[]): readonly unknown[] {
  const keyed = stored.filter(({ request }) => request !== undefined);
  const [news, before] = [
    keyed.filter(({ rowsBefore = 0 }) => rowsBefore === 0),
    keyed.filter(({ rowsBefore = 0 }) => rowsBefore > 0),
  ];
  return [
    news.map(({ request }) => request),
    news.map(({ bodyDigest }) => bodyDigest),
    stored.flatMap(({ rows, request }) => rows.map(() => request ?? null)),
    before.map(({ request }) => request),
  ];
}

function columnsOf(stored: readonly RequestPredictions[]): readonly unknown[] {
  const predictions = stored.flatMap((request) => request.predictions);
  const identities = stored.some((request) => request.identities !== undefined)
    ? stored.flatMap((request) => request.identities ?? request.rows.map(() => UNNAMED))
    : [];
  const coerced = stored.some((request) => request.coerced !== undefined)
    ? storable(stored.flatMap((request) => request.rows.map((_, row) => request.coerced?.[row] ?? null)))
    : null;
  const texts = [
    stored.flatMap(({ rows }) => rows),
    predictions.map(({ value }, row) => finite(value, row)),
    predictions.map(({ probabilities }) => probabilities ?? null),
  ].map((values) => storable(values));
  const [features, values, probabilities] = texts;
  return [
    ...[features, values],
    list(predictions.map(({ probability }) => probability)),
    probabilities,
    list(stored.flatMap(({ rows, latencyMs }) => rows.map(() => latencyMs))),
    orNull(identities.map(({ rowId }, row) => storableId(rowId, row))),
    orNull(identities.map(({ rowTime }) => rowTime ?? null)),
    list(stored.flatMap(({ rows, rowsBefore = 0 }) => rows.map((_, row) => rowsBefore + row))),
    coerced,
  ];
}

const UNNAMED: RowIdentity = {};

/** A list of numbers for PostgreSQL, written many times faster than the client does. */
const list = (values: readonly (number | null | undefined)[]): string =>
  `{${values.map((each) => each ?? 'null').join()}}`;

const orNull = <T>(values: readonly (T | null)[]): readonly (T | null)[] | null =>
  values.every((value) => value === null) ? null : values;

function finite(value: string | number, row: number): string | number {
  if (typeof value === 'number' && !Number.isFinite(value)) throw unstorable(row, `the prediction is ${value}`);
  return value;
}

/** A list as JSON. */
function storable(values: readonly unknown[]): string {
  const json = JSON.stringify(values);
  if (isStorableJson(json)) return json;
  const row = values.findIndex((value) => !isStorableJson(JSON.stringify(value)));
  throw unstorable(row, 'a text holds a NUL or half a surrogate pair');
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

function answersOf(
  { model, version, source, requests }: PredictionGroup,
  indexes: readonly number[],
  inserted: readonly Inserted[],
): ReadonlyMap<number, StoredPrediction[]> {
  const idsOf = new Map(inserted.map(({ request, ids }) => [request, ids?.split(',') ?? []]));
  const at = inserted[0]?.at.toISOString() ?? '';
  const modelVersion = `${model}@${version}`;
  let unkeyed = 0;
  return new Map(
    indexes.map((index) => {
      const request = requests[index] ?? { rows: [], predictions: [] };
      const start = request.request === undefined ? unkeyed : 0;
      if (request.request === undefined) unkeyed += request.rows.length;
      const ids = (idsOf.get(request.request ?? null) ?? []).slice(start, start + request.rows.length);
      return [index, ids.map((predictionId, row) => toMade({ predictionId, at, source, modelVersion }, request, row))];
    }),
  );
}
