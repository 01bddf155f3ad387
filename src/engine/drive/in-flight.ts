import type { Claim } from '../records/start-attempts.ts';

interface Entry {
  token: string | undefined;
  readonly leavers: (() => void)[];
}

/** Keys that this process works on: a second run that wants one waits here without a query. */
export class InFlight {
  readonly #entries = new Map<string, Entry>();

  /** False when the key is taken. */
  enter(key: string): boolean {
    if (this.#entries.has(key)) return false;
    this.#entries.set(key, { token: undefined, leavers: [] });
    return true;
  }

  /** From here on the claim is renewed, until `leave`. */
  hold(key: string, token: string): void {
    const entry = this.#entries.get(key);
    if (entry !== undefined) entry.token = token;
  }

  /** The token of a claim that this process holds. */
  token(key: string): string | undefined {
    return this.#entries.get(key)?.token;
  }

  leave(key: string): void {
    const entry = this.#entries.get(key);
    this.#entries.delete(key);
    for (const callback of entry?.leavers ?? []) callback();
  }

  /** Calls back when the key is left; false when no run of this process has it. */
  whenLeft(key: string, callback: () => void): boolean {
    const entry = this.#entries.get(key);
    entry?.leavers.push(callback);
    return entry !== undefined;
  }

  claims(): readonly Claim[] {
    return [...this.#entries].flatMap(([key, { token }]) => (token === undefined ? [] : [{ key, token }]));
  }
}
