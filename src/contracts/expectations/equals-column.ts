import type { Expectation } from '../contract.ts';
import { rowCondition } from './condition.ts';
import type { ExpectationOptions, OtherOption } from './expectation-options.ts';

/** In each row `column` equals `other`; two empty cells are equal, an empty one and a filled one are not. */
export function equalsColumn(column: string, { other, ...options }: ExpectationOptions & OtherOption): Expectation {
  return rowCondition([column, other], options, {
    name: 'equals-column',
    sentence: `${column} equals ${other}`,
    violated: ({ typed }) => `${typed(column)} is distinct from ${typed(other)}`,
  });
}
