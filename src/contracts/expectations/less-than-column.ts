import type { Expectation } from '../contract.ts';
import { rowCondition } from './condition.ts';
import type { ExpectationOptions, OtherOption } from './expectation-options.ts';

/** In each row `column` is less than `other`, or equal to it when `orEqual`; rows that lack one of both pass. */
export function lessThanColumn(
  column: string,
  {
    other,
    orEqual = false,
    ...options
  }: ExpectationOptions &
    OtherOption & {
      /** Whether equal values pass too; false unless set. */
      readonly orEqual?: boolean;
    },
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
