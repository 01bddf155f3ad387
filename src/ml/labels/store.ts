import { type Database, isStorableJson, type Queryable } from '#store';
import { MlError } from '../errors.ts';

/** Who sent labels. */
export type LabelSource = 'api' | 'webapp' | 'file' | 'ingest' | 'cli';

/** What really happened to one row: by the row's own id, or by the id of a prediction that was made for it. */
export interface GivenLabel {
  readonly rowId?: string | undefined;
  readonly predictionId?: string | undefined;
  readonly value: string | number | boolean;
  /** When it was so; the time it came when absent. */
  readonly observedAt?: Date | undefined;
}

export interface StoreLabels {
  readonly model: string;
  readonly source: LabelSource;
  readonly labels: readonly GivenLabel[];
}

/** What became of labels that were sent. */
export interface StoredLabels {
  /** Labels of rows that had none. */
  readonly added: number;
  /** Labels that differ from the one that was known; both are kept, and the newer counts. */
  readonly corrected: number;
  /** Labels that were known already: nothing is stored twice. */
  readonly unchanged: number;
}

// A prediction knows the id of its row, so that a label by prediction counts for all predictions of that row. A subquery
// rather than a join: no statistics say that an id is unique over all partitions, and a join could read all predictions.
const INSERT = `
  with given as (
    select g.position, coalesce(g.row_id, p.row_id) as row_id,
           case when coalesce(g.row_id, p.row_id) is null then g.prediction_id end as prediction_id,
           g.value::jsonb as value, coalesce(g.observed_at, clock_timestamp()) as observed_at, g.observed_at is not null as is_dated
      from unnest($3::integer[], $4::text[], $5::bigint[], $6::text[], $7::timestamptz[])
             as g (position, row_id, prediction_id, value, observed_at)
      left join lateral (select row_id from predictions p where p.id = g.prediction_id limit 1) as p on true),
  ordered as (
    select *, lag(value) over (partition by row_id, prediction_id order by observed_at, position) as before from given),
  compared as (
    select l.*, coalesce(l.before, k.value) as known from ordered l left join lateral (
      select value from labels k
       where k.model = $1 and (k.row_id = l.row_id or (l.row_id is null and k.prediction_id = l.prediction_id))
         and (not l.is_dated or k.observed_at <= l.observed_at or k.value = l.value)
       order by k.observed_at desc, k.id desc limit 1) k on true),
  inserted as (
    insert into labels (model, row_id, prediction_id, value, observed_at, source)
    select $1, row_id, prediction_id, value, observed_at, $2 from compared where known is distinct from value
    order by position)
  select count(*) filter (where known is null)::integer as added,
         count(*) filter (where known is not null and known <> value)::integer as corrected
    from compared`;

/**
 * Stores labels, all or none. The same label again changes nothing; another value for the same row is a correction, and
 * both are kept with their times. Throws an MlError `labels_refused` for a label that names neither a row nor a prediction
 * that exists, `prediction_unknown` for an id that no prediction has.
 */
export async function storeLabels(database: Database, { model, source, labels }: StoreLabels): Promise<StoredLabels> {
  return database.transaction(async (tx) => {
    const { unknown, ...stored } = await storeKnownLabels(tx, { model, source, labels });
    const [first] = unknown;
    if (first === undefined) return stored;
    throw new MlError(
      'prediction_unknown',
      `There is no prediction ${first.predictionId} of ${model}. Nothing was stored; send labels by the id of their row, or correct the id.`,
    );
  });
}

/** The same in a transaction, of the labels that do not name a prediction that does not exist; those are returned. */
export async function storeKnownLabels(
  tx: Queryable,
  { model, source, labels }: StoreLabels,
): Promise<StoredLabels & { readonly unknown: readonly GivenLabel[] }> {
  if (labels.length === 0) return { added: 0, corrected: 0, unchanged: 0, unknown: [] };
  assertNamed(labels);
  // One at a time for a model: two senders of one row would both find it without a label.
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`labels of ${model}`]);
  const missing = await unknownPredictions(tx, { model, labels });
  const isKnown = ({ predictionId }: GivenLabel): boolean => predictionId === undefined || !missing.has(predictionId);
  const known = labels.filter(isKnown);
  const [counts] = await tx.query<{ added: number; corrected: number }>(INSERT, [
    model,
    source,
    known.map((_, index) => index),
    known.map(({ rowId }) => rowId ?? null),
    known.map(({ predictionId }) => predictionId ?? null),
    known.map(({ value }) => JSON.stringify(value)),
    known.map(({ observedAt }) => observedAt ?? null),
  ]);
  const { added, corrected } = counts ?? { added: 0, corrected: 0 };
  const unknown = labels.filter((label) => !isKnown(label));
  return { added, corrected, unchanged: known.length - added - corrected, unknown };
}

const PREDICTION_ID = /^[1-9]\d{0,17}$/;

function assertNamed(labels: readonly GivenLabel[]): void {
  for (const [index, { rowId, predictionId, value }] of labels.entries()) {
    if ((rowId === undefined) === (predictionId === undefined))
      throw invalid(index, 'expected either the id of a row or the id of a prediction');
    if (predictionId !== undefined && !PREDICTION_ID.test(predictionId))
      throw invalid(index, `expected the id of a prediction, a whole number; got ${JSON.stringify(predictionId)}`);
    if (!isStorableJson(JSON.stringify([rowId ?? '', value])))
      throw invalid(index, 'a text holds a NUL or half a surrogate pair');
  }
}

const invalid = (index: number, why: string): MlError =>
  new MlError('labels_refused', `Label ${index}: ${why}. Nothing was stored; correct it and send all labels again.`);

async function unknownPredictions(
  queryable: Queryable,
  { model, labels }: Pick<StoreLabels, 'model' | 'labels'>,
): Promise<ReadonlySet<string>> {
  const ids = labels.flatMap(({ predictionId }) => predictionId ?? []);
  if (ids.length === 0) return new Set();
  const missing = await queryable.query<{ id: string }>(
    `select g.id::text from unnest($2::bigint[]) as g (id)
      left join lateral (select p.model from predictions p where p.id = g.id limit 1) as p on true
      where p.model is distinct from $1`,
    [model, ids],
  );
  return new Set(missing.map(({ id }) => id));
}
