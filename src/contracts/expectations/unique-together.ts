import type { Expectation } from '../contract.ts';
import { type ExpectationOptions, expectationOf, invalid } from './expectation-options.ts';

/** No combination of values of the columns occurs twice; rows that lack one of them are not compared. */
export function uniqueTogether(columns: readonly string[], options: ExpectationOptions = {}): Expectation {
  if (columns.length < 2)
    throw invalid(`uniqueTogether() expects two columns or more; got ${columns.join(', ') || 'none'}.`);
  return expectationOf('unique-together', options, {
    level: 'row',
    form: 'key',
    category: 'duplicate',
    columns,
    sentence: `${columns.join(' and ')} together are different in every row`,
    sql: ({ typed }) => {
      const parts = columns.map(typed);
      return `case when ${parts.map((part) => `${part} is not null`).join(' and ')} then row(${parts.join(', ')}) end`;
    },
  });
}
