import type { Expectation } from '../contract.ts';
import { invalid, type SeverityOption } from './expectation-options.ts';

/**
 * Any question to the whole file: SQL of one row `(ok, observed)` over the table `rows` of typed columns.
 *
 * @example query('one-captain', { sql: `select count(*) = 1 as ok, count(*) as observed from rows where role = 'captain'`, sentence: 'there is one captain' })
 */
export function query(
  name: string,
  options: SeverityOption & { readonly sql: string; readonly sentence: string; readonly columns?: readonly string[] },
): Expectation {
  const { sql, sentence, columns, severity = 'fail' } = options;
  if (!/^[a-z][a-z0-9-]*$/.test(name)) throw invalid(`query() expects a kebab-case name; got ${JSON.stringify(name)}.`);
  return {
    name,
    level: 'table',
    severity,
    category: 'row',
    sentence,
    ...(columns === undefined ? {} : { columns }),
    sql: ({ table }) => `with "rows" as (select * from ${table}) ${sql}`,
  };
}
