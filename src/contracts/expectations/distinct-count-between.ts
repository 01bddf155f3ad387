import type { Expectation } from '../contract.ts';
import { type AggregateOptions, aggregateBetween } from './aggregate.ts';

/** A column has between `min` and `max` different values. */
export function distinctCountBetween(column: string, options: AggregateOptions): Expectation {
  return aggregateBetween(column, options, {
    name: 'distinct-count-between',
    words: `the number of different values of ${column}`,
    sql: (typed) => `count(distinct ${typed})`,
  });
}
