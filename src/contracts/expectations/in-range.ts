import type { Expectation } from '../contract.ts';
import { numeral } from '../sql.ts';
import { assertBounds, boundsInWords, type SeverityOption } from './expectation-options.ts';

/** Numbers lie between `min` and `max`, both included. */
export function inRange(
  column: string,
  { severity = 'fail', ...bounds }: SeverityOption & { readonly min?: number; readonly max?: number },
): Expectation {
  assertBounds('inRange()', bounds);
  const { min, max } = bounds;
  return {
    name: 'in-range',
    level: 'column',
    severity,
    category: 'out-of-range',
    column,
    sentence: `${column} is ${boundsInWords(bounds)}`,
    sql: ({ typed }) =>
      [
        ...(min === undefined ? [] : [`${typed(column)} < ${numeral(min)}`]),
        ...(max === undefined ? [] : [`${typed(column)} > ${numeral(max)}`]),
      ].join(' or '),
  };
}
