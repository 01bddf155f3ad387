import type { Expectation } from '../contract.ts';
import { literal } from '../sql.ts';
import { cellCondition } from './condition.ts';
import type { ExpectationOptions } from './expectation-options.ts';

const FORM = String.raw`https?://[^\s/?#@:]+(:[0-9]{1,5})?([/?#]\S*)?`;

/** Texts are absolute http or https addresses without credentials. */
export function webAddress(column: string, options: ExpectationOptions = {}): Expectation {
  return cellCondition(column, options, {
    name: 'web-address',
    category: 'format',
    sentence: `${column} is a web address`,
    violated: ({ raw }) => `not regexp_full_match(${raw(column)}, ${literal(FORM)})`,
  });
}
