import type { Expectation } from '../contract.ts';
import { cellCondition } from './condition.ts';
import type { ExpectationOptions } from './expectation-options.ts';

/** White space and line ends of all of Unicode, and the byte order mark; RE2's own class is of ASCII. */
const SPACE = String.raw`[\t-\r\p{Z}\x{FEFF}]`;

/** Texts have no white space at their ends, and are not made of it alone. */
export function trimmed(column: string, options: ExpectationOptions = {}): Expectation {
  return cellCondition(column, options, {
    name: 'trimmed',
    category: 'format',
    sentence: `${column} has no white space at its ends`,
    violated: ({ raw }) => `regexp_matches(${raw(column)}, '^${SPACE}|${SPACE}$')`,
  });
}
