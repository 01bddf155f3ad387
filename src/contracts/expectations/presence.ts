import type { ColumnKind, Expectation, PlainKind } from '../contract.ts';
import { isDecimal } from '../kinds/decimal.ts';
import { definitionOf } from '../kinds/kinds.ts';
import { assertBounds, boundsInWords, expectationOf, invalid, type RowsOptions } from './expectation-options.ts';

/** Every cell of the column holds something. */
export function notNull(column: string, options: RowsOptions = {}): Expectation {
  return expectationOf('not-null', options, {
    category: 'missing-value',
    sentence: `${column} is never empty`,
    rule: { over: 'cell', column, test: 'present' },
  });
}

/** Every cell of the column is empty. */
export function alwaysNull(column: string, options: RowsOptions = {}): Expectation {
  return expectationOf('always-null', options, {
    category: 'row',
    sentence: `${column} is always empty`,
    rule: { over: 'cell', column, test: 'absent' },
  });
}

/** In each row between `min` (1 by default) and `max` of the columns are not empty. */
export function someNotNull(
  columns: readonly string[],
  {
    min = 1,
    max,
    ...options
  }: RowsOptions & {
    /** How many of the columns must hold something; 1 unless set. */
    readonly min?: number;
    /** How many may; all of them unless set. */
    readonly max?: number;
  } = {},
): Expectation {
  if (columns.length < 2)
    throw invalid(`someNotNull() expects two columns or more; got ${columns.join(', ') || 'none'}.`);
  const bounds = { min, ...(max === undefined ? {} : { max }) };
  assertBounds('someNotNull()', bounds);
  return expectationOf('some-not-null', options, {
    category: 'row',
    sentence: `${boundsInWords(bounds)} of ${columns.join(', ')} is not empty`,
    rule: { over: 'row', test: 'filled', columns, ...bounds },
  });
}

const KINDS_IN_WORDS: Readonly<Record<PlainKind, string>> = {
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  category: 'a text',
  text: 'a text',
  timestamp: 'a date and time (ISO 8601)',
  date: 'a date (ISO 8601)',
  time: 'a time of day (ISO 8601)',
  duration: 'a duration (ISO 8601) without years and months',
  list: 'a list in JSON',
  struct: 'an object in JSON',
};

/** Every cell that is not empty can be read as the kind, whichever the column is declared to be. */
export function ofType(
  column: string,
  options: RowsOptions & {
    /** The kind that each cell must be readable as: `'integer'`. */
    readonly kind: ColumnKind;
  },
): Expectation {
  const { kind } = options;
  return expectationOf('of-type', options, {
    category: 'wrong-type',
    sentence: `${column} is ${isDecimal(kind) ? definitionOf(kind).words : KINDS_IN_WORDS[kind]}`,
    rule: { over: 'cell', column, test: 'kind', kind },
  });
}
