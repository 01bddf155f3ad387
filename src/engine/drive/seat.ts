import type { PoolHold } from './pool-gate.ts';
import type { Rank } from './ready-queue.ts';
import type { Slots } from './slots.ts';

/** One execution's hold on a slot, and on units of a pool: given back while it waits for needs, and exactly once at its end. */
export class Seat {
  readonly hold: PoolHold | undefined;
  readonly #slots: Slots;
  readonly #rank: Rank;
  #isHeld = true;
  #isOver = false;
  #coming: Promise<void> | undefined;

  constructor(slots: Slots, options: { readonly rank: Rank; readonly hold: PoolHold | undefined }) {
    this.#slots = slots;
    this.#rank = options.rank;
    this.hold = options.hold;
  }

  leave(): void {
    if (!this.#isHeld || this.#isOver) return;
    this.#isHeld = false;
    this.hold?.leave();
    this.#slots.release();
  }

  /** Resolves once the execution has all of it again. */
  async comeBack(): Promise<void> {
    if (this.#isHeld || this.#isOver) return;
    this.#coming ??= this.#return();
    await this.#coming;
  }

  /** The execution is over; what it held in the database went with its commit. */
  giveUp(): void {
    if (this.#isOver) return;
    const isHeld = this.#isHeld;
    this.#isHeld = false;
    this.#isOver = true;
    this.hold?.giveUp();
    if (isHeld) this.#slots.release();
  }

  // Units first: whoever waits for them occupies no slot.
  async #return(): Promise<void> {
    await this.hold?.comeBack(this.#rank);
    await new Promise<void>((resolve) => {
      this.#slots.request(
        () => {
          this.#coming = undefined;
          if (this.#isOver) this.#slots.release();
          else this.#isHeld = true;
          resolve();
        },
        { rank: this.#rank, isReturning: true },
      );
    });
  }
}
