import type { CellValue } from '../cell.ts';
import { type BinRows, DEVIATIONS_SURE, differenceOf } from '../distribution/difference.ts';
import { maybeDivergence } from '../distribution/divergence.ts';
import { categoryBinRows, type Reference } from '../distribution/reference.ts';
import type { AggregateTest, TableRule } from './rule.ts';

/** What was counted of a rule's column over all rows; those that `needsOf` did not ask for may be absent. */
export interface Counters {
  readonly rows?: number;
  /** Cells with a value. */
  readonly values?: number;
  readonly sum?: number;
  /** Undefined where the column has no value. */
  readonly min?: number;
  readonly max?: number;
  readonly distinct?: number;
  /** Rows by value, of every value that occurs. */
  readonly categories?: ReadonlyMap<string, number>;
  /** Rows of the other dataset that the rule names. */
  readonly there?: number;
}

/** The answer to a rule of the table: whether it is met, and what was found. */
export interface TableAnswer {
  readonly isMet: boolean;
  readonly observed: CellValue | null;
}

/** The answer to a rule of the table that counters decide, as its SQL gives it. */
export function answerByCounters(rule: TableRule, counters: Counters): TableAnswer {
  switch (rule.test) {
    case 'aggregate':
      return aggregateAnswer(rule, counters);
    case 'rows-there': {
      const { rows = 0, there = 0 } = counters;
      const { min = 0, max = Number.POSITIVE_INFINITY } = rule;
      // No number of rows is infinitely many times none.
      const isMet = rows >= min * there && (rule.max === undefined || rows <= max * there);
      return { isMet, observed: `${rows} rows, and ${there} there` };
    }
    case 'contains': {
      const { categories = new Map() } = counters;
      const missing = rule.values.map(String).filter((value) => (categories.get(value) ?? 0) === 0);
      return { isMet: missing.length === 0, observed: missing.length === 0 ? null : `no ${missing.join(', ')}` };
    }
    case 'shares':
      return sharesAnswer(rule, counters);
    case 'divergence': {
      const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = rule;
      const found = maybeDivergence(binsOf(rule, counters), rule.measure);
      return { isMet: found === undefined || (found >= min && found <= max), observed: found ?? null };
    }
    case 'near': {
      const bins = binsOf(rule, counters);
      if (bins.every(({ current }) => current === 0)) return { isMet: true, observed: null };
      const { stabilityIndex, deviations } = differenceOf(bins);
      return {
        isMet: stabilityIndex <= rule.indexMax || deviations <= DEVIATIONS_SURE,
        observed: stabilityIndex,
      };
    }
    case 'order':
    case 'steps':
    case 'fresh':
      throw undecidable(rule.test);
    default:
      return rule satisfies never;
  }
}

/** The rows of the reference and of the file, by value. */
function binsOf(
  { test, reference }: Extract<TableRule, { readonly reference: Reference }>,
  { categories = new Map() }: Counters,
): readonly BinRows[] {
  if (reference.kind !== 'category') throw undecidable(test);
  return categoryBinRows(reference, { rows: total(categories), counts: categories });
}

function undecidable(test: string): RangeError {
  return new RangeError(`Expected a rule that counters decide; got one of ${test}.`);
}

function aggregateAnswer(rule: AggregateTest, counters: Counters): TableAnswer {
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = rule;
  const observed = maybeAggregate(rule, counters);
  return { isMet: observed === undefined || (observed >= min && observed <= max), observed: observed ?? null };
}

/** The number; undefined where there is nothing to make it of. */
function maybeAggregate(
  { aggregate }: AggregateTest,
  { rows = 0, values = 0, sum = 0, min, max, distinct = 0 }: Counters,
): number | undefined {
  switch (aggregate) {
    case 'rows':
      return rows;
    case 'null-share':
      return rows === 0 ? undefined : (rows - values) / rows;
    case 'distinct-count':
      return distinct;
    case 'distinct-share':
      return values === 0 ? undefined : distinct / values;
    case 'mean':
      return values === 0 ? undefined : sum / values;
    case 'sum':
      return values === 0 ? undefined : sum;
    case 'smallest':
      return min;
    case 'largest':
      return max;
    default:
      throw undecidable(aggregate);
  }
}

function sharesAnswer(
  { shares, tolerance }: Extract<TableRule, { readonly test: 'shares' }>,
  { categories = new Map() }: Counters,
): TableAnswer {
  const rows = total(categories);
  if (rows === 0) return { isMet: true, observed: null };
  const found = Object.entries(shares).map(([name, share]) => {
    const actual = (categories.get(name) ?? 0) / rows;
    return { words: `${name} ${inWords(actual)}`, isMet: Math.abs(actual - share) <= tolerance };
  });
  return { isMet: found.every(({ isMet }) => isMet), observed: found.map(({ words }) => words).join(', ') };
}

/** A share to four decimals; a whole one has a decimal too, as databases write doubles. */
function inWords(share: number): string {
  const rounded = Math.round(share * 1e4) / 1e4;
  return Number.isInteger(rounded) ? rounded.toFixed(1) : String(rounded);
}

function total(categories: ReadonlyMap<string, number>): number {
  let rows = 0;
  for (const count of categories.values()) rows += count;
  return rows;
}
