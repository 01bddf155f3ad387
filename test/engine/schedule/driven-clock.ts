/** A clock that goes where a test says, and calls back what came due on the way. */
export class DrivenClock {
  #now: number;
  readonly #timers = new Set<{ readonly at: number; readonly callback: () => void }>();

  constructor(start: string) {
    this.#now = Date.parse(start);
  }

  readonly now = (): Date => new Date(this.#now);

  readonly after = (delayMs: number, callback: () => void): (() => void) => {
    const timer = { at: this.#now + Math.max(0, delayMs), callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  };

  /** Goes on to the moment, timer by timer; `settle` lets what each has begun come to its end. */
  async runUntil(moment: string | Date, settle: () => Promise<unknown>): Promise<void> {
    const end = new Date(moment).getTime();
    await settle();
    for (let timer = this.#first(end); timer !== undefined; timer = this.#first(end)) {
      this.#timers.delete(timer);
      this.#now = Math.max(this.#now, timer.at);
      timer.callback();
      await settle();
    }
    this.#now = end;
  }

  /** As when somebody sets the clock, or the machine slept: no timer fires on the way. */
  set(moment: string): void {
    const by = Date.parse(moment) - this.#now;
    this.#now += by;
    if (by > 0) return;
    // A timer counts the time that passes, not the time of day.
    for (const timer of [...this.#timers]) {
      this.#timers.delete(timer);
      this.#timers.add({ ...timer, at: timer.at + by });
    }
  }

  #first(end: number) {
    return [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
  }
}
