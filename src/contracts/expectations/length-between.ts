import type { Expectation } from '../contract.ts';
import { cellCondition } from './condition.ts';
import { assertBounds, type Bounds, boundsInWords, type ExpectationOptions } from './expectation-options.ts';

/** Texts have between `min` and `max` characters (code points), both included. */
export function lengthBetween(column: string, options: ExpectationOptions & Bounds): Expectation {
  assertBounds('lengthBetween()', options);
  const { min, max } = options;
  return cellCondition(column, options, {
    name: 'length-between',
    category: 'format',
    sentence: `${column} has ${boundsInWords(options)} characters`,
    violated: ({ raw }) =>
      [
        ...(min === undefined ? [] : [`length(${raw(column)}) < ${min}`]),
        ...(max === undefined ? [] : [`length(${raw(column)}) > ${max}`]),
      ].join(' or '),
  });
}
