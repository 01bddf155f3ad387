import type { FlaggedRows } from '../check/flagged-rows.ts';
import { LateRows } from '../check/late-rows.ts';
import type { LateBits } from '../sweep/late-bits.ts';
import type { PlanOfPart } from './set-plan.ts';

/** What was found of the rows of one part by comparing it with others: repeated keys, and what SQL says. */
export class LateOfPart implements LateBits {
  readonly #keys: LateRows;
  readonly #sql: readonly number[];
  #at = 0;

  constructor(
    { plan }: Pick<PlanOfPart, 'plan'>,
    found: { readonly notes: readonly string[]; readonly sql: readonly number[] },
  ) {
    const noted = found.notes.map((rows): FlaggedRows => ({ counts: {}, firstMask: 0, rows }));
    this.#keys = new LateRows(noted, plan.flags);
    this.#sql = found.sql;
  }

  async before(row: number): Promise<readonly number[]> {
    const pairs = [...(await this.#keys.before(row))];
    for (; (this.#sql[this.#at] ?? Number.POSITIVE_INFINITY) < row; this.#at += 2)
      // Pairs of two numbers.
      pairs.push(this.#sql[this.#at] as number, this.#sql[this.#at + 1] as number);
    return pairs;
  }

  close(): Promise<void> {
    return this.#keys.close();
  }
}

/** The pairs of one part, by the numbers of its own rows. */
export function ownRows(pairs: readonly number[], first: number): readonly number[] {
  return pairs.map((number, at) => (at % 2 === 0 ? number - first : number));
}

/** The bits of expectations that tolerate fewer rows than violate them, as the plan of a part has them. */
export function ownBits(bits: ReadonlySet<number>, { fromSet }: PlanOfPart): ReadonlySet<number> {
  return new Set([...bits].flatMap((bit) => fromSet[bit] ?? []));
}
