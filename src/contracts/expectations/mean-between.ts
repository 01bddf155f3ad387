import type { Expectation } from '../contract.ts';
import { numeral } from '../sql.ts';
import { assertBounds, boundsInWords, type SeverityOption } from './expectation-options.ts';

/** The mean of a column of numbers lies between `min` and `max`; a column without numbers has none and passes. */
export function meanBetween(
  column: string,
  { severity = 'warn', ...bounds }: SeverityOption & { readonly min?: number; readonly max?: number },
): Expectation {
  assertBounds('meanBetween()', bounds);
  const { min, max } = bounds;
  return {
    name: 'mean-between',
    level: 'distribution',
    severity,
    category: 'distribution',
    column,
    sentence: `the mean of ${column} is ${boundsInWords(bounds)}`,
    sql: ({ table, typed }) => {
      const mean = `avg(${typed(column)})`;
      const holds = [
        ...(min === undefined ? [] : [`${mean} >= ${numeral(min)}`]),
        ...(max === undefined ? [] : [`${mean} <= ${numeral(max)}`]),
      ].join(' and ');
      return `select coalesce(${holds}, true) as ok, ${mean} as observed from ${table}`;
    },
  };
}
