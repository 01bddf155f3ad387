import type { Database } from '#store';
import { after } from '../after.ts';
import type { Channel } from './channels/channel.ts';
import { maybeNextDueSeconds } from './claim.ts';
import { deliverThrough, type Through } from './deliver.ts';
import { ALERTS_NOTIFICATION } from './raise.ts';

export interface DeliveryLoopEffects {
  /** Calls back once after the delay; the result cancels. */
  after(delayMs: number, callback: () => void): () => void;
  random(): number;
  /** Called when a query fails; delivery continues by itself. */
  onError(error: unknown): void;
}

export interface DeliveryLoop {
  /** Stops it; what is being sent has a short time to end, then stays pending. */
  stop(): Promise<void>;
}

const EFFECTS: DeliveryLoopEffects = {
  after,
  random: Math.random,
  onError: () => {},
};

const WAKE_MIN_MS = 250;
/** A notification can be lost while the listening connection is replaced; this bounds the delay. */
const WAKE_MAX_MS = 300_000;
const ERROR_DELAY_MS = 5000;
const STOP_GRACE_MS = 2000;

/**
 * Delivers alerts until stopped, each channel on its own, so that one that hangs holds up no other. Each sleeps until a
 * notification, or until its next delivery is due:
 *
 *   asleep --woken--> passing --done, not woken meanwhile--> asleep (until the next due time)
 *                     passing --done, woken meanwhile------> passing
 *   any ------stop--> stopped, once the pass has ended
 */
export function startDelivery(
  database: Database,
  channels: readonly Channel[],
  effects: Partial<DeliveryLoopEffects> = {},
): DeliveryLoop {
  const loops = channels.map((channel) => new Delivering(database, { channel, channels }, { ...EFFECTS, ...effects }));
  for (const loop of loops) loop.start();
  return {
    stop: async () => {
      await Promise.all(loops.map((loop) => loop.stop()));
    },
  };
}

class Delivering {
  readonly #database: Database;
  readonly #through: Through;
  readonly #effects: DeliveryLoopEffects;
  readonly #aborting = new AbortController();
  #listening: Promise<(() => Promise<void>) | undefined> = Promise.resolve(undefined);
  #pass: Promise<void> | undefined;
  #isWoken = false;
  #isStopped = false;
  #cancelWake: () => void = () => {};
  #cancelListen: () => void = () => {};

  constructor(database: Database, through: Through, effects: DeliveryLoopEffects) {
    this.#database = database;
    this.#through = through;
    this.#effects = effects;
  }

  start(): void {
    const woken = (): void => this.#wake();
    this.#listening = this.#database.listen(ALERTS_NOTIFICATION, woken).catch((error: unknown) => {
      this.#effects.onError(error);
      if (!this.#isStopped) this.#cancelListen = this.#effects.after(ERROR_DELAY_MS, () => this.start());
      return undefined;
    });
    // An alert raised before listening started would wait for the next one.
    void this.#listening.then(woken);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelWake();
    this.#cancelListen();
    const cancelAbort = this.#effects.after(STOP_GRACE_MS, () => this.#aborting.abort());
    const stopListening = await this.#listening;
    await stopListening?.();
    await this.#pass;
    cancelAbort();
  }

  #wake(): void {
    this.#isWoken = true;
    if (this.#pass !== undefined || this.#isStopped) return;
    this.#cancelWake();
    this.#pass = this.#passUntilQuiet();
  }

  async #passUntilQuiet(): Promise<void> {
    let delayMs = 0;
    while (this.#isWoken && !this.#isStopped) {
      this.#isWoken = false;
      delayMs = await this.#passOnce();
    }
    // In the same turn as the last check of isWoken, because a wake in between would be lost.
    this.#pass = undefined;
    if (!this.#isStopped) this.#cancelWake = this.#effects.after(delayMs, () => this.#wake());
  }

  /** Returns the time until the next pass. */
  async #passOnce(): Promise<number> {
    try {
      const { random } = this.#effects;
      await deliverThrough(this.#database, this.#through, { random, signal: this.#aborting.signal });
      const seconds = await maybeNextDueSeconds(this.#database, { channel: this.#through.channel.name, at: null });
      return Math.min(Math.max((seconds ?? Number.POSITIVE_INFINITY) * 1000, WAKE_MIN_MS), WAKE_MAX_MS);
    } catch (error) {
      this.#effects.onError(error);
      return ERROR_DELAY_MS;
    }
  }
}
