import { type PoolHold, type Rank, ReadyQueue } from './pool-gate.ts';

/** How many slots there are, how many are in use, and how many executions wait for one. */
export interface SlotUse {
  readonly size: number;
  readonly used: number;
  readonly waiting: number;
}

/** The executor's slots, assigned by rank; executions that return from a wait go first. */
export class Slots {
  readonly #count: number;
  #freeCount: number;
  readonly #waiting = new ReadyQueue<() => void>();
  readonly #returning = new ReadyQueue<() => void>();

  constructor(count: number) {
    this.#count = count;
    this.#freeCount = count;
  }

  use(): SlotUse {
    const waiting = this.#waiting.size + this.#returning.size;
    return { size: this.#count, used: this.#count - this.#freeCount, waiting };
  }

  /** Calls `start` once a slot is free; `release` returns the slot. */
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

/**
 * One execution's lease on a slot, and on units of a pool: released while it waits for needs, and exactly once at its
 * end.
 */
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

  /** Resolves once the execution holds all of it again. */
  async reacquire(): Promise<void> {
    if (this.#isHeld || this.#isOver) return;
    this.#coming ??= this.#return();
    await this.#coming;
  }

  /** The execution is over; its commit released what it held in the database. */
  release(): void {
    if (this.#isOver) return;
    const isHeld = this.#isHeld;
    this.#isHeld = false;
    this.#isOver = true;
    this.hold?.release();
    if (isHeld) this.#slots.release();
  }

  // Units first, so that waiting for them occupies no slot.
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

/** Default for an executor that names no bound: a suspended attempt holds little besides what its code keeps. */
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
 * The waits of one attempt. It keeps its slot while a query may answer, releases it once the answer needs an execution,
 * and reacquires it when the last of its waits is over. Beyond the bound it is parked instead: it ends.
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

  /** The answer needs an execution. False when the attempt has to end for it. */
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

  /** One wait is over; resolves once the attempt may continue. */
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
    // A further wait began while it reacquired its slot.
    if (isWanted) {
      this.#slot.leave();
      return;
    }
    this.#isSuspended = false;
    this.#bound.leave();
  }
}
