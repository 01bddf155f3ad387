import type { Expectation } from '../contract.ts';
import { literal } from '../sql.ts';
import { invalid, type SeverityOption } from './expectation-options.ts';

/** Every one of the values stands in some row of the column. */
export function containsAll(
  column: string,
  { values, severity = 'warn' }: SeverityOption & { readonly values: readonly string[] },
): Expectation {
  if (values.length === 0) throw invalid(`containsAll('${column}') expects at least one value; got none.`);
  return {
    name: 'contains-all',
    level: 'distribution',
    severity,
    category: 'distribution',
    column,
    sentence: `${column} has each of ${values.join(', ')} somewhere`,
    sql: ({ table, typed }) => {
      const wanted = `(values ${values.map((value) => `(${literal(value)})`).join(', ')}) w(v)`;
      return `select count(*) = 0 as ok, 'no ' || string_agg(v, ', ') as observed from ${wanted} where v not in (select ${typed(column)}::varchar from ${table} where ${typed(column)} is not null)`;
    },
  };
}
