import type { Expectation } from '../contract.ts';
import { numeral } from '../sql.ts';
import { type AggregateOptions, aggregateBetween } from './aggregate.ts';
import { invalid } from './expectation-options.ts';

/** A quantile of a column of numbers lies between `min` and `max`; `quantile` 0.9 is what nine tenths are below. */
export function quantileBetween(
  column: string,
  {
    quantile,
    ...options
  }: AggregateOptions & {
    /** Share of the values that lie below, 0 to 1: `0.9`. */
    readonly quantile: number;
  },
): Expectation {
  if (!(quantile >= 0 && quantile <= 1)) {
    throw invalid(`quantileBetween('${column}') expects a quantile from 0 to 1; got ${quantile}.`);
  }
  return aggregateBetween(column, options, {
    name: `quantile-${quantile}-between`,
    words: `the ${quantile} quantile of ${column}`,
    sql: (typed) => `quantile_cont(${typed}, ${numeral(quantile)})`,
  });
}
