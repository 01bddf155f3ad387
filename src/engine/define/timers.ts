import type { EngineEffects } from './effects.ts';

interface Armed {
  readonly cancel: () => void;
  /** What is to happen when they are closed before it is due. */
  readonly atClose: (() => void) | undefined;
}

/**
 * Timers that end with what armed them. Once they are closed none fires and none can be armed, so whatever forgets to
 * cancel one keeps neither the process alive nor in memory what the timer would have called.
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

  /** Resolves after the delay, and at once when they are closed: who waits looks again and finds out. */
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
