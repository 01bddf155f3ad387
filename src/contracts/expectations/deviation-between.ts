import type { Expectation } from '../contract.ts';
import { type AggregateOptions, aggregateBetween } from './aggregate.ts';

/** The standard deviation of a column of numbers lies between `min` and `max`. */
export function deviationBetween(column: string, options: AggregateOptions): Expectation {
  return aggregateBetween(column, options, {
    name: 'deviation-between',
    words: `the standard deviation of ${column}`,
    sql: (typed) => `stddev_samp(${typed})`,
  });
}
