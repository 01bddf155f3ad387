import type { Expectation } from '../contract.ts';
import { invalid, type SeverityOption } from './expectation-options.ts';

/** The newest moment of the column is at most so many hours old when the file is checked; without a moment it fails. */
export function fresherThan(
  column: string,
  { hours, severity = 'warn' }: SeverityOption & { readonly hours: number },
): Expectation {
  if (!(Number.isFinite(hours) && hours > 0)) {
    throw invalid(`fresherThan('${column}') expects hours above 0; got ${hours}.`);
  }
  return {
    name: 'fresher-than',
    level: 'table',
    severity,
    category: 'schema',
    column,
    sentence: `the newest ${column} is at most ${hours} hours old`,
    sql: ({ table, typed }) =>
      `select coalesce(max(${typed(column)})::timestamptz >= now() - to_microseconds(${Math.round(hours * 3.6e9)}), false) as ok, max(${typed(column)})::varchar as observed from ${table}`,
  };
}
