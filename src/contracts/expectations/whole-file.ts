import type { Expectation } from '../contract.ts';
import { type GroupsOption, groupsInWords } from './aggregates.ts';
import {
  assertBounds,
  type Bounds,
  boundsInWords,
  boundsOf,
  type ExpectationOptions,
  expectationOf,
  invalid,
} from './expectation-options.ts';

/** The file has between `min` and `max` readable rows, both included. */
export function rowCountBetween(options: ExpectationOptions & GroupsOption & Bounds): Expectation {
  assertBounds('rowCountBetween()', options);
  const { by = [] } = options;
  return expectationOf('row-count-between', options, {
    level: 'table',
    category: 'schema',
    sentence: `the file has ${boundsInWords(options)} rows${groupsInWords(by)}`,
    rule: {
      ...{ over: 'table', test: 'aggregate', aggregate: 'rows' },
      ...boundsOf(options),
      ...(by.length > 0 ? { by } : {}),
    },
  });
}

/** The file has the contract's columns and no other, in any order unless `order` is true. */
export function columnsMatch(
  options: ExpectationOptions & {
    /** Whether the columns must stand in the order of the contract; false unless set. */
    readonly order?: boolean;
  } = {},
): Expectation {
  const { order = false } = options;
  return expectationOf('columns-match', options, {
    category: 'schema',
    sentence: `the columns are those of the contract${order ? ', in its order' : ''}`,
    rule: { over: 'header', test: 'names', ...(order ? { order } : {}) },
  });
}

/** The file has between `min` and `max` columns, both included, whether the contract has them or not. */
export function columnCountBetween(options: ExpectationOptions & Bounds): Expectation {
  assertBounds('columnCountBetween()', options);
  return expectationOf('column-count-between', options, {
    category: 'schema',
    sentence: `the file has ${boundsInWords(options)} columns`,
    rule: { over: 'header', test: 'count', ...boundsOf(options) },
  });
}

/** Values never go down from one row to the next; with `strictly` they always go up. Empty cells are ignored. */
export function increasing(column: string, options: OrderOptions = {}): Expectation {
  const words = options.strictly ? 'goes up' : 'never goes down';
  return inOrder('increasing', options, { column, direction: 'up', words });
}

/** Values never go up from one row to the next; with `strictly` they always go down. Empty cells are ignored. */
export function decreasing(column: string, options: OrderOptions = {}): Expectation {
  const words = options.strictly ? 'goes down' : 'never goes up';
  return inOrder('decreasing', options, { column, direction: 'down', words });
}

/** Options of an order from row to row. */
interface OrderOptions extends ExpectationOptions {
  /** Whether equal neighbours are refused too; false unless set. */
  readonly strictly?: boolean;
}

function inOrder(
  name: 'increasing' | 'decreasing',
  options: OrderOptions,
  { column, direction, words }: { readonly column: string; readonly direction: 'up' | 'down'; readonly words: string },
): Expectation {
  const { strictly = false } = options;
  return expectationOf(name, options, {
    level: 'table',
    severity: 'warn',
    category: 'schema',
    sentence: `${column} ${words} from row to row`,
    rule: { over: 'table', test: 'order', column, direction, ...(strictly ? { strictly } : {}) },
  });
}

/**
 * From one row to the next, the values grow by `min` to `max`, both included: by 1 to 1 where there are no gaps. Empty
 * cells are ignored.
 */
export function stepsBetween(
  column: string,
  options: ExpectationOptions &
    Bounds & {
      /** Unit of the steps: `'hours'` for dates and timestamps, which need it; none unless set, as for numbers. */
      readonly unit?: 'hours';
    },
): Expectation {
  assertBounds(`stepsBetween('${column}')`, options);
  const { unit } = options;
  return expectationOf('steps-between', options, {
    level: 'table',
    severity: 'warn',
    category: 'schema',
    sentence: `${column} grows by ${boundsInWords(options)}${unit === undefined ? '' : ` ${unit}`} from row to row`,
    rule: { over: 'table', test: 'steps', column, ...boundsOf(options), ...(unit === undefined ? {} : { unit }) },
  });
}

/** The newest moment of the column is at most so many hours old when the file is checked; without a moment it fails. */
export function fresherThan(
  column: string,
  options: ExpectationOptions & {
    /** How old the newest moment may be, in hours, above 0. */
    readonly hours: number;
  },
): Expectation {
  const { hours } = options;
  if (!(Number.isFinite(hours) && hours > 0)) {
    throw invalid(`fresherThan('${column}') expects hours above 0; got ${hours}.`);
  }
  return expectationOf('fresher-than', options, {
    level: 'table',
    severity: 'warn',
    category: 'schema',
    sentence: `the newest ${column} is at most ${hours} hours old`,
    rule: { over: 'table', test: 'fresh', column, hours },
  });
}
