import type { Database } from '#store';
import { shareOf } from '../evaluation/share-of.ts';

/** A prediction with its newest label, as read row by row. */
export interface Row {
  readonly at: Date;
  readonly version: number;
  readonly prediction: string | number;
  readonly probability: number | null;
  readonly label: string | number | null;
}

/** All predictions with their labels, by the plainest query. */
export async function readRows(database: Database, model: string): Promise<readonly Row[]> {
  return database.query<Row>(
    `select at, model_version as version, prediction, probability,
            (select value from labels l where l.model = p.model and (l.row_id = p.row_id or l.prediction_id = p.id)
              order by observed_at desc, id desc limit 1) as label
       from predictions p where model = $1 order by id`,
    [model],
  );
}

export interface Curve {
  readonly class: string;
  readonly confidence: readonly number[];
  readonly correct: readonly number[];
}

/** The mean of the calibrated probability, prediction by prediction. */
export function estimatedAccuracy(rows: readonly Row[], curves: ReadonlyMap<number, readonly Curve[]>): number {
  const shares = rows.flatMap(({ version, prediction, probability }) => {
    const curve = curves.get(version)?.find((each) => each.class === prediction);
    return curve === undefined || probability === null
      ? []
      : [shareOf({ xs: curve.confidence, ys: curve.correct }, probability)];
  });
  return shares.reduce((sum, share) => sum + share, 0) / shares.length;
}

export function accuracyOf(rows: readonly Row[]): number {
  const known = rows.filter(({ label }) => label !== null);
  return known.filter(({ prediction, label }) => prediction === label).length / known.length;
}
