import { toFailureRecord } from './failure.ts';
import { messageOf } from './thrown.ts';

/** Time, randomness and warnings, as the engine uses them. Tests pass their own. */
export interface EngineEffects {
  now(): Date;
  /** Calls back once after the delay; the result cancels. */
  after(delayMs: number, callback: () => void): () => void;
  random(): number;
  /** Reports an error that no caller can catch. */
  warn(message: string, error?: unknown): void;
}

/** The real clock, timers and randomness. */
export const realEffects: EngineEffects = {
  now: () => new Date(),
  after: (delayMs, callback) => {
    // Node fires at once when a delay does not fit 31 bits; a later look at the clock is right, an early start is not.
    const timer = setTimeout(callback, Math.min(delayMs, DELAY_MS_MAX));
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
  warn: (message, error) => {
    process.emitWarning(
      error === undefined ? message : `${message}: ${toFailureRecord(error).stack ?? messageOf(error)}`,
      'WeirEngine',
    );
  },
};

const DELAY_MS_MAX = 2 ** 31 - 1;
