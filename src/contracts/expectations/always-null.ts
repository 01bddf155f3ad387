import type { Expectation } from '../contract.ts';
import { cellCondition } from './condition.ts';
import type { ExpectationOptions } from './expectation-options.ts';

/** Every cell of the column is empty. */
export function alwaysNull(column: string, options: ExpectationOptions = {}): Expectation {
  return cellCondition(column, options, {
    name: 'always-null',
    category: 'row',
    sentence: `${column} is always empty`,
    violated: ({ raw }) => `${raw(column)} is not null`,
  });
}
