import { foldCheckCounts } from '#contracts';
import { foldPredictionCounts, refreshPerformance } from '#ml';
import type { Database } from '#store';
import { after } from '../after.ts';
import { type Repeating, repeat } from '../repeat.ts';

export interface FoldingEffects {
  /** Calls back once after the delay; the result cancels. */
  after(delayMs: number, callback: () => void): () => void;
  /** Called when a query fails; folding continues by itself. */
  onError(error: unknown): void;
}

/** Pause between two folds: counts that arrive in it are read by each panel. */
const PAUSE_MS = 10_000;

const EFFECTS: FoldingEffects = {
  after,
  onError: () => {},
};

/**
 * Folds the counts of predictions and of checks, and computes again what labels say of predictions, at once and again
 * after each pause, until stopped.
 */
export function startFolding(database: Database, effects: Partial<FoldingEffects> = {}): Repeating {
  const { after: wait, onError } = { ...EFFECTS, ...effects };
  const fold = async (): Promise<void> => {
    // One after the other, and each though the other fails.
    await foldPredictionCounts(database).catch(onError);
    await refreshPerformance(database).catch(onError);
    await foldCheckCounts(database).catch(onError);
  };
  return repeat(fold, { pauseMs: PAUSE_MS, after: wait });
}
