import type { Expectation } from '../contract.ts';
import { literal } from '../sql.ts';
import { cellCondition } from './condition.ts';
import type { ExpectationOptions } from './expectation-options.ts';

const FORM = String.raw`((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\.){3}(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])`;

/** Texts are IPv4 addresses in dotted form. */
export function ipAddress(column: string, options: ExpectationOptions = {}): Expectation {
  return cellCondition(column, options, {
    name: 'ip-address',
    category: 'format',
    sentence: `${column} is an IPv4 address`,
    violated: ({ raw }) => `not regexp_full_match(${raw(column)}, ${literal(FORM)})`,
  });
}
