import type { Expectation } from '../contract.ts';
import { rowCondition } from './condition.ts';
import type { SeverityOption } from './expectation-options.ts';

/**
 * The column holds something in rows where an SQL condition over the typed columns is true.
 *
 * @example requiredWhen('deck', { when: `class = '1st'`, columns: ['class'] })
 */
export function requiredWhen(
  column: string,
  { when, columns = [], ...options }: SeverityOption & { readonly when: string; readonly columns?: readonly string[] },
): Expectation {
  return {
    ...rowCondition([column, ...columns], options, {
      name: 'required-when',
      sentence: `${column} is not empty when ${when}`,
      violated: ({ raw }) => `${raw(column)} is null and (${when})`,
    }),
    category: 'missing-value',
    column,
  };
}
