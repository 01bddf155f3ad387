import type { Expectation } from '../contract.ts';
import type { SeverityOption } from './expectation-options.ts';

/** Every cell of the column holds something. */
export function notNull(column: string, { severity = 'fail' }: SeverityOption = {}): Expectation {
  return {
    name: 'not-null',
    level: 'column',
    severity,
    category: 'missing-value',
    column,
    sentence: `${column} is never empty`,
    sql: ({ raw }) => `${raw(column)} is null`,
  };
}
