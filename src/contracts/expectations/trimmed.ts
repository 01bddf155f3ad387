import type { Expectation } from '../contract.ts';
import { cellCondition } from './condition.ts';
import type { ExpectationOptions } from './expectation-options.ts';

/** Texts have no white space at their ends, and are not made of it alone. */
export function trimmed(column: string, options: ExpectationOptions = {}): Expectation {
  return cellCondition(column, options, {
    name: 'trimmed',
    category: 'format',
    sentence: `${column} has no white space at its ends`,
    violated: ({ raw }) => `regexp_matches(${raw(column)}, '^\\s|\\s$')`,
  });
}
