import type { Expectation } from '../contract.ts';
import { type AggregateOptions, aggregateBetween } from './aggregate.ts';

/** Different values make up a share between `min` and `max` (0 to 1) of a column. */
export function distinctShareBetween(column: string, options: AggregateOptions): Expectation {
  return aggregateBetween(column, options, {
    name: 'distinct-share-between',
    words: `the share of different values among those of ${column}`,
    sql: (typed) => `count(distinct ${typed})::double / nullif(count(${typed}), 0)`,
  });
}
