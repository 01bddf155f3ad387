import type { Expectation } from '../contract.ts';
import { assertBounds, boundsInWords, type SeverityOption } from './expectation-options.ts';

/** The file has between `min` and `max` readable rows, both included. */
export function rowCountBetween({
  severity = 'fail',
  ...bounds
}: SeverityOption & { readonly min?: number; readonly max?: number }): Expectation {
  assertBounds('rowCountBetween()', bounds);
  const { min, max } = bounds;
  return {
    name: 'row-count-between',
    level: 'table',
    // It looks at no cell, so none is kept for it.
    columns: [],
    severity,
    category: 'schema',
    sentence: `the file has ${boundsInWords(bounds)} rows`,
    sql: ({ table }) =>
      `select count(*) >= ${min ?? 0} and ${max === undefined ? 'true' : `count(*) <= ${max}`} as ok, count(*) as observed from ${table}`,
  };
}
