import { setTimeout as delay } from 'node:timers/promises';
import type { Postmaster } from './postmaster.ts';

/** Effects of a supervisor: starting, reporting, waiting. */
export interface SupervisorEffects {
  /** Starts the server on the port. */
  start(port: number): Promise<Postmaster>;
  stop(server: Postmaster): Promise<void>;
  /** Called with messages about what happens. */
  log(message: string): void;
  /** Resolves early, without an error, when the signal aborts. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<unknown>;
  /** Milliseconds of a monotonic clock. */
  readonly now?: () => number;
}

const FIRST_PAUSE_MS = 100;
/** The longest pause after a port or disk is freed; retries of a server that cannot start cost almost nothing. */
const PAUSE_MAX_MS = 30_000;
/** A server that ran this long was healthy: its end counts as the first again. */
const WELL_MS = 60_000;

const untilPassed = (ms: number, signal: AbortSignal): Promise<unknown> =>
  delay(ms, undefined, { signal }).catch(() => undefined);

/**
 * Keeps a server running on its port until it is stopped. A server that ends or cannot be started is restarted, after a
 * pause that doubles with each failure in a row; the number of retries is unbounded.
 */
export class Supervisor {
  readonly #effects: Required<SupervisorEffects>;
  readonly #port: number;
  readonly #stopping = new AbortController();
  readonly #watching: Promise<void>;
  #current: Postmaster | undefined;
  #stopped: Promise<void> | undefined;

  constructor(first: Postmaster, effects: SupervisorEffects) {
    this.#effects = { wait: untilPassed, now: () => performance.now(), ...effects };
    this.#port = first.port;
    this.#watching = this.#watch(first);
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#end();
    return this.#stopped;
  }

  async #end(): Promise<void> {
    this.#stopping.abort();
    if (this.#current !== undefined) await this.#effects.stop(this.#current);
    await this.#watching;
  }

  async #watch(first: Postmaster): Promise<void> {
    const { now, wait, log } = this.#effects;
    const { signal } = this.#stopping;
    let server: Postmaster | undefined = first;
    for (let ends = 1; ; ends++) {
      const startedAt = now();
      this.#current = server;
      await server?.gone;
      this.#current = undefined;
      if (signal.aborted) return;
      if (now() - startedAt >= WELL_MS) ends = 1;
      const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** (ends - 1), PAUSE_MAX_MS);
      log(
        `PostgreSQL ${server === undefined ? 'does not run' : 'ended unexpectedly'}; starting it again in ${pauseMs} ms.`,
      );
      await wait(pauseMs, signal);
      if (signal.aborted) return;
      server = await this.#restart();
      if (signal.aborted && server !== undefined) await this.#effects.stop(server);
    }
  }

  async #restart(): Promise<Postmaster | undefined> {
    try {
      return await this.#effects.start(this.#port);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#effects.log(`PostgreSQL could not be started again: ${reason}`);
      return undefined;
    }
  }
}
