import type { TallyPlan } from './sweep-plan.ts';

/** Beyond these there is no telling how much memory the values of a file take, and a database counts them. */
export const VALUES_MAX = 10_000;
const CHARACTERS_MAX = 4 * 2 ** 20;

/** Counts the values of cells that violate a bit, each by itself. */
export class Tallies {
  readonly #tallies: readonly (TallyPlan & { readonly tally: Tally })[];

  constructor(plans: readonly TallyPlan[]) {
    this.#tallies = plans.map((plan) => ({ ...plan, tally: new Tally() }));
  }

  /** Notes a row; it is only read where it has one of the bits. */
  note(bits: readonly number[], read: () => readonly string[]): void {
    if (this.#tallies.length === 0) return;
    let cells: readonly string[] | undefined;
    for (const { bit, position, tally } of this.#tallies) {
      if (!bits.includes(bit)) continue;
      cells ??= read();
      tally.add(cells[position] ?? '');
    }
  }

  /** By bit, rows by value; undefined where there were too many values. */
  get byBit(): ReadonlyMap<number, ReadonlyMap<string, number> | undefined> {
    return new Map(this.#tallies.map(({ bit, tally }) => [bit, tally.counts]));
  }
}

class Tally {
  #counts: Map<string, number> | undefined = new Map();
  #characters = 0;

  get counts(): ReadonlyMap<string, number> | undefined {
    return this.#counts;
  }

  add(value: string): void {
    if (this.#counts === undefined) return;
    const rows = this.#counts.get(value);
    this.#counts.set(value, (rows ?? 0) + 1);
    if (rows !== undefined) return;
    this.#characters += value.length;
    if (this.#counts.size > VALUES_MAX || this.#characters > CHARACTERS_MAX) this.#counts = undefined;
  }
}
