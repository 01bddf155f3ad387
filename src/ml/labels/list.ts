import { type PagedList, type Queryable, readPage } from '#store';
import type { LabelSource } from './store.ts';

export interface LabelQuery {
  readonly model: string;
  /** Labels of this row only, those that came by the id of a prediction of it included. */
  readonly rowId?: string;
  /** `nextCursor` of the page before. */
  readonly cursor?: string;
  readonly limit: number;
}

/** A label as it is stored. */
export interface StoredLabel {
  readonly id: string;
  readonly rowId: string | null;
  /** Of a prediction whose row has no id. */
  readonly predictionId: string | null;
  readonly value: string | number | boolean;
  readonly observedAt: string;
  readonly receivedAt: string;
  readonly source: LabelSource;
  /** Whether no other label of the row counts instead. */
  readonly isCurrent: boolean;
}

interface LabelRow extends Omit<StoredLabel, 'observedAt' | 'receivedAt'> {
  readonly observedAt: Date;
  readonly receivedAt: Date;
}

const LABELS: PagedList<'received'> = {
  name: 'labels',
  table: 'labels',
  columns: `id::text, row_id as "rowId", prediction_id::text as "predictionId", value, observed_at as "observedAt",
    received_at as "receivedAt", source,
    not exists (select from labels n where n.model = labels.model
      and (n.row_id = labels.row_id or (labels.row_id is null and n.prediction_id = labels.prediction_id))
      and (n.observed_at, n.id) > (labels.observed_at, labels.id)) as "isCurrent"`,
  id: { sql: 'labels.id', type: 'bigint' },
  orders: { received: { sql: 'labels.received_at', type: 'timestamptz' } },
  sort: '-received',
  text: "concat_ws(' ', row_id, prediction_id, value::text)",
};

/** Labels by when they came, newest first, a page at a time. */
export async function listLabels(queryable: Queryable, { model, rowId, cursor, limit }: LabelQuery) {
  const { items, nextCursor } = await readPage<LabelRow, 'received'>(queryable, LABELS, {
    request: { equal: { 'labels.model': model, 'labels.row_id': rowId }, cursor, limit },
  });
  return { items: items.map(toStored), nextCursor };
}

function toStored({ observedAt, receivedAt, ...label }: LabelRow): StoredLabel {
  return { ...label, observedAt: observedAt.toISOString(), receivedAt: receivedAt.toISOString() };
}
