import type { Expectation } from '../contract.ts';
import { rowCondition } from './condition.ts';
import type { ExpectationOptions } from './expectation-options.ts';

/** In each row `column` is less than `other`, or equal to it when `orEqual`; rows that lack one of both pass. */
export function lessThanColumn(
  column: string,
  { other, orEqual = false, ...options }: ExpectationOptions & { readonly other: string; readonly orEqual?: boolean },
): Expectation {
  return rowCondition([column, other], options, {
    name: `${slug(column)}-less-than-${slug(other)}`,
    sentence: `${column} is less than ${orEqual ? 'or equal to ' : ''}${other}`,
    violated: ({ typed }) => `${typed(column)} ${orEqual ? '>' : '>='} ${typed(other)}`,
  });
}

function slug(column: string): string {
  return column.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, '-');
}
