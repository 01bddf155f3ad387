import type { Expectation } from '../contract.ts';
import { literal } from '../sql.ts';
import { cellCondition } from './condition.ts';
import type { ExpectationOptions } from './expectation-options.ts';

/** No part of the text matches a regular expression (RE2). */
export function notMatchesPattern(
  column: string,
  {
    pattern,
    ...options
  }: ExpectationOptions & {
    /** The expression, without look-around and back-references: `'(?i)test'`. */
    readonly pattern: string;
  },
): Expectation {
  return cellCondition(column, options, {
    name: 'not-matches-pattern',
    category: 'format',
    sentence: `${column} holds nothing like ${pattern}`,
    violated: ({ raw }) => `regexp_matches(${raw(column)}, ${literal(pattern)})`,
  });
}
