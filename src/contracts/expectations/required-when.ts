import type { Expectation } from '../contract.ts';
import { embeddedSql } from '../embedded-sql.ts';
import { rowCondition } from './condition.ts';
import type { ExpectationOptions, SqlColumnsOption } from './expectation-options.ts';

/**
 * The column is not empty in rows where an SQL condition over the typed columns is true.
 *
 * @example requiredWhen('deck', { when: `class = '1st'`, columns: ['class'] })
 */
export function requiredWhen(
  column: string,
  {
    columns = [],
    ...options
  }: ExpectationOptions &
    SqlColumnsOption & {
      /** Condition in SQL over the typed columns: `"class = '1st'"`. */
      readonly when: string;
    },
): Expectation {
  const when = embeddedSql(`requiredWhen('${column}') expects in when`, options.when);
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
