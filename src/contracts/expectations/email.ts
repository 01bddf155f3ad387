import type { Expectation } from '../contract.ts';
import { literal } from '../sql.ts';
import { cellCondition } from './condition.ts';
import type { ExpectationOptions } from './expectation-options.ts';

const LETTERS = String.raw`\pL\pM\pN`;
const LOCAL = "([-a-zA-Z0-9.!#$%&'*+/=?^_`{|}~]|[^\\x00-\\x7F\\p{Z}\\p{C}])+";
const LABEL = `[${LETTERS}]([-${LETTERS}]*[${LETTERS}])?`;
/** The last name of a domain begins with a letter: what ends in a number is no domain. */
const LAST = `\\pL[-${LETTERS}]*[${LETTERS}]`;
const FORM = `${LOCAL}@(${LABEL}\\.)+${LAST}`;
/** Names of a domain have 63 characters at most. Counted in `FORM`, it would take a hundred times as long. */
const LONG_LABEL = '@.*[^.@]{64}';

/**
 * Texts have the form of a mail address, as HTML defines it for browsers, in letters of any script and with a domain of
 * at least two names; whether it exists is not checked.
 */
export function email(column: string, options: ExpectationOptions = {}): Expectation {
  return cellCondition(column, options, {
    name: 'email',
    category: 'format',
    sentence: `${column} is a mail address`,
    violated: ({ raw }) =>
      `not regexp_full_match(${raw(column)}, ${literal(FORM)}) or regexp_matches(${raw(column)}, ${literal(LONG_LABEL)})`,
  });
}
