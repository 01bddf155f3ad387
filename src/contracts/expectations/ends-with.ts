import type { Expectation } from '../contract.ts';
import { literal } from '../sql.ts';
import { cellCondition } from './condition.ts';
import type { ExpectationOptions } from './expectation-options.ts';

/** Texts end with `suffix`. */
export function endsWith(
  column: string,
  {
    suffix,
    ...options
  }: ExpectationOptions & {
    /** The end of each text: `'.pdf'`. */
    readonly suffix: string;
  },
): Expectation {
  return cellCondition(column, options, {
    name: 'ends-with',
    category: 'format',
    sentence: `${column} ends with ${JSON.stringify(suffix)}`,
    violated: ({ raw }) => `not suffix(${raw(column)}, ${literal(suffix)})`,
  });
}
