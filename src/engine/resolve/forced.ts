import type { RunRequest } from '../define/start-request.ts';

/**
 * Goals of a run that are computed even if they are complete. A result counts only when its attempt started after the
 * run was requested, so that a retry, or a process that resumes the run after a crash, computes none of them twice.
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

  /** Whether a result of this goal that was started under the token counts. */
  allows(goalId: string, token: string): boolean {
    return !this.#ids.has(goalId) || BigInt(token) > this.#after;
  }
}
