import type { Expectation } from '../contract.ts';
import { literal } from '../sql.ts';
import { cellCondition } from './condition.ts';
import type { ExpectationOptions } from './expectation-options.ts';

const FORM = String.raw`[^@\s"(),:;<>\[\]\\]+@([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z]{2,63}`;

/** Texts have the form of a mail address; whether it exists is another matter. */
export function email(column: string, options: ExpectationOptions = {}): Expectation {
  return cellCondition(column, options, {
    name: 'email',
    category: 'format',
    sentence: `${column} is a mail address`,
    violated: ({ raw }) => `not regexp_full_match(${raw(column)}, ${literal(FORM)})`,
  });
}
