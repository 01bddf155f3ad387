import { addExactly } from '../kernel/add-exactly.ts';
import { emptyCounts } from '../kernel/column-counts.ts';
import type { ColumnCounts, KernelResult } from '../kernel/kernel.ts';
import type { KernelColumn, KernelPlan } from '../kernel/plan.ts';

/** Adds up what the calls of a kernel counted, in the order of the file. */
export class BlockCounts {
  readonly counts: Uint32Array;
  readonly columns: ColumnCounts;

  constructor(plan: KernelPlan) {
    this.counts = new Uint32Array(plan.bits);
    this.columns = emptyCounts(plan.columns.map(categoryCount));
  }

  /** The counts of the columns, with sums as if they were rounded once. */
  get totals(): ColumnCounts {
    const { sum, lost } = this.columns;
    return { ...this.columns, sum: sum.map((total, index) => total + (lost[index] ?? 0)) };
  }

  /** A row has the bit. */
  count(bit: number): void {
    this.counts[bit] = (this.counts[bit] ?? 0) + 1;
  }

  add({ counts, columns }: Pick<KernelResult, 'counts' | 'columns'>): void {
    addAll(this.counts, counts);
    addAll(this.columns.nulls, columns.nulls);
    addAll(this.columns.values, columns.values);
    addAll(this.columns.summands, columns.summands);
    addAll(this.columns.lost, columns.lost);
    for (const [index, counted] of this.columns.categories.entries())
      addAll(counted, columns.categories[index] ?? NONE);
    for (let index = 0; index < columns.min.length; index++) {
      // All lists have an entry for each column.
      this.columns.min[index] = Math.min(this.columns.min[index] as number, columns.min[index] as number);
      this.columns.max[index] = Math.max(this.columns.max[index] as number, columns.max[index] as number);
      addExactly(this.columns, index, columns.sum[index] as number);
    }
  }
}

const NONE = new Uint32Array(0);

/** Of the values of the first set. */
function categoryCount({ counts, tests }: KernelColumn): number {
  const set = counts === 'categories' ? tests.find(({ test }) => test === 'set') : undefined;
  return set?.test === 'set' ? set.values.length : 0;
}

function addAll<Numbers extends Uint32Array | Float64Array>(to: Numbers, numbers: Numbers): void {
  for (let index = 0; index < to.length; index++) to[index] = (to[index] as number) + (numbers[index] ?? 0);
}
