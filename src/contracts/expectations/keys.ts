import type { Expectation } from '../contract.ts';
import { expectationOf, invalid, type RowsOptions } from './expectation-options.ts';

/** No value occurs twice; of rows with the same value the later ones are violations. */
export function unique(column: string, options: RowsOptions = {}): Expectation {
  return expectationOf('unique', options, {
    category: 'duplicate',
    sentence: `${column} is different in every row`,
    rule: { over: 'key', columns: [column] },
  });
}

/** No combination of values of the columns occurs twice; rows that lack one of them are not compared. */
export function uniqueTogether(columns: readonly string[], options: RowsOptions = {}): Expectation {
  if (columns.length < 2)
    throw invalid(`uniqueTogether() expects two columns or more; got ${columns.join(', ') || 'none'}.`);
  return expectationOf('unique-together', options, {
    category: 'duplicate',
    sentence: `${columns.join(' and ')} together are different in every row`,
    rule: { over: 'key', columns },
  });
}
