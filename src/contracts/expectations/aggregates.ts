import type { Expectation } from '../contract.ts';
import type { Aggregate, ColumnAggregate } from '../rules/rule.ts';
import {
  assertBounds,
  type Bounds,
  boundsInWords,
  boundsOf,
  type ExpectationOptions,
  expectationOf,
  invalid,
  type OtherOption,
} from './expectation-options.ts';

/** Whether a number is that of all rows, or of each group of them. */
export interface GroupsOption {
  /**
   * Columns whose values part the rows into groups, each of which must meet the rule; all rows are one group unless set.
   * Example: `['class']`.
   */
  readonly by?: readonly string[];
}

/** Options of expectations of one number made of a column. */
export interface AggregateOptions extends ExpectationOptions, GroupsOption, Bounds {}

/** An expectation that an aggregate of a column lies within bounds; a column without one passes. */
function aggregateBetween(
  options: AggregateOptions,
  { name, words, aggregate }: { readonly name: string; readonly words: string; readonly aggregate: Aggregate },
): Expectation {
  assertBounds(name, options);
  assertSharePossible(name, { ...options, aggregate: aggregate.aggregate });
  const { by = [] } = options;
  return expectationOf(name, options, {
    severity: 'warn',
    category: 'distribution',
    sentence: `${words} is ${boundsInWords(options)}${groupsInWords(by)}`,
    rule: { over: 'table', test: 'aggregate', ...aggregate, ...boundsOf(options), ...(by.length > 0 ? { by } : {}) },
  });
}

/** ", in each group of class". */
export function groupsInWords(by: readonly string[]): string {
  return by.length === 0 ? '' : `, in each group of ${by.join(' and ')}`;
}

const SHARES: readonly Aggregate['aggregate'][] = ['distinct-share', 'null-share', 'outlier-share'];

/** Refuses what no share can be, and groups of what is found in all rows only. */
function assertSharePossible(
  name: string,
  { min = 0, max = 1, by, aggregate }: Bounds & GroupsOption & Pick<Aggregate, 'aggregate'>,
): void {
  if (SHARES.includes(aggregate) && (min > 1 || max < 0)) {
    throw invalid(`${name} expects bounds that a share from 0 to 1 can meet; got min ${min} and max ${max}.`);
  }
  if (aggregate === 'outlier-share' && by !== undefined) {
    throw invalid(`${name} expects no groups, as its quartiles are those of all rows; got by. Leave it out.`);
  }
}

function columnBetween(
  column: string,
  options: AggregateOptions,
  { aggregate, words }: { readonly aggregate: ColumnAggregate; readonly words: string },
): Expectation {
  return aggregateBetween(options, { name: `${aggregate}-between`, words, aggregate: { aggregate, column } });
}

/** The mean of a column of numbers lies between `min` and `max`. */
export function meanBetween(column: string, options: AggregateOptions): Expectation {
  return columnBetween(column, options, { aggregate: 'mean', words: `the mean of ${column}` });
}

/** The median of a column of numbers lies between `min` and `max`. */
export function medianBetween(column: string, options: AggregateOptions): Expectation {
  return columnBetween(column, options, { aggregate: 'median', words: `the median of ${column}` });
}

/** The standard deviation of a column of numbers lies between `min` and `max`. */
export function deviationBetween(column: string, options: AggregateOptions): Expectation {
  return columnBetween(column, options, { aggregate: 'deviation', words: `the standard deviation of ${column}` });
}

/** The smallest number of a column lies between `min` and `max`. */
export function smallestBetween(column: string, options: AggregateOptions): Expectation {
  return columnBetween(column, options, { aggregate: 'smallest', words: `the smallest ${column}` });
}

/** The largest number of a column lies between `min` and `max`. */
export function largestBetween(column: string, options: AggregateOptions): Expectation {
  return columnBetween(column, options, { aggregate: 'largest', words: `the largest ${column}` });
}

/** The sum of a column of numbers lies between `min` and `max`. */
export function sumBetween(column: string, options: AggregateOptions): Expectation {
  return columnBetween(column, options, { aggregate: 'sum', words: `the sum of ${column}` });
}

/** A column has between `min` and `max` different values. */
export function distinctCountBetween(column: string, options: AggregateOptions): Expectation {
  const words = `the number of different values of ${column}`;
  return columnBetween(column, options, { aggregate: 'distinct-count', words });
}

/** Different values make up a share between `min` and `max` (0 to 1) of a column. */
export function distinctShareBetween(column: string, options: AggregateOptions): Expectation {
  const words = `the share of different values among those of ${column}`;
  return columnBetween(column, options, { aggregate: 'distinct-share', words });
}

/** Cells without a usable value make up a share between `min` and `max` (0 to 1) of a column. */
export function nullShareBetween(column: string, options: AggregateOptions): Expectation {
  return columnBetween(column, options, { aggregate: 'null-share', words: `the share of empty cells in ${column}` });
}

/** Numbers beyond the usual whiskers (1.5 interquartile ranges) make up a share between `min` and `max` (0 to 1). */
export function outlierShareBetween(column: string, options: AggregateOptions): Expectation {
  const words = `the share of ${column} beyond 1.5 interquartile ranges`;
  return columnBetween(column, options, { aggregate: 'outlier-share', words });
}

/** A quantile of a column of numbers lies between `min` and `max`; `quantile` 0.9 is what nine tenths are below. */
export function quantileBetween(
  column: string,
  {
    quantile,
    ...options
  }: AggregateOptions & {
    /** Share of the values that lie below, 0 to 1: `0.9`. */
    readonly quantile: number;
  },
): Expectation {
  if (!(quantile >= 0 && quantile <= 1)) {
    throw invalid(`quantileBetween('${column}') expects a quantile from 0 to 1; got ${quantile}.`);
  }
  return aggregateBetween(options, {
    name: `quantile-${quantile}-between`,
    words: `the ${quantile} quantile of ${column}`,
    aggregate: { aggregate: 'quantile', column, quantile },
  });
}

/** Pearson's correlation of two columns of numbers lies between `min` and `max` (−1 to 1). */
export function correlationBetween(column: string, { other, ...options }: AggregateOptions & OtherOption): Expectation {
  return aggregateBetween(options, {
    name: 'correlation-between',
    words: `the correlation of ${column} with ${other}`,
    aggregate: { aggregate: 'correlation', column, other },
  });
}
