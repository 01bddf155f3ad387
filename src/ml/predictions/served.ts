import type { Queryable } from '#store';
import type { FeatureRow } from '../prediction.ts';

/** A prediction with its row, as it was served. */
export interface ServedRow {
  readonly id: string;
  readonly features: FeatureRow;
  /** The value of the column with role `time`; null when the row came without one. */
  readonly rowTime: Date | null;
  readonly value: string | number;
  readonly probability: number | null;
}

export interface ServedQuery {
  readonly model: string;
  readonly version: number;
  /** Included. */
  readonly from: Date;
  /** Not included. */
  readonly to: Date;
  /** How many predictions there are about. */
  readonly rows: number;
  readonly rowsMax: number;
}

/** Predictions that a version made in some time; of more than `rowsMax` an even part of them, always the same. */
export function servedRows(
  queryable: Queryable,
  { model, version, from, to, rows, rowsMax }: ServedQuery,
): Promise<readonly ServedRow[]> {
  return queryable.query<ServedRow>(
    `select id::text, features, row_time as "rowTime", prediction as value, probability from predictions
      where model = $1 and model_version = $2 and at >= $3 and at < $4 and id % $5 = 0 order by at, id`,
    [model, version, from, to, Math.max(1, Math.ceil(rows / rowsMax))],
  );
}
