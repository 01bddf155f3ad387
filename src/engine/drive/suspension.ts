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
  comeBack(): Promise<void>;
}

/**
 * The waits of one attempt. It keeps its seat while a look may answer, gives it back once somebody has to work for the
 * answer, and takes it again when the last of its waits is over. Beyond the bound it is parked instead: it ends.
 */
export class Suspension {
  readonly #seat: Leavable;
  readonly #bound: SuspensionBound;
  #pendingCount = 0;
  #isSuspended = false;
  #isOver = false;
  #isParked = false;
  #isWanted = false;
  #coming: Promise<void> | undefined;

  constructor(seat: Leavable, bound: SuspensionBound) {
    this.#seat = seat;
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
    this.#seat.leave();
    return true;
  }

  /** One wait is over; resolves once the attempt may go on. */
  async end(): Promise<void> {
    this.#pendingCount--;
    if (this.#pendingCount > 0 || !this.#isSuspended || this.#isOver) return;
    this.#coming ??= this.#comeBack();
    await this.#coming;
  }

  /** The attempt is over. */
  finish(): void {
    if (this.#isSuspended && !this.#isOver) this.#bound.leave();
    this.#isOver = true;
  }

  async #comeBack(): Promise<void> {
    await this.#seat.comeBack();
    this.#coming = undefined;
    const isWanted = this.#isWanted && this.#pendingCount > 0;
    this.#isWanted = false;
    if (this.#isOver) return;
    // A further wait began while it came back.
    if (isWanted) {
      this.#seat.leave();
      return;
    }
    this.#isSuspended = false;
    this.#bound.leave();
  }
}
