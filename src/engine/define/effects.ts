import { toFailureRecord } from './failure.ts';
import { messageOf } from './thrown.ts';

/** Clock, randomness and warnings of the engine. Tests pass their own. */
export interface EngineEffects {
  now(): Date;
  /** Calls back once after the delay; the result cancels. */
  after(delayMs: number, callback: () => void): () => void;
  random(): number;
  /** Reports an error that no caller can catch, with what it concerns as fields for a log. */
  warn(message: string, error?: unknown, concerned?: Concerned): void;
  /** Reports that a run, or an attempt at one of its goals, has succeeded or failed. */
  ended(ending: Ending): void;
}

/** What a warning concerns. */
export interface Concerned {
  readonly runId: string;
  readonly pipeline?: string;
  readonly task?: string;
}

/** How a run, or an attempt of a task, has ended. */
export interface Ending extends Concerned {
  readonly pipeline: string;
  /** The number of the attempt, from 1. */
  readonly attempt?: number;
  readonly state: string;
}

/** The real clock, timers and randomness. */
export const realEffects: EngineEffects = {
  now: () => new Date(),
  after: (delayMs, callback) => {
    // Node fires at once when a delay does not fit 31 bits, so longer ones are cut: waking early only means to check
    // the clock again.
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
  ended: () => undefined,
};

const DELAY_MS_MAX = 2 ** 31 - 1;

interface Armed {
  readonly cancel: () => void;
  /** Called when they are closed before the timer is due. */
  readonly atClose: (() => void) | undefined;
}

/**
 * Timers that end with their owner. Once closed, none fires and none can be set, so a timer that was not cancelled
 * keeps neither the process alive nor its callback in memory.
 */
export class Timers {
  readonly #effects: Pick<EngineEffects, 'after'>;
  readonly #armed = new Set<Armed>();
  #isClosed = false;

  constructor(effects: Pick<EngineEffects, 'after'>) {
    this.#effects = effects;
  }

  /** Calls back once after the delay, unless they are closed before; the result cancels. */
  after(delayMs: number, callback: () => void): () => void {
    return this.#arm({ delayMs, callback });
  }

  /** Resolves after the delay, and at once when they are closed, so that the caller checks again. */
  pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.#isClosed) resolve();
      else this.#arm({ delayMs, callback: resolve, atClose: resolve });
    });
  }

  close(): void {
    this.#isClosed = true;
    for (const { cancel, atClose } of this.#armed) {
      cancel();
      atClose?.();
    }
    this.#armed.clear();
  }

  #arm(timer: { readonly delayMs: number; readonly callback: () => void; readonly atClose?: () => void }): () => void {
    if (this.#isClosed) return () => undefined;
    const cancel = this.#effects.after(timer.delayMs, () => {
      this.#armed.delete(armed);
      timer.callback();
    });
    const armed: Armed = { cancel, atClose: timer.atClose };
    this.#armed.add(armed);
    return () => {
      this.#armed.delete(armed);
      cancel();
    };
  }
}

/**
 * The result of the work, or `aborted` as soon as the signal is. Its listener is removed, because the signal may live
 * much longer; racing one promise of the abort against each piece of work would keep all of them in memory.
 */
export function raceAbort<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T | 'aborted'> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const abort = (): void => resolve('aborted');
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
