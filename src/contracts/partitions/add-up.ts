import { addExactly } from '../kernel/add-exactly.ts';
import { emptyCounts } from '../kernel/column-counts.ts';
import type { ColumnCounts } from '../kernel/kernel.ts';
import type { Sweep } from '../sweep/sweep.ts';
import { VALUES_MAX } from '../sweep/tallies.ts';
import type { CountedPart, PartFindings } from './part-findings.ts';
import type { PlanOfPart, SetPlan } from './set-plan.ts';

/** What a pass over all parts would have counted. */
export type CountedSet = Pick<Sweep, 'records' | 'counts' | 'columns' | 'tallies' | 'failures'>;

/** Adds up what was counted of parts, as if they were one file; repeats across parts come beside. */
export function addUp(
  parts: readonly PartFindings[],
  { plans, repeats }: { readonly plans: SetPlan; readonly repeats: readonly number[] },
): CountedSet {
  const { plan } = plans;
  const counts = Uint32Array.from({ length: plan.kernel.bits }, (_, bit) => repeats[bit] ?? 0);
  const total: ColumnCounts = emptyCounts(plan.columns.map((_, index) => categoriesIn(parts, { plans, index })));
  const tallies = new Map<number, Map<string, number> | undefined>(plan.tallies.map(({ bit }) => [bit, new Map()]));
  const failures = new Map<number, string>();
  let records = 0;
  for (const [index, { counted, rows }] of parts.entries()) {
    const own = plans.parts[index];
    if (counted === null || own === undefined) continue;
    records += rows.good + rows.bad;
    addBits(counts, { counted, own });
    addColumns(total, { counted, own, records: rows.good + rows.bad });
    for (const [bit, found] of counted.tallies) addTally(tallies, { bit: own.toSet[bit] ?? -1, found });
    for (const [bit, message] of counted.failures) {
      const bitOfSet = own.toSet[bit] ?? -1;
      if (!failures.has(bitOfSet)) failures.set(bitOfSet, message);
    }
  }
  const columns = { ...total, sum: total.sum.map((sum, index) => sum + (total.lost[index] ?? 0)) };
  return { records, counts, columns, tallies, failures };
}

interface Adding {
  readonly counted: CountedPart;
  readonly own: PlanOfPart;
}

function addBits(counts: Uint32Array, { counted, own }: Adding): void {
  for (const [bit, rows] of counted.counts.entries()) {
    const to = own.toSet[bit] ?? -1;
    if (to >= 0) counts[to] = (counts[to] ?? 0) + rows;
  }
}

function addColumns(
  total: ColumnCounts,
  { counted: { columns }, own, records }: Adding & { readonly records: number },
): void {
  for (const [index, from] of own.columns.entries()) {
    if (from === undefined) {
      // The rows of a part that lacks the column have no value there.
      add(total.nulls, index, records);
      continue;
    }
    add(total.nulls, index, columns.nulls[from] ?? 0);
    add(total.values, index, columns.values[from] ?? 0);
    add(total.summands, index, columns.summands[from] ?? 0);
    // All lists have an entry for each column.
    total.min[index] = Math.min(total.min[index] as number, columns.min[from] ?? Number.POSITIVE_INFINITY);
    total.max[index] = Math.max(total.max[index] as number, columns.max[from] ?? Number.NEGATIVE_INFINITY);
    addExactly(total, index, columns.sum[from] ?? Number.NaN);
    total.lost[index] = (total.lost[index] ?? 0) + (columns.lost[from] ?? 0);
    const categories = total.categories[index];
    for (const [at, rows] of (columns.categories[from] ?? []).entries())
      if (categories !== undefined) add(categories, at, rows);
  }
}

function add(numbers: Uint32Array, index: number, number: number): void {
  numbers[index] = (numbers[index] ?? 0) + number;
}

function addTally(
  tallies: Map<number, Map<string, number> | undefined>,
  { bit, found }: { readonly bit: number; readonly found: CountedPart['tallies'][number][1] },
): void {
  const tally = tallies.get(bit);
  if (tally === undefined) return;
  for (const [value, rows] of found ?? []) tally.set(value, (tally.get(value) ?? 0) + rows);
  if (found === null || tally.size > VALUES_MAX) tallies.set(bit, undefined);
}

/** How many categories of a column are counted. */
function categoriesIn(
  parts: readonly PartFindings[],
  { plans, index }: { readonly plans: SetPlan; readonly index: number },
): number {
  return Math.max(
    0,
    ...parts.map(({ counted }, part) => {
      const from = plans.parts[part]?.columns[index];
      return from === undefined ? 0 : (counted?.columns.categories[from]?.length ?? 0);
    }),
  );
}
