import type { Expectation } from '../contract.ts';
import { cellCondition } from './condition.ts';
import type { ExpectationOptions } from './expectation-options.ts';

/** Every cell of the column holds something. */
export function notNull(column: string, options: ExpectationOptions = {}): Expectation {
  return cellCondition(column, options, {
    name: 'not-null',
    category: 'missing-value',
    sentence: `${column} is never empty`,
    violated: ({ raw }) => `${raw(column)} is null`,
  });
}
