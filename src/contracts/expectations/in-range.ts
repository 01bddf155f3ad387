import type { Expectation } from '../contract.ts';
import { numeral } from '../sql.ts';
import { cellCondition } from './condition.ts';
import { assertBounds, type Bounds, boundsInWords, type ExpectationOptions } from './expectation-options.ts';

/** Numbers lie between `min` and `max`, both included. */
export function inRange(column: string, options: ExpectationOptions & Bounds): Expectation {
  assertBounds('inRange()', options);
  const { min, max } = options;
  return cellCondition(column, options, {
    name: 'in-range',
    category: 'out-of-range',
    sentence: `${column} is ${boundsInWords(options)}`,
    violated: ({ typed }) =>
      [
        ...(min === undefined ? [] : [`${typed(column)} < ${numeral(min)}`]),
        ...(max === undefined ? [] : [`${typed(column)} > ${numeral(max)}`]),
      ].join(' or '),
  });
}
