import type { FeatureRow } from '#ml';

/** The API's answer to rows: all are stored, or none. Transient errors are thrown. */
export type PredictionAnswer =
  | { readonly kind: 'stored' }
  /** Nothing of the request was stored. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** Other rows were stored under the same key. */
  | { readonly kind: 'conflict'; readonly reason: string };

/** The API as the scheduled predictions use it: same key, same answer, nothing stored twice. */
export interface PredictionClient {
  predict(request: {
    readonly rows: readonly FeatureRow[];
    readonly version: number;
    readonly idempotencyKey: string;
    readonly signal: AbortSignal;
  }): Promise<PredictionAnswer>;
}

/** How many rows may be refused one by one before the rest of a file is skipped. */
const REFUSED_MAX = 100;

export interface SentRows {
  readonly stored: number;
  readonly refused: number;
  /** The first reason for a refusal. */
  readonly problem: string | undefined;
}

export interface Sending {
  readonly client: PredictionClient;
  readonly version: number;
  /** Identifies this file's content; keys of requests start with it. */
  readonly key: string;
  readonly signal: AbortSignal;
}

/** Sends the rows of one file, page by page. */
export class RowSender {
  readonly #sending: Sending;
  #position = 0;
  #stored = 0;
  #refused = 0;
  #problem: string | undefined;
  #isGivenUp = false;

  constructor(sending: Sending) {
    this.#sending = sending;
  }

  async send(rows: readonly FeatureRow[]): Promise<void> {
    const position = this.#position;
    this.#position += rows.length;
    await this.#sendFrom(position, rows);
  }

  get sent(): SentRows {
    return { stored: this.#stored, refused: this.#refused, problem: this.#problem };
  }

  /** A refused request stored nothing, so its halves are sent: in the end only the faulty row is left out. */
  async #sendFrom(position: number, rows: readonly FeatureRow[]): Promise<void> {
    if (this.#isGivenUp) {
      this.#refused += rows.length;
      return;
    }
    const { client, version, key, signal } = this.#sending;
    // The position and the length, because the halves of a request are separate requests.
    const idempotencyKey = `${key} ${position}+${rows.length}`;
    const answer = await client.predict({ rows, version, idempotencyKey, signal });
    if (answer.kind === 'stored') {
      this.#stored += rows.length;
      return;
    }
    if (answer.kind === 'refused' && rows.length > 1) {
      const half = Math.ceil(rows.length / 2);
      await this.#sendFrom(position, rows.slice(0, half));
      await this.#sendFrom(position + half, rows.slice(half));
      return;
    }
    this.#refused += rows.length;
    this.#problem ??= `row ${position + 1} of those that meet the contract: ${answer.reason}`;
    this.#isGivenUp = answer.kind === 'conflict' || this.#refused >= REFUSED_MAX;
  }
}
