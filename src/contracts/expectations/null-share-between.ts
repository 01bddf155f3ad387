import type { Expectation } from '../contract.ts';
import { type AggregateOptions, aggregateBetween } from './aggregate.ts';

/** Cells without a usable value make up a share between `min` and `max` (0 to 1) of a column. */
export function nullShareBetween(column: string, options: AggregateOptions): Expectation {
  return aggregateBetween(column, options, {
    name: 'null-share-between',
    words: `the share of empty cells in ${column}`,
    sql: (typed) => `(count(*) - count(${typed}))::double / nullif(count(*), 0)`,
  });
}
