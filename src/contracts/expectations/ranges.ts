import type { Expectation } from '../contract.ts';
import { maybeConstant } from '../kinds/comparable.ts';
import { decimalsOf } from '../rules/decimal-digits.ts';
import {
  assertBounds,
  type Bounds,
  boundsInWords,
  boundsOf,
  type ExpectationOptions,
  expectationOf,
  invalid,
} from './expectation-options.ts';

/** Numbers lie between `min` and `max`, both included. */
export function inRange(column: string, options: ExpectationOptions & Bounds): Expectation {
  assertBounds('inRange()', options);
  return expectationOf('in-range', options, {
    category: 'out-of-range',
    sentence: `${column} is ${boundsInWords(options)}`,
    rule: { over: 'cell', column, test: 'range', ...boundsOf(options) },
  });
}

/** Dates and timestamps lie between `min` and `max`, both ISO 8601 and included. */
export function momentBetween(
  column: string,
  {
    min,
    max,
    ...options
  }: ExpectationOptions & {
    /** First moment allowed: `'2026-03-01'`, or with a time; no bound unless set. */
    readonly min?: string;
    /** Last moment allowed: `'2026-03-31T23:59:59Z'`; no bound unless set. */
    readonly max?: string;
  },
): Expectation {
  if (min === undefined && max === undefined) {
    throw invalid(`momentBetween('${column}') expects min, max or both; got neither.`);
  }
  for (const moment of [min, max]) {
    if (moment === undefined || maybeConstant('timestamp', moment) !== undefined) continue;
    throw invalid(`momentBetween('${column}') expects ISO 8601 such as 2026-03-01; got ${JSON.stringify(moment)}.`);
  }
  const words = [
    ...(min === undefined ? [] : [`not before ${min}`]),
    ...(max === undefined ? [] : [`not after ${max}`]),
  ];
  return expectationOf('moment-between', options, {
    category: 'out-of-range',
    sentence: `${column} is ${words.join(' and ')}`,
    rule: {
      ...{ over: 'cell', column, test: 'moments' },
      ...(min === undefined ? {} : { min }),
      ...(max === undefined ? {} : { max }),
    },
  });
}

/** A step of more decimals leaves too few of a decimal's 38 digits for the numbers themselves. */
const DECIMALS_MAX = 20;

/**
 * Numbers are whole multiples of `step`, by their decimal digits: 1234567.89 is one of 0.01, though no double is exactly
 * so. What computing leaves behind, as in 0.1 + 0.2, is forgiven within a billionth of the step.
 */
export function multipleOf(
  column: string,
  options: ExpectationOptions & {
    /** What the numbers are multiples of, above 0: `0.01`. */
    readonly step: number;
  },
): Expectation {
  const { step } = options;
  if (!(Number.isFinite(step) && step > 0 && decimalsOf(step) <= DECIMALS_MAX)) {
    throw invalid(`multipleOf('${column}') expects a step above 0 of at most ${DECIMALS_MAX} decimals; got ${step}.`);
  }
  return expectationOf('multiple-of', options, {
    category: 'format',
    sentence: `${column} is a multiple of ${step}`,
    rule: { over: 'cell', column, test: 'multiple', step },
  });
}
