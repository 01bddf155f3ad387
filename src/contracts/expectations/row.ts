import type { Expectation } from '../contract.ts';
import { embeddedSql } from '../embedded-sql.ts';
import { expectationOf, type SeverityOption, type SqlColumnsOption } from './expectation-options.ts';

/**
 * A rule over several columns of a row, in DuckDB's SQL over the typed columns. As with SQL's CHECK, a row where the rule
 * is neither true nor false (something is missing) does not violate it; one where it cannot be computed does.
 *
 * @example row('adults-only', { holds: `age >= 18 or class <> 'crew'`, sentence: 'crew are adults', columns: ['age', 'class'] })
 */
export function row(
  name: string,
  options: SeverityOption &
    SqlColumnsOption & {
      /** Condition in SQL over the typed columns, true for a good row: `'age >= 18'`. */
      readonly holds: string;
      /** The rule in words, as reports show it; the SQL unless set. */
      readonly sentence?: string;
    },
): Expectation {
  const { columns } = options;
  const holds = embeddedSql(`row('${name}') expects in holds`, options.holds);
  return expectationOf(
    'row',
    { ...options, name },
    {
      level: 'row',
      category: 'row',
      sentence: options.sentence ?? holds,
      ...(columns === undefined ? {} : { columns }),
      sql: () => `not (${holds})`,
    },
  );
}
