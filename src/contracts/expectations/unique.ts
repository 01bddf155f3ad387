import type { Expectation } from '../contract.ts';
import { type ExpectationOptions, expectationOf } from './expectation-options.ts';

/** No value occurs twice; of rows with the same value the later ones are violations. */
export function unique(column: string, options: ExpectationOptions = {}): Expectation {
  return expectationOf('unique', options, {
    level: 'column',
    form: 'key',
    category: 'duplicate',
    column,
    sentence: `${column} is different in every row`,
    sql: ({ typed }) => typed(column),
  });
}
