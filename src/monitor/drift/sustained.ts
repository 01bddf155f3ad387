import { MonitorError } from '../errors.ts';
import type { DriftScore } from './evaluate-drift.ts';

/** A comparison that drifted in enough of the latest windows. */
export interface SustainedDrift extends Pick<DriftScore, 'column' | 'kind'> {
  readonly windows: number;
}

/** The verdicts of one window. */
export interface WindowVerdicts {
  readonly scores: readonly Pick<DriftScore, 'column' | 'kind' | 'verdict'>[];
}

/** What drifted in at least `k` of the last `n` windows, newest last, so that a single window raises no alert. */
export function sustainedDrift(
  windows: readonly WindowVerdicts[],
  { k, n }: { readonly k: number; readonly n: number },
): readonly SustainedDrift[] {
  if (!Number.isInteger(k) || !Number.isInteger(n) || k < 1 || n < k) {
    throw new MonitorError('drift_invalid', `Expected whole numbers with 1 ≤ k ≤ n, got ${k} of ${n} windows.`);
  }
  const counted = new Map<string, SustainedDrift>();
  for (const { column, kind, verdict } of windows.slice(-n).flatMap(({ scores }) => scores)) {
    if (verdict !== 'drifted') continue;
    const id = JSON.stringify([column, kind]);
    counted.set(id, { column, kind, windows: (counted.get(id)?.windows ?? 0) + 1 });
  }
  return [...counted.values()].filter((drift) => drift.windows >= k);
}
