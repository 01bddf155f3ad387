import type { Expectation } from '../contract.ts';
import { type AggregateOptions, aggregateBetween } from './aggregate.ts';
import type { OtherOption } from './expectation-options.ts';

/** Pearson's correlation of two columns of numbers lies between `min` and `max` (−1 to 1). */
export function correlationBetween(column: string, { other, ...options }: AggregateOptions & OtherOption): Expectation {
  const expectation = aggregateBetween(column, options, {
    name: 'correlation-between',
    words: `the correlation of ${column} with ${other}`,
    sql: (value, { typed }) => `corr(${value}, ${typed(other)})`,
  });
  return { ...expectation, columns: [other] };
}
