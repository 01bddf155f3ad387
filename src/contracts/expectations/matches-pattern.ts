import type { Expectation } from '../contract.ts';
import { literal } from '../sql.ts';
import { cellCondition } from './condition.ts';
import type { ExpectationOptions } from './expectation-options.ts';

/** The whole text matches a regular expression (RE2). */
export function matchesPattern(
  column: string,
  {
    pattern,
    ...options
  }: ExpectationOptions & {
    /** The expression, without look-around and back-references: `'[A-Z]{2}[0-9]+'`. */
    readonly pattern: string;
  },
): Expectation {
  return cellCondition(column, options, {
    name: 'matches-pattern',
    category: 'format',
    sentence: `${column} matches ${pattern}`,
    violated: ({ raw }) => `not regexp_full_match(${raw(column)}, ${literal(pattern)})`,
  });
}
