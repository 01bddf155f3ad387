import { ContractError } from '../errors.ts';
import type { BinRows } from './difference.ts';
import { betweenUppers, binsOfSorted, comparedBins, justBelow, type NumberBins, uppersOf } from './number-bins.ts';

/**
 * The expected distribution of a column; `referenceOf` takes it from a profile. Plain data, to store with a contract.
 * What the shares lack to 1 are unnamed values.
 */
export type Reference =
  | {
      /** Of a column of numbers, by bins. */
      readonly kind: 'number';
      /** How many values were counted. */
      readonly rows: number;
      /**
       * Ascending: `shares[i]` lies above `edges[i]` up to and with `edges[i + 1]`; an edge that occurs twice is a
       * single value.
       */
      readonly edges: readonly number[];
      /** Share of the values in each bin, 0 to 1. */
      readonly shares: readonly number[];
    }
  | {
      /** Of a column of categories or truth values, by value. */
      readonly kind: 'category';
      /** How many values were counted. */
      readonly rows: number;
      /** Share of each value, 0 to 1. */
      readonly shares: Readonly<Record<string, number>>;
    };

export type NumberReference = Extract<Reference, { kind: 'number' }>;
export type CategoryReference = Extract<Reference, { kind: 'category' }>;

/** How much the sum of shares may differ from 1. */
const ROUNDING = 1e-6;

/** @throws ContractError `expectation_invalid` when it cannot be compared with data. */
export function assertReference(reference: Reference, name: string): void {
  const shares = Object.values(reference.shares);
  const rules: readonly (readonly [string, () => boolean])[] = [
    ['rows above 0', () => reference.rows > 0],
    ['shares from 0 to 1', () => shares.every((share) => share >= 0 && share <= 1)],
    ['shares of 1 together, or less', () => shares.length > 0 && sum(shares) <= 1 + ROUNDING],
    ...(reference.kind === 'category' ? [] : numberRules(reference)),
  ];
  const broken = rules.find(([, holds]) => !holds());
  if (broken === undefined) return;
  throw new ContractError('expectation_invalid', `${name} expects a reference with ${broken[0]}.`);
}

function numberRules(reference: NumberReference): readonly (readonly [string, () => boolean])[] {
  const { edges, shares } = reference;
  return [
    ['one edge more than shares', () => edges.length === shares.length + 1],
    ['finite edges in ascending order', () => isAscending(edges)],
    ['two bins or more', () => numberBins(reference).rows.length > 1],
  ];
}

function isAscending(edges: readonly number[]): boolean {
  return edges.every((edge, at) => Number.isFinite(edge) && (at === 0 || edge >= (edges[at - 1] ?? edge)));
}

/** The reference of numbers in ascending order. */
export function referenceOfNumbers(sorted: Float64Array): NumberReference {
  return numberReference(binsOfSorted(sorted));
}

/** The reference of binned numbers. */
export function numberReference(bins: NumberBins): NumberReference {
  const { edges, rows } = comparedBins(bins);
  const total = sum(rows);
  return { kind: 'number', rows: total, edges, shares: rows.map((count) => count / total) };
}

/**
 * The bins by which numbers are compared with a reference: what each ends with, the last being open, and the reference's
 * rows. Beyond the reference's range lies its outermost bin, unless that is a value alone.
 */
export function numberBins({ edges, shares, rows: all }: NumberReference): {
  readonly uppers: readonly number[];
  readonly rows: readonly number[];
} {
  const [first = 0, second] = edges;
  const [last, beforeLast] = [edges.at(-1), edges.at(-2)];
  const below = first === second ? [justBelow(first)] : [];
  const uppers = [...below, ...uppersOf(edges)];
  const rows = [...below.map(() => 0), ...shares.map((share) => share * all)];
  return last === beforeLast ? { uppers, rows: [...rows, 0] } : { uppers: uppers.slice(0, -1), rows };
}

/** Numbers of one bin: above `from`, up to and with `to`; null is open. Where both are equal, that value alone. */
export interface NumberRange {
  readonly from: number | null;
  readonly to: number | null;
}

/** The range of each of these bins, in the same order. */
export function rangesOf({ edges }: NumberReference): readonly NumberRange[] {
  const isFirstAlone = edges[0] === edges[1];
  const isLastAlone = edges.at(-1) === edges.at(-2);
  const bounds = [null, ...edges.slice(isFirstAlone ? 0 : 1, isLastAlone ? edges.length : -1), null];
  return bounds.slice(1).map((to, bin) => ({ from: bounds[bin] ?? null, to }));
}

/** Rows by bin, of numbers of which so many lie up to each number. */
export function numberBinRows(
  reference: NumberReference,
  current: { readonly rows: number; readonly upTo: (value: number) => number },
): readonly BinRows[] {
  const bins = numberBins(reference);
  const within = betweenUppers(bins.uppers, current.upTo);
  const counts = [...within, current.rows - sum(within)];
  return bins.rows.map((rows, bin) => ({ reference: rows, current: counts[bin] ?? 0 }));
}

/** Rows without a name in the reference; 0 when it names every value that it had. */
export function unnamedRows({ shares, rows }: CategoryReference): number {
  const rest = 1 - sum(Object.values(shares));
  return rest <= ROUNDING ? 0 : rest * rows;
}

/**
 * Rows by value. Values that only the current rows have are counted separately, unless the reference has unnamed ones.
 */
export function categoryBinRows(
  reference: CategoryReference,
  current: { readonly rows: number; readonly counts: ReadonlyMap<string, number> },
): readonly BinRows[] {
  const { rows, shares } = reference;
  const unnamed = unnamedRows(reference);
  const named = Object.entries(shares).map(([name, share]) => {
    return { reference: share * rows, current: current.counts.get(name) ?? 0 };
  });
  const fresh = [...current.counts]
    .filter(([name]) => unnamed === 0 && !Object.hasOwn(shares, name))
    .map(([, count]) => ({ reference: 0, current: count }));
  const known = [...named, ...fresh];
  const rest = current.rows - sum(known.map((bin) => bin.current));
  return [...known, { reference: unnamed, current: rest }];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
