import type { Expectation } from '../contract.ts';
import { literal } from '../sql.ts';
import { invalid, type SeverityOption } from './expectation-options.ts';

const NAMED_MAX = 8;

/** Texts are among the values, spelled exactly so. */
export function inSet(
  column: string,
  { values, severity = 'fail' }: SeverityOption & { readonly values: readonly string[] },
): Expectation {
  if (values.length === 0) throw invalid('inSet() expects at least one value; got none.');
  const named = values.slice(0, NAMED_MAX).join(', ');
  return {
    name: 'in-set',
    level: 'column',
    severity,
    category: 'unknown-category',
    column,
    sentence: `${column} is one of ${named}${values.length > NAMED_MAX ? ` and ${values.length - NAMED_MAX} more` : ''}`,
    sql: ({ raw }) => `${raw(column)} not in (${values.map(literal).join(', ')})`,
  };
}
