import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { oneAtATime } from './one-at-a-time.ts';
import type { ConnectionWatch } from './watch-connections.ts';

/** LISTEN on a separate client, opened with the first channel and reopened whenever it is lost. */
export interface Listener {
  listen(channel: string, onPayload: (payload: string) => void): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

const RETRY_FIRST_MS = 50;
const RETRY_MAX_MS = 5_000;

/**
 * Notifications sent while the connection is down are lost, because PostgreSQL keeps none: listeners must also poll
 * from time to time.
 */
export function openListener(createClient: () => pg.Client, watch: ConnectionWatch): Listener {
  return new ListeningClient(createClient, watch);
}

class ListeningClient implements Listener {
  readonly #createClient: () => pg.Client;
  readonly #watch: ConnectionWatch;
  readonly #callbacks = new Map<string, Set<(payload: string) => void>>();
  readonly #closed = new AbortController();
  readonly #inTurn = oneAtATime();
  #client: Promise<pg.Client> | undefined;

  constructor(createClient: () => pg.Client, watch: ConnectionWatch) {
    this.#createClient = createClient;
    this.#watch = watch;
  }

  readonly listen = async (channel: string, onPayload: (payload: string) => void): Promise<() => Promise<void>> => {
    // Each call has its own identity, so one function may listen twice.
    const callback = (payload: string): void => onPayload(payload);
    const callbacks = this.#callbacks.get(channel) ?? new Set();
    this.#callbacks.set(channel, callbacks.add(callback));
    try {
      const client = await this.#connected();
      await this.#say(client, `listen ${quoteName(channel)}`);
    } catch (error) {
      callbacks.delete(callback);
      throw error;
    }
    return async () => {
      callbacks.delete(callback);
      if (callbacks.size > 0 || this.#callbacks.get(channel) !== callbacks) return;
      this.#callbacks.delete(channel);
      // A lost connection listens to nothing; the next one listens to the remaining channels.
      await this.#client?.then((client) => this.#say(client, `unlisten ${quoteName(channel)}`)).catch(ignore);
    };
  };

  async close(): Promise<void> {
    this.#closed.abort();
    const client = this.#client;
    this.#client = undefined;
    await client?.then((open) => open.end()).catch(ignore);
  }

  #say(client: pg.Client, statement: string): Promise<unknown> {
    return this.#inTurn(() => this.#watch.during(client, () => client.query(statement)));
  }

  async #connected(): Promise<pg.Client> {
    this.#client ??= this.#open();
    const opening = this.#client;
    try {
      return await opening;
    } catch (error) {
      if (this.#client === opening) this.#client = undefined;
      throw error;
    }
  }

  async #open(): Promise<pg.Client> {
    const client = this.#createClient();
    client.on('error', ignore);
    client.on('notification', ({ channel, payload = '' }) => {
      for (const callback of this.#callbacks.get(channel) ?? []) callback(payload);
    });
    try {
      await client.connect();
      for (const channel of this.#callbacks.keys()) await this.#say(client, `listen ${quoteName(channel)}`);
    } catch (error) {
      await client.end().catch(ignore);
      throw error;
    }
    client.once('end', () => this.#reopen());
    return client;
  }

  #reopen(): void {
    if (this.#closed.signal.aborted) return;
    const opening = this.#openUntilThere();
    // Awaited by the next listen, not here.
    opening.catch(ignore);
    this.#client = opening;
  }

  async #openUntilThere(): Promise<pg.Client> {
    for (let waitMs = RETRY_FIRST_MS; ; waitMs = Math.min(waitMs * 2, RETRY_MAX_MS)) {
      await delay(waitMs, undefined, { signal: this.#closed.signal });
      try {
        return await this.#open();
      } catch {
        // The server still cannot be reached; the wait is bounded, the number of retries is not, because a listener has
        // no end.
      }
    }
  }
}

function quoteName(channel: string): string {
  return `"${channel.replaceAll('"', '""')}"`;
}

/** Errors of an abandoned connection do not matter: the next one is opened. */
function ignore(): void {}
