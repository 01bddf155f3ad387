import type { Expectation } from '../contract.ts';
import { type AggregateOptions, aggregateBetween } from './aggregate.ts';

/** The median of a column of numbers lies between `min` and `max`. */
export function medianBetween(column: string, options: AggregateOptions): Expectation {
  return aggregateBetween(column, options, {
    name: 'median-between',
    words: `the median of ${column}`,
    sql: (typed) => `median(${typed})`,
  });
}
