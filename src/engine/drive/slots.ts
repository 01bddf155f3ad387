import { type Rank, ReadyQueue } from './ready-queue.ts';

/** The executor's slots, given out by rank; those who come back from a wait go first. */
export class Slots {
  #freeCount: number;
  readonly #waiting = new ReadyQueue<() => void>();
  readonly #returning = new ReadyQueue<() => void>();

  constructor(count: number) {
    this.#freeCount = count;
  }

  /** Calls `start` once a slot is the caller's; `release` gives it back. */
  request(start: () => void, options: { readonly rank: Rank; readonly isReturning?: boolean }): void {
    if (this.#freeCount > 0) {
      this.#freeCount--;
      start();
    } else (options.isReturning === true ? this.#returning : this.#waiting).add(start, options.rank);
  }

  release(): void {
    const start = this.#returning.take() ?? this.#waiting.take();
    if (start === undefined) this.#freeCount++;
    else start();
  }
}
