import type { Expectation } from '../contract.ts';
import { assertReference, type Reference } from '../distribution/reference.ts';
import { type ExpectationOptions, expectationOf } from './expectation-options.ts';

/**
 * The column is distributed as in the reference: its population stability index is at most `indexMax` (0.25 by
 * default), or no larger than chance explains for this number of rows in all but one of a thousand files.
 */
export function nearReference(
  column: string,
  options: ExpectationOptions & {
    /** The distribution to compare with; `referenceOf` makes it from a profile. */
    readonly reference: Reference;
    /** Largest population stability index that passes; 0.25 unless set. */
    readonly indexMax?: number;
  },
): Expectation {
  const { reference, indexMax = 0.25 } = options;
  assertReference(reference, `nearReference('${column}')`);
  return expectationOf('near-reference', options, {
    severity: 'warn',
    category: 'distribution',
    sentence: `${column} is distributed as in the reference of ${reference.rows} rows`,
    rule: { over: 'table', test: 'near', column, reference, indexMax },
  });
}
