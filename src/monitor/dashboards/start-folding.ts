import { foldCheckCounts } from '#contracts';
import { foldPredictionCounts, preparePredictions, refreshPerformance } from '#ml';
import type { Database } from '#store';
import { after } from '../after.ts';
import { type Repeating, repeat } from '../repeat.ts';
import { foldRunCounts } from './fold-run-counts.ts';
import type { RequestCounts } from './request-counts.ts';

export interface FoldingEffects {
  /** Calls back once after the delay; the result cancels. */
  after(delayMs: number, callback: () => void): () => void;
  /** Called when a query fails; folding continues by itself. */
  onError(error: unknown): void;
}

export interface FoldingOptions extends Partial<FoldingEffects> {
  /** For how many days predictions are kept, which says how wide their partitions are; null, the default, is forever. */
  readonly predictionDays?: number | null;
  /** The requests that a server of this process counts; none unless set. */
  readonly requestCounts?: Pick<RequestCounts, 'flush'>;
}

/** Pause between two folds: counts that arrive in it are read by each panel. */
const PAUSE_MS = 10_000;

/** Partitions are made for days ahead, so once an hour is often enough. */
const FOLDS_PER_PREPARATION = 360;

const EFFECTS: FoldingEffects = {
  after,
  onError: () => {},
};

/**
 * Folds the counts of predictions, of checks and of runs, adds those of requests, and computes again what labels say of
 * predictions, at once and again after each pause, until stopped. Each hour it makes the partitions that the next
 * predictions belong to.
 */
export function startFolding(database: Database, options: FoldingOptions = {}): Repeating {
  const { after: wait, onError, predictionDays = null, requestCounts } = { ...EFFECTS, ...options };
  let folds = 0;
  const fold = async (): Promise<void> => {
    // One after the other, and each though the other fails.
    if (folds % FOLDS_PER_PREPARATION === 0)
      await preparePredictions(database, { ageDaysMax: predictionDays }).catch(onError);
    folds += 1;
    await foldPredictionCounts(database).catch(onError);
    await refreshPerformance(database).catch(onError);
    await foldCheckCounts(database).catch(onError);
    await foldRunCounts(database).catch(onError);
    await requestCounts?.flush(database).catch(onError);
  };
  const folding = repeat(fold, { pauseMs: PAUSE_MS, after: wait });
  return {
    stop: async () => {
      await folding.stop();
      await requestCounts?.flush(database).catch(onError);
    },
  };
}
