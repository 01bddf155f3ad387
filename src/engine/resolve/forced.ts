import type { RunRequest } from '../define/start-request.ts';

/**
 * Goals of a run that are computed although results stand. A result answers for one only when its attempt began after the
 * run was asked for: so a retry, and whoever takes the run up after a crash, computes none of them twice.
 */
export class Forced {
  readonly #ids: ReadonlySet<string>;
  readonly #after: bigint;

  constructor(request: RunRequest, asked: readonly string[]) {
    const { forcedAfter } = request;
    this.#ids = new Set(forcedAfter === undefined ? [] : asked);
    this.#after = BigInt(forcedAfter ?? 0);
  }

  has(goalId: string): boolean {
    return this.#ids.has(goalId);
  }

  /** Whether a result of this goal that was begun under the token may answer. */
  allows(goalId: string, token: string): boolean {
    return !this.#ids.has(goalId) || BigInt(token) > this.#after;
  }
}
