import type { Expectation } from '../contract.ts';
import { type AggregateOptions, aggregateBetween } from './aggregate.ts';

/** The largest number of a column lies between `min` and `max`. */
export function largestBetween(column: string, options: AggregateOptions): Expectation {
  return aggregateBetween(column, options, {
    name: 'largest-between',
    words: `the largest ${column}`,
    sql: (typed) => `max(${typed})`,
  });
}
