import type { FeatureRow, RowIdentity } from '#ml';

/** The clocks of predictions. */
export interface PredictEffects {
  /** The time of rows that have none. */
  readonly now: () => Date;
  /** Measures how long a prediction takes; never set back. */
  readonly monotonicMs: () => number;
}

export const REAL_EFFECTS: PredictEffects = { now: () => new Date(), monotonicMs: () => performance.now() };

interface Dating extends Pick<PredictEffects, 'now'> {
  /** The column that dates a row; absent when the contract has none. */
  readonly timeColumn?: string | undefined;
}

interface Rows {
  readonly rows: readonly FeatureRow[];
  readonly identities?: readonly RowIdentity[] | undefined;
}

/** The rows with their time, which a model may read; a row without one gets the present time. */
export function datedRows({ rows, identities }: Rows, { timeColumn, now }: Dating): readonly FeatureRow[] {
  if (timeColumn === undefined) return rows;
  const at = now();
  return rows.map((row, index) => ({ ...row, [timeColumn]: (identities?.[index]?.rowTime ?? at).toISOString() }));
}

/** Milliseconds since a moment of the monotonic clock, to the microsecond. */
export function sinceMs(startedMs: number, { monotonicMs }: Pick<PredictEffects, 'monotonicMs'>): number {
  return Math.round((monotonicMs() - startedMs) * 1000) / 1000;
}
