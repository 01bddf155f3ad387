import { type PoolHold, type Rank, ReadyQueue } from './pool-gate.ts';

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

/** One execution's hold on a slot, and on units of a pool: given back while it waits for needs, and exactly once at its end. */
export class SlotLease {
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
  async reacquire(): Promise<void> {
    if (this.#isHeld || this.#isOver) return;
    this.#coming ??= this.#return();
    await this.#coming;
  }

  /** The execution is over; what it held in the database went with its commit. */
  release(): void {
    if (this.#isOver) return;
    const isHeld = this.#isHeld;
    this.#isHeld = false;
    this.#isOver = true;
    this.hold?.release();
    if (isHeld) this.#slots.release();
  }

  // Units first: whoever waits for them occupies no slot.
  async #return(): Promise<void> {
    await this.hold?.reacquire(this.#rank);
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

/** Of an executor that names no bound of its own: a suspended attempt holds little but what its code keeps. */
export const SUSPENDED_MAX_DEFAULT = 256;

/** Bounds how many attempts of one executor wait for needs without a slot. */
export class SuspensionBound {
  readonly #max: number;
  #count = 0;

  constructor(max: number) {
    this.#max = max;
  }

  enter(): boolean {
    if (this.#count >= this.#max) return false;
    this.#count++;
    return true;
  }

  leave(): void {
    this.#count--;
  }
}

/** What an attempt holds while it runs. */
export interface Leavable {
  leave(): void;
  reacquire(): Promise<void>;
}

/**
 * The waits of one attempt. It keeps its slot while a look may answer, gives it back once somebody has to work for the
 * answer, and takes it again when the last of its waits is over. Beyond the bound it is parked instead: it ends.
 */
export class Suspension {
  readonly #slot: Leavable;
  readonly #bound: SuspensionBound;
  #pendingCount = 0;
  #isSuspended = false;
  #isOver = false;
  #isParked = false;
  #isWanted = false;
  #coming: Promise<void> | undefined;

  constructor(slot: Leavable, bound: SuspensionBound) {
    this.#slot = slot;
    this.#bound = bound;
  }

  get isParked(): boolean {
    return this.#isParked;
  }

  begin(): void {
    this.#pendingCount++;
  }

  /** Somebody has to work for the answer. False when the attempt has to end for it. */
  suspend(): boolean {
    if (this.#isOver || this.#pendingCount === 0) return true;
    if (this.#coming !== undefined) this.#isWanted = true;
    if (this.#isSuspended) return true;
    if (!this.#bound.enter()) {
      this.#isParked = true;
      return false;
    }
    this.#isSuspended = true;
    this.#slot.leave();
    return true;
  }

  /** One wait is over; resolves once the attempt may go on. */
  async end(): Promise<void> {
    this.#pendingCount--;
    if (this.#pendingCount > 0 || !this.#isSuspended || this.#isOver) return;
    this.#coming ??= this.#reacquire();
    await this.#coming;
  }

  /** The attempt is over. */
  finish(): void {
    if (this.#isSuspended && !this.#isOver) this.#bound.leave();
    this.#isOver = true;
  }

  async #reacquire(): Promise<void> {
    await this.#slot.reacquire();
    this.#coming = undefined;
    const isWanted = this.#isWanted && this.#pendingCount > 0;
    this.#isWanted = false;
    if (this.#isOver) return;
    // A further wait began while it came back.
    if (isWanted) {
      this.#slot.leave();
      return;
    }
    this.#isSuspended = false;
    this.#bound.leave();
  }
}
