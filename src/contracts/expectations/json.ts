import type { Expectation } from '../contract.ts';
import { cellCondition } from './condition.ts';
import type { ExpectationOptions } from './expectation-options.ts';

/** Texts are JSON. */
export function json(column: string, options: ExpectationOptions = {}): Expectation {
  return cellCondition(column, options, {
    name: 'json',
    category: 'format',
    sentence: `${column} is JSON`,
    violated: ({ raw }) => `not json_valid(${raw(column)})`,
  });
}
