/** The executor's slots, given out in the order asked; those who come back from a wait go first. */
export class Slots {
  #freeCount: number;
  #next = 0;
  #waiting: (() => void)[] = [];
  readonly #returning: (() => void)[] = [];

  constructor(count: number) {
    this.#freeCount = count;
  }

  /** Calls `start` once a slot is the caller's; `release` gives it back. */
  request(start: () => void, options: { readonly isReturning?: boolean } = {}): void {
    if (this.#freeCount > 0) {
      this.#freeCount--;
      start();
    } else if (options.isReturning === true) this.#returning.push(start);
    else this.#waiting.push(start);
  }

  release(): void {
    const start = this.#returning.shift() ?? this.#takeWaiting();
    if (start === undefined) this.#freeCount++;
    else start();
  }

  // An index instead of `shift`, which moves the whole queue once it is long.
  #takeWaiting(): (() => void) | undefined {
    const start = this.#waiting[this.#next];
    if (start === undefined) return undefined;
    this.#next++;
    if (this.#next === this.#waiting.length || this.#next === COMPACT_AT) {
      this.#waiting = this.#waiting.slice(this.#next);
      this.#next = 0;
    }
    return start;
  }
}

const COMPACT_AT = 4096;

/** One attempt's hold on a slot: given back while it waits for needs, and exactly once at its end. */
export class Seat {
  readonly #slots: Slots;
  #isHeld = true;
  #isOver = false;
  #coming: Promise<void> | undefined;

  constructor(slots: Slots) {
    this.#slots = slots;
  }

  leave(): void {
    if (!this.#isHeld || this.#isOver) return;
    this.#isHeld = false;
    this.#slots.release();
  }

  /** Resolves once the attempt has a slot again. */
  async comeBack(): Promise<void> {
    if (this.#isHeld || this.#isOver) return;
    this.#coming ??= new Promise((resolve) => {
      this.#slots.request(
        () => {
          this.#coming = undefined;
          if (this.#isOver) this.#slots.release();
          else this.#isHeld = true;
          resolve();
        },
        { isReturning: true },
      );
    });
    await this.#coming;
  }

  /** The attempt is over. */
  giveUp(): void {
    this.leave();
    this.#isOver = true;
  }
}
