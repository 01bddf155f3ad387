import type { Expectation } from '../contract.ts';
import { type ExpectationOptions, expectationOf, invalid } from './expectation-options.ts';

/** The newest moment of the column is at most so many hours old when the file is checked; without a moment it fails. */
export function fresherThan(
  column: string,
  options: ExpectationOptions & {
    /** How old the newest moment may be, in hours, above 0. */
    readonly hours: number;
  },
): Expectation {
  const { hours } = options;
  if (!(Number.isFinite(hours) && hours > 0)) {
    throw invalid(`fresherThan('${column}') expects hours above 0; got ${hours}.`);
  }
  return expectationOf('fresher-than', options, {
    level: 'table',
    severity: 'warn',
    category: 'schema',
    column,
    sentence: `the newest ${column} is at most ${hours} hours old`,
    sql: ({ table, typed }) =>
      `select coalesce(max(${typed(column)})::timestamptz >= now() - to_microseconds(${Math.round(hours * 3.6e9)}), false) as ok, max(${typed(column)})::varchar as observed from ${table}`,
  });
}
