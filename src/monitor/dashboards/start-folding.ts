import { foldCheckCounts } from '#contracts';
import { foldPredictionCounts, refreshPerformance } from '#ml';
import type { Database } from '#store';
import { after } from '../after.ts';

export interface FoldingEffects {
  /** Calls back once after the delay; the result cancels. */
  after(delayMs: number, callback: () => void): () => void;
  /** Called when a query fails; folding continues by itself. */
  onError(error: unknown): void;
}

export interface Folding {
  /** Ends it, once the fold in progress has ended. */
  stop(): Promise<void>;
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
export function startFolding(database: Database, effects: Partial<FoldingEffects> = {}): Folding {
  const { after: wait, onError } = { ...EFFECTS, ...effects };
  let isStopped = false;
  let cancel = (): void => {};
  const fold = async (): Promise<void> => {
    // One after the other, and each though the other fails.
    await foldPredictionCounts(database).catch(onError);
    await refreshPerformance(database).catch(onError);
    await foldCheckCounts(database).catch(onError);
    if (!isStopped) cancel = wait(PAUSE_MS, next);
  };
  let folding = fold();
  function next(): void {
    folding = fold();
  }
  return {
    stop: async () => {
      isStopped = true;
      cancel();
      await folding;
    },
  };
}
