import type { Expectation } from '../contract.ts';
import { assertBounds, boundsInWords, type SeverityOption } from './expectation-options.ts';

/** Texts have between `min` and `max` characters (code points), both included. */
export function lengthBetween(
  column: string,
  { severity = 'fail', ...bounds }: SeverityOption & { readonly min?: number; readonly max?: number },
): Expectation {
  assertBounds('lengthBetween()', bounds);
  const { min, max } = bounds;
  return {
    name: 'length-between',
    level: 'column',
    severity,
    category: 'format',
    column,
    sentence: `${column} has ${boundsInWords(bounds)} characters`,
    sql: ({ raw }) =>
      [
        ...(min === undefined ? [] : [`length(${raw(column)}) < ${min}`]),
        ...(max === undefined ? [] : [`length(${raw(column)}) > ${max}`]),
      ].join(' or '),
  };
}
