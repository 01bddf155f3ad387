import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

const PAUSE_MS = 50;
/** Each prediction is known by an amount of rain that no other has. */
const STEP = 0.001;

/** Clients that predict one row after another until stopped; every second one sends keys and asks again until it is answered. */
export class Clients {
  /** The rain of each row that a prediction came back for. */
  readonly answered = new Set<number>();
  /** Answers that the database cannot be reached now. */
  refused = 0;
  /** Any other answer, each kind once. */
  readonly others: string[] = [];
  readonly #url: string;
  readonly #clients: Promise<unknown>;
  #isStopped = false;
  #count = 0;

  constructor(url: string, count: number) {
    this.#url = new URL('/api/predict', url).href;
    this.#clients = Promise.all(Array.from({ length: count }, (_, index) => this.#live(index % 2 === 0)));
  }

  /** Ends it; who has a key asks until it is answered. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#clients;
  }

  async #live(hasKey: boolean): Promise<void> {
    while (!this.#isStopped) {
      this.#count += 1;
      const rain = this.#count * STEP;
      const key = hasKey ? randomUUID() : undefined;
      while (!(await this.#ask(rain, key))) {
        await delay(PAUSE_MS);
        if (!hasKey) break;
      }
    }
  }

  async #ask(rain: number, key: string | undefined): Promise<boolean> {
    const headers = { 'content-type': 'application/json', ...(key === undefined ? {} : { 'idempotency-key': key }) };
    const body = JSON.stringify({ order: 'clay', rain, irrigated: true });
    let status = 0;
    try {
      const answer = await fetch(this.#url, { method: 'POST', headers, body });
      status = answer.status;
      // Only a whole answer is one.
      const text = await answer.text();
      if (status === 200) {
        this.answered.add(rain);
        return true;
      }
      if (status !== 503) this.#note(`${status} ${text.slice(0, 200)}`);
    } catch (error) {
      this.#note(error instanceof Error ? error.message : String(error));
    }
    if (status === 503) this.refused += 1;
    return false;
  }

  #note(what: string): void {
    if (!this.others.includes(what)) this.others.push(what);
  }
}
