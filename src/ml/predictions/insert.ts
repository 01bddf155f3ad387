import { type Database, isStorableJson, isStorableText, prepared } from '#store';
import { MlError } from '../errors.ts';
import { ROW_ID_LENGTH_MAX, type RowIdentity, type Source } from '../prediction.ts';
import { type PredictedRows, type StoredPrediction, toMade } from './stored.ts';

export interface RequestPredictions extends PredictedRows {
  /** Idempotency key: the same key with the same body stores nothing twice. Needs `bodyDigest`. */
  readonly request?: string | undefined;
  readonly bodyDigest?: string | undefined;
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

// One time for all rows, and one statement for any number of rows, so that it is one transaction. The values come as
// JSON lists: PostgreSQL reads these faster than arrays of texts, and this process writes them many times faster. A list
// of ids or times that is null gives nulls.
const ALLOWED = `not $4::boolean
    or $2::integer = (select version from promotions where model = $1 and alias = 'champion' order by id desc limit 1)`;
const COLUMNS = `at, model, model_version, source, request, row_number, row_id, row_time, features, prediction, probability,
  probabilities, latency_ms`;
const VALUES = `jsonb_array_elements($5::jsonb), jsonb_array_elements($6::jsonb), unnest($7::float8[]),
  jsonb_array_elements($8::jsonb), unnest($9::float8[]), unnest($10::text[]), unnest($11::timestamptz[])`;
const VALUE_NAMES = 'features, prediction, probability, probabilities, latency_ms, row_id, row_time';
const toValue = (name: string): string => `nullif(${name}, 'null')`;

const INSERT = prepared(
  'insert_predictions',
  `
  with moment as materialized (select clock_timestamp() as at),
  stored as (
    insert into predictions (${COLUMNS})
    select at, $1, $2::integer, $3, null, (number - 1)::integer, row_id, row_time, features, prediction, probability,
           ${toValue('probabilities')}, latency_ms
      from moment, rows from (${VALUES}) with ordinality as given (${VALUE_NAMES}, number)
     where ${ALLOWED}
    returning id, row_number)
  select null as request, (select at from moment) as at, string_agg(id::text, ',' order by row_number) as ids from stored`,
);

// Keys are claimed in their order, so that two groups with the same keys wait for each other in one direction only; a
// key that another transaction has claimed is waited for, and left out once that has committed.
const INSERT_WITH_KEYS = prepared(
  'insert_predictions_with_keys',
  `
  with moment as materialized (select clock_timestamp() as at),
  claimed as (
    insert into prediction_requests (request, body_digest, at)
    select request, digest, at from moment, unnest($12::text[], $13::text[]) as asked (request, digest)
     where ${ALLOWED} order by request
    on conflict (request) do nothing
    returning request),
  stored as (
    insert into predictions (${COLUMNS})
    select at, $1, $2::integer, $3, request, number, row_id, row_time, features, prediction, probability,
           ${toValue('probabilities')}, latency_ms
      from moment, rows from (${VALUES}, unnest($14::text[]), unnest($15::integer[])) as given (${VALUE_NAMES}, request, number)
     where (${ALLOWED}) and (request is null or request in (select request from claimed))
    returning id, request, row_number)
  select request, (select at from moment) as at, string_agg(id::text, ',' order by row_number) as ids from stored group by request`,
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
  database: Database,
  group: PredictionGroup,
  indexes: readonly number[],
): Promise<ReadonlyMap<number, StoredPrediction[]>> {
  const { model, version, source, requests, whileChampion = false } = group;
  const stored = indexes.flatMap((index) => requests[index] ?? []);
  const keyed = stored.filter(({ request }) => request !== undefined);
  const values = [model, version, source, whileChampion, ...columnsOf(stored)];
  const rows =
    keyed.length === 0
      ? await maybeInsert(database, stored, values)
      : await database.query<Inserted>(INSERT_WITH_KEYS, [...values, ...keysOf(keyed, stored)]);
  return answersOf(group, indexes, rows);
}

async function maybeInsert(database: Database, stored: readonly RequestPredictions[], values: readonly unknown[]) {
  return stored.every(({ rows }) => rows.length === 0) ? [] : database.query<Inserted>(INSERT, values);
}

function keysOf(keyed: readonly RequestPredictions[], stored: readonly RequestPredictions[]): readonly unknown[] {
  let unkeyed = 0;
  return [
    keyed.map(({ request }) => request),
    keyed.map(({ bodyDigest }) => bodyDigest),
    stored.flatMap(({ rows, request }) => rows.map(() => request ?? null)),
    stored.flatMap(({ rows, request }) => rows.map((_, row) => (request === undefined ? unkeyed++ : row))),
  ];
}

function columnsOf(stored: readonly RequestPredictions[]): readonly unknown[] {
  const predictions = stored.flatMap((request) => request.predictions);
  const identities = stored.some((request) => request.identities !== undefined)
    ? stored.flatMap((request) => request.identities ?? request.rows.map(() => UNNAMED))
    : [];
  const texts = [
    stored.flatMap(({ rows }) => rows),
    predictions.map(({ value }, row) => finite(value, row)),
    predictions.map(({ probabilities }) => probabilities ?? null),
  ].map((values) => storable(values));
  const [features, values, probabilities] = texts;
  return [
    ...[features, values],
    numbers(predictions.map(({ probability }) => probability)),
    probabilities,
    numbers(stored.flatMap(({ rows, latencyMs }) => rows.map(() => latencyMs))),
    orNull(identities.map(({ rowId }, row) => storableId(rowId, row))),
    orNull(identities.map(({ rowTime }) => rowTime ?? null)),
  ];
}

const UNNAMED: RowIdentity = {};

/** A list of PostgreSQL, written many times faster than the client does. */
const numbers = (values: readonly (number | undefined)[]): string => `{${values.map((each) => each ?? 'null').join()}}`;

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
