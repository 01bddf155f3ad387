import type { Expectation } from '../contract.ts';
import { literal } from '../sql.ts';
import { cellCondition } from './condition.ts';
import { invalid, type SeverityOption } from './expectation-options.ts';

/** Texts are none of the values. */
export function notInSet(
  column: string,
  { values, ...options }: SeverityOption & { readonly values: readonly string[] },
): Expectation {
  if (values.length === 0) throw invalid('notInSet() expects at least one value; got none.');
  return cellCondition(column, options, {
    name: 'not-in-set',
    category: 'unknown-category',
    sentence: `${column} is none of ${values.join(', ')}`,
    violated: ({ raw }) => `${raw(column)} in (${values.map(literal).join(', ')})`,
  });
}
