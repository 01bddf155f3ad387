import type { Expectation } from '../contract.ts';
import { rowCondition } from './condition.ts';
import { assertBounds, boundsInWords, type ExpectationOptions, invalid } from './expectation-options.ts';

/** In each row between `min` (1 by default) and `max` of the columns are not empty. */
export function someNotNull(
  columns: readonly string[],
  {
    min = 1,
    max,
    ...options
  }: ExpectationOptions & {
    /** How many of the columns must hold something; 1 unless set. */
    readonly min?: number;
    /** How many may; all of them unless set. */
    readonly max?: number;
  } = {},
): Expectation {
  if (columns.length < 2)
    throw invalid(`someNotNull() expects two columns or more; got ${columns.join(', ') || 'none'}.`);
  const bounds = { min, ...(max === undefined ? {} : { max }) };
  assertBounds('someNotNull()', bounds);
  return rowCondition(columns, options, {
    name: 'some-not-null',
    sentence: `${boundsInWords(bounds)} of ${columns.join(', ')} is not empty`,
    violated: ({ raw }) => {
      const filled = columns.map((column) => `(${raw(column)} is not null)::integer`).join(' + ');
      return `${filled} not between ${min} and ${max ?? columns.length}`;
    },
  });
}
