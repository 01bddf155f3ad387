import type { Expectation } from '../contract.ts';
import { type AggregateOptions, aggregateBetween } from './aggregate.ts';

/** The smallest number of a column lies between `min` and `max`. */
export function smallestBetween(column: string, options: AggregateOptions): Expectation {
  return aggregateBetween(column, options, {
    name: 'smallest-between',
    words: `the smallest ${column}`,
    sql: (typed) => `min(${typed})`,
  });
}
