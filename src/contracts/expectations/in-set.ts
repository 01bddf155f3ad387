import type { Expectation } from '../contract.ts';
import { cellCondition } from './condition.ts';
import { constantsSql, type ExpectationOptions, invalid, type ValuesOption } from './expectation-options.ts';

const NAMED_MAX = 8;

/** Values are among those named, compared by the column's kind; texts are spelled exactly so. */
export function inSet(column: string, options: ExpectationOptions & ValuesOption): Expectation {
  const { values } = options;
  if (values.length === 0) throw invalid('inSet() expects at least one value; got none.');
  const named = values.slice(0, NAMED_MAX).join(', ');
  return cellCondition(column, options, {
    name: 'in-set',
    category: 'unknown-category',
    sentence: `${column} is one of ${named}${values.length > NAMED_MAX ? ` and ${values.length - NAMED_MAX} more` : ''}`,
    violated: (names) => `${names.typed(column)} not in (${constantsSql(names, { column, values }).join(', ')})`,
  });
}
