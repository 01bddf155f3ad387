import type { Expectation } from '../contract.ts';
import type { SeverityOption } from './expectation-options.ts';

/** Every cell of the column is empty. */
export function alwaysNull(column: string, { severity = 'fail' }: SeverityOption = {}): Expectation {
  return {
    name: 'always-null',
    level: 'column',
    severity,
    category: 'row',
    column,
    sentence: `${column} is always empty`,
    sql: ({ raw }) => `${raw(column)} is not null`,
  };
}
