import type { Database } from '#store';
import type { EngineEffects } from '../define/effects.ts';
import { exchangeWaits, findCircle, isYoungest, type Wait } from '../records/waits.ts';

export interface TrackedWait extends Wait {
  readonly runId: string;
  /** The wait is part of a circle that it has to break; told once. */
  entangled(labels: readonly string[]): void;
}

/** How long between two looks at the waits of all processes. A circle is believed when two looks in a row show it. */
export const WAIT_LOOK_MS = 500;

/**
 * Waits of this process for claims that others hold, kept in the database so that a circle through several runs or
 * processes is found. There is something to do only while such a wait lasts.
 */
export class WaitGraph {
  readonly #database: Database;
  readonly #effects: Pick<EngineEffects, 'after' | 'warn'>;
  readonly #waits = new Map<string, TrackedWait>();
  #withdrawn: Wait[] = [];
  #suspected = new Set<string>();
  #stopTimer: (() => void) | undefined;
  #isClosed = false;

  constructor(database: Database, effects: Pick<EngineEffects, 'after' | 'warn'>) {
    this.#database = database;
    this.#effects = effects;
  }

  add(wait: TrackedWait): void {
    const id = idOf(wait);
    if (this.#waits.has(id) || this.#isClosed) return;
    this.#waits.set(id, wait);
    this.#schedule(0);
  }

  /** In one run, the attempt that waited ended, or the goal it waited for did. */
  remove(which: { readonly runId: string; readonly waiter?: string; readonly needed?: string }): void {
    if (this.#waits.size === 0) return;
    for (const [id, wait] of this.#waits) {
      if (wait.runId !== which.runId || (wait.waiter !== which.waiter && wait.needed !== which.needed)) continue;
      this.#waits.delete(id);
      this.#suspected.delete(id);
      this.#withdrawn.push(wait);
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#stopTimer?.();
  }

  #schedule(delayMs: number): void {
    if (this.#isClosed || this.#stopTimer !== undefined) return;
    this.#stopTimer = this.#effects.after(delayMs, () => {
      void this.#look().finally(() => {
        this.#stopTimer = undefined;
        if (this.#waits.size > 0 || this.#withdrawn.length > 0) this.#schedule(WAIT_LOOK_MS);
      });
    });
  }

  async #look(): Promise<void> {
    const withdrawn = this.#withdrawn;
    this.#withdrawn = [];
    const all = [...this.#waits.values()];
    try {
      this.#judge(await exchangeWaits(this.#database, { all, withdrawn }));
    } catch (error) {
      this.#withdrawn = [...withdrawn, ...this.#withdrawn];
      this.#effects.warn('Waits across runs could not be recorded; circles through them are found later', error);
    }
  }

  #judge(reached: readonly Wait[]): void {
    const suspected = new Set<string>();
    for (const [id, wait] of this.#waits) {
      const circle = findCircle(reached, wait.waiter);
      if (circle === undefined || circle[0]?.needed !== wait.needed || !isYoungest(circle, wait.waiter)) continue;
      if (!this.#suspected.has(id)) {
        suspected.add(id);
        continue;
      }
      this.remove({ runId: wait.runId, waiter: wait.waiter });
      wait.entangled([...circle.map(({ label }) => label), wait.label]);
    }
    this.#suspected = suspected;
  }
}

const idOf = (wait: Wait): string => `${wait.waiter} ${wait.token} ${wait.needed}`;
