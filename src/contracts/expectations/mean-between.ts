import type { Expectation } from '../contract.ts';
import { type AggregateOptions, aggregateBetween } from './aggregate.ts';

/** The mean of a column of numbers lies between `min` and `max`. */
export function meanBetween(column: string, options: AggregateOptions): Expectation {
  return aggregateBetween(column, options, {
    name: 'mean-between',
    words: `the mean of ${column}`,
    sql: (typed) => `avg(${typed})`,
  });
}
