import type { Expectation } from '../contract.ts';
import { type AggregateOptions, aggregateBetween } from './aggregate.ts';

/** The sum of a column of numbers lies between `min` and `max`. */
export function sumBetween(column: string, options: AggregateOptions): Expectation {
  return aggregateBetween(column, options, {
    name: 'sum-between',
    words: `the sum of ${column}`,
    sql: (typed) => `sum(${typed})::double`,
  });
}
