import type { Expectation } from '../contract.ts';
import { literal } from '../sql.ts';
import type { SeverityOption } from './expectation-options.ts';

/** The whole text matches a regular expression (RE2). */
export function matchesPattern(
  column: string,
  { pattern, severity = 'fail' }: SeverityOption & { readonly pattern: string },
): Expectation {
  return {
    name: 'matches-pattern',
    level: 'column',
    severity,
    category: 'format',
    column,
    sentence: `${column} matches ${pattern}`,
    sql: ({ raw }) => `not regexp_full_match(${raw(column)}, ${literal(pattern)})`,
  };
}
