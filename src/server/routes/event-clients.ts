import type { ServerResponse } from 'node:http';
import { ServerError } from '../errors.ts';
import type { Limits } from '../options.ts';

/** A client with this many unread bytes is disconnected; it reconnects and loads again. */
const UNREAD_BYTES_MAX = 256 * 1024;

interface Client {
  /** Who follows: a user, a key, or an address. */
  readonly of: string;
  readonly expiry: NodeJS.Timeout;
  /** Bytes that waited at the last heartbeat. */
  unreadBytes: number;
}

/**
 * Who follows the events. No client can take all places, and none keeps one for nothing: who reads nothing between two
 * heartbeats is disconnected, and every stream ends after a while.
 */
export class EventClients {
  readonly #clients = new Map<ServerResponse, Client>();
  readonly #limits: Limits;
  readonly #heartbeat: NodeJS.Timeout;

  constructor(limits: Limits) {
    this.#limits = limits;
    this.#heartbeat = setInterval(() => this.#beat(), limits.heartbeatMs);
    this.#heartbeat.unref();
  }

  get size(): number {
    return this.#clients.size;
  }

  /** Throws when all places are taken, or all that one client may take. */
  assertPlace(of: string): void {
    const { eventClients, eventClientsOfOne } = this.#limits;
    const own = [...this.#clients.values()].filter((client) => client.of === of).length;
    if (own >= eventClientsOfOne)
      throw exhausted(`You follow the events ${own} times already, the most that one client may. Close some pages.`);
    if (this.#clients.size >= eventClients)
      throw exhausted(`${this.#clients.size} clients follow the events already. Close some pages.`);
  }

  add(response: ServerResponse, of: string): void {
    const expiry = setTimeout(() => response.end(), this.#limits.eventStreamMs);
    expiry.unref();
    this.#clients.set(response, { of, expiry, unreadBytes: 0 });
    response.once('close', () => this.#remove(response));
    response.once('error', () => this.#remove(response));
  }

  send(text: string): void {
    for (const response of this.#clients.keys()) {
      if (response.writableLength <= UNREAD_BYTES_MAX) response.write(text);
      else response.destroy();
    }
  }

  /** Ends the streams of one client, such as a key that was revoked. */
  endOf(of: string): void {
    for (const [response, client] of [...this.#clients]) if (client.of === of) this.#end(response);
  }

  end(): void {
    clearInterval(this.#heartbeat);
    for (const response of [...this.#clients.keys()]) this.#end(response);
  }

  #end(response: ServerResponse): void {
    this.#remove(response);
    response.end();
  }

  #beat(): void {
    for (const [response, client] of this.#clients) {
      const isStuck = client.unreadBytes > 0 && response.writableLength >= client.unreadBytes;
      client.unreadBytes = response.writableLength;
      if (isStuck) response.destroy();
    }
    this.send(': still here\n\n');
  }

  #remove(response: ServerResponse): void {
    clearTimeout(this.#clients.get(response)?.expiry);
    this.#clients.delete(response);
  }
}

const exhausted = (message: string): ServerError => new ServerError('clients_exhausted', message);
