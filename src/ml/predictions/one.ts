import type { Queryable } from '#store';
import { labelSql } from '../labels/read.ts';
import { PREDICTION_COLUMNS, type PredictionRow, type StoredPrediction, toStored } from './stored.ts';

/** A prediction with everything that is known of it. */
export interface PredictionDetail extends StoredPrediction {
  /** Idempotency key of the request that it is of. */
  readonly request?: string;
  /** Which row of its request it is, from 0. */
  readonly rowNumber: number;
  /** All labels of its row, the one that counts first. */
  readonly labels: readonly PredictionLabel[];
}

export interface PredictionLabel {
  readonly value: string | number | boolean;
  readonly observedAt: string;
  readonly receivedAt: string;
  readonly source: string;
}

interface DetailRow extends PredictionRow {
  readonly request: string | null;
  readonly row_number: number;
}

interface LabelRow extends Record<'observed_at' | 'received_at', Date> {
  readonly value: string | number | boolean;
  readonly source: string;
}

/** Of a row that is corrected again and again. */
const LABELS_MAX = 100;

// An id alone: each partition has an index of its ids, and none is read otherwise.
const BY_ID = `
  select page.*, label.value as actual, label.observed_at
    from (select ${PREDICTION_COLUMNS}, request, row_number from predictions where id = $1::bigint limit 1) as page
    left join lateral (${labelSql('page')}) as label on true`;

// As in `labelSql`: one query for each of the two indexes.
const LABELS = `
  select value, observed_at, received_at, source from (
    select * from labels where model = $1 and row_id = $2
    union all select * from labels where model = $1 and prediction_id = $3::bigint) as found
  order by observed_at desc, id desc limit ${LABELS_MAX}`;

/** The prediction with an id; undefined when there is none, or no longer. */
export async function findPrediction(queryable: Queryable, id: string): Promise<PredictionDetail | undefined> {
  const [row] = await queryable.query<DetailRow & Record<string, unknown>>(BY_ID, [id]);
  if (row === undefined) return undefined;
  const { request, row_number: rowNumber, ...prediction } = row;
  const labels = await queryable.query<LabelRow & Record<string, unknown>>(LABELS, [row.model, row.row_id, id]);
  return {
    ...toStored(prediction),
    ...(request === null ? {} : { request }),
    rowNumber,
    labels: labels.map(({ value, source, ...label }) => ({
      value,
      observedAt: label.observed_at.toISOString(),
      receivedAt: label.received_at.toISOString(),
      source,
    })),
  };
}
