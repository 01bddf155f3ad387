import { maybePosition, momentSql, type Queryable, toPage } from '#store';
import { MlError } from '../errors.ts';
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
  readonly moment: string;
}

const LIST = `
  select l.id::text, l.row_id as "rowId", l.prediction_id::text as "predictionId", l.value, l.observed_at as "observedAt",
         l.received_at as "receivedAt", l.source, ${momentSql('l.received_at')} as moment,
         not exists (select from labels n where n.model = l.model
           and (n.row_id = l.row_id or (l.row_id is null and n.prediction_id = l.prediction_id))
           and (n.observed_at, n.id) > (l.observed_at, l.id)) as "isCurrent"
    from labels l
   where l.model = $1 and ($2::text is null or l.row_id = $2)
     and ($3::timestamptz is null or (l.received_at, l.id) < ($3, $4::bigint))
   order by l.received_at desc, l.id desc limit $5`;

/** Labels by when they came, newest first, a page at a time. */
export async function listLabels(queryable: Queryable, { model, rowId, cursor, limit }: LabelQuery) {
  const position = cursor === undefined ? undefined : maybePosition(cursor, 'number');
  if (cursor !== undefined && position === undefined)
    throw new MlError('cursor_invalid', `"${cursor.slice(0, 80)}" is no cursor of labels. Start without one.`);
  const rows = await queryable.query<LabelRow>(LIST, [
    ...[model, rowId ?? null, position?.moment ?? null, position?.id ?? null],
    limit + 1,
  ]);
  const { items, nextCursor } = toPage(rows, { limit, positionOf: (row) => row });
  return { items: items.map(toStored), nextCursor };
}

function toStored({ moment: _, observedAt, receivedAt, ...label }: LabelRow): StoredLabel {
  return { ...label, observedAt: observedAt.toISOString(), receivedAt: receivedAt.toISOString() };
}
