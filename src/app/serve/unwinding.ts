/** Collects how to end what was started, and ends it in reverse order. A failure does not keep the rest from ending. */
export class Unwinding {
  readonly #steps: (() => Promise<void>)[] = [];

  push(end: () => Promise<void>): void {
    this.#steps.push(end);
  }

  /** Moves all steps to another one. */
  take(): Unwinding {
    const taken = new Unwinding();
    for (const step of this.#steps.splice(0)) taken.push(step);
    return taken;
  }

  async unwind(): Promise<void> {
    const failures: unknown[] = [];
    for (let end = this.#steps.pop(); end !== undefined; end = this.#steps.pop()) {
      await end().catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0)
      throw new AggregateError(failures, 'Not everything ended cleanly; the state folder is safe to start again.');
  }
}
