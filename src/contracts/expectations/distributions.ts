import type { Expectation } from '../contract.ts';
import { MEASURES, type Measure } from '../distribution/divergence.ts';
import { assertReference, type Reference } from '../distribution/reference.ts';
import {
  assertBounds,
  type Bounds,
  boundsInWords,
  boundsOf,
  type ExpectationOptions,
  expectationOf,
  invalid,
} from './expectation-options.ts';

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

/**
 * How far the column is from the reference, by a measure, lies between `min` and `max`, both included. None of the measures
 * but `chi-square` allows for chance: of few rows even the same distribution is far.
 */
export function divergenceBetween(
  column: string,
  options: ExpectationOptions &
    Bounds & {
      /** The distribution to compare with; `referenceOf` makes it from a profile. */
      readonly reference: Reference;
      /**
       * `'kolmogorov-smirnov'`, of numbers: the largest difference of the shares up to a number, 0 to 1, at the edges of the
       * reference's bins. `'l-infinity'`: the largest difference of the shares of a bin, 0 to 1. `'jensen-shannon'`: the
       * divergence of both from their mean, in bits, 0 to 1. `'chi-square'`: by how many standard deviations of a normal
       * variable the counts differ more than by chance; chance reaches 3.09 once in a thousand.
       */
      readonly measure: Measure;
    },
): Expectation {
  const { reference, measure } = options;
  const who = `divergenceBetween('${column}')`;
  assertReference(reference, who);
  assertBounds(who, options);
  if (!MEASURES.includes(measure)) {
    throw invalid(`${who} expects a measure, one of ${MEASURES.join(', ')}; got ${JSON.stringify(measure)}.`);
  }
  if (measure === 'kolmogorov-smirnov' && reference.kind !== 'number') {
    throw invalid(`${who} expects a reference of numbers for ${measure}; got one of categories. Use l-infinity.`);
  }
  return expectationOf('divergence-between', options, {
    severity: 'warn',
    category: 'distribution',
    sentence: `the ${measure} divergence of ${column} from the reference of ${reference.rows} rows is ${boundsInWords(options)}`,
    rule: { over: 'table', test: 'divergence', column, reference, measure, ...boundsOf(options) },
  });
}
