import type { Expectation } from '../contract.ts';
import { embeddedSql } from '../embedded-sql.ts';
import { expectationOf, type SeverityOption, type SqlColumnsOption } from './expectation-options.ts';

/**
 * Any query over the whole file: SQL that returns one row with `ok` and optionally `observed`, over the table `rows` of
 * typed columns.
 *
 * @example query('one-captain', { sql: `select count(*) = 1 as ok, count(*) as observed from rows where role = 'captain'`, sentence: 'there is one captain' })
 */
export function query(
  name: string,
  options: SeverityOption &
    SqlColumnsOption & {
      /** A SELECT of one row with `ok`, over `rows`: `'select count(*) > 10 as ok from rows'`. */
      readonly sql: string;
      /** The rule in words, as reports show it: `'there are more than ten rows'`. */
      readonly sentence: string;
    },
): Expectation {
  const { sentence, columns } = options;
  const sql = embeddedSql(`query('${name}') expects`, options.sql);
  return expectationOf(
    'query',
    { ...options, name },
    {
      level: 'table',
      category: 'row',
      sentence,
      ...(columns === undefined ? {} : { columns }),
      sql: ({ table }) => `with "rows" as (select * from ${table}) select * from (${sql}) limit 2`,
    },
  );
}
