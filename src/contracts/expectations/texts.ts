import type { Expectation } from '../contract.ts';
import { assertPattern } from '../pattern.ts';
import {
  assertBounds,
  type Bounds,
  boundsInWords,
  boundsOf,
  expectationOf,
  type RowsOptions,
} from './expectation-options.ts';

/** Texts have between `min` and `max` characters (code points), both included. */
export function lengthBetween(column: string, options: RowsOptions & Bounds): Expectation {
  assertBounds('lengthBetween()', options);
  return expectationOf('length-between', options, {
    category: 'format',
    sentence: `${column} has ${boundsInWords(options)} characters`,
    rule: { over: 'cell', column, test: 'length', ...boundsOf(options) },
  });
}

/** The whole text matches a regular expression (RE2). */
export function matchesPattern(
  column: string,
  {
    pattern,
    ...options
  }: RowsOptions & {
    /** The expression, without look-around and back-references: `'[A-Z]{2}[0-9]+'`. */
    readonly pattern: string;
  },
): Expectation {
  assertPattern(pattern, { of: `matchesPattern('${column}')` });
  return expectationOf('matches-pattern', options, {
    category: 'format',
    sentence: `${column} matches ${pattern}`,
    rule: { over: 'cell', column, test: 'pattern', pattern },
  });
}

/** No part of the text matches a regular expression (RE2). */
export function notMatchesPattern(
  column: string,
  {
    pattern,
    ...options
  }: RowsOptions & {
    /** The expression, without look-around and back-references: `'(?i)test'`. */
    readonly pattern: string;
  },
): Expectation {
  assertPattern(pattern, { of: `notMatchesPattern('${column}')`, where: 'part' });
  return expectationOf('not-matches-pattern', options, {
    category: 'format',
    sentence: `${column} holds nothing like ${pattern}`,
    rule: { over: 'cell', column, test: 'pattern', pattern, isNegated: true },
  });
}

/** Texts begin with `prefix`. */
export function startsWith(
  column: string,
  {
    prefix,
    ...options
  }: RowsOptions & {
    /** The beginning of each text: `'SKU-'`. */
    readonly prefix: string;
  },
): Expectation {
  return expectationOf('starts-with', options, {
    category: 'format',
    sentence: `${column} begins with ${JSON.stringify(prefix)}`,
    rule: { over: 'cell', column, test: 'affix', prefix },
  });
}

/** Texts end with `suffix`. */
export function endsWith(
  column: string,
  {
    suffix,
    ...options
  }: RowsOptions & {
    /** The end of each text: `'.pdf'`. */
    readonly suffix: string;
  },
): Expectation {
  return expectationOf('ends-with', options, {
    category: 'format',
    sentence: `${column} ends with ${JSON.stringify(suffix)}`,
    rule: { over: 'cell', column, test: 'affix', suffix },
  });
}
