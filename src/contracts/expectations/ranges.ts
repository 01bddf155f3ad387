import type { Expectation } from '../contract.ts';
import { maybeConstant } from '../kinds/comparable.ts';
import { microsecondsOf } from '../kinds/moments.ts';
import { decimalsOf } from '../rules/decimal-digits.ts';
import {
  assertBounds,
  type Bounds,
  boundsInWords,
  boundsOf,
  expectationOf,
  invalid,
  type RowsOptions,
} from './expectation-options.ts';

/** Which bounds are not part of a range. */
export interface ExclusiveBounds {
  /** Whether `min` itself is refused; false unless set. */
  readonly excludesMin?: boolean;
  /** Whether `max` itself is refused; false unless set. */
  readonly excludesMax?: boolean;
}

/** Numbers lie between `min` and `max`, both included unless the options exclude them. */
export function inRange(column: string, options: RowsOptions & Bounds & ExclusiveBounds): Expectation {
  assertBounds('inRange()', options);
  assertRoom(`inRange('${column}')`, options);
  const { min, max } = options;
  const words = wordsOf({ min, max }, options, OF_VALUES);
  const excluded = excludedOf(options);
  const isClosed = Object.keys(excluded).length === 0;
  return expectationOf('in-range', options, {
    category: 'out-of-range',
    sentence: `${column} is ${isClosed ? boundsInWords(options) : words}`,
    rule: { over: 'cell', column, test: 'range', ...boundsOf(options), ...excluded },
  });
}

function excludedOf({ excludesMin = false, excludesMax = false }: ExclusiveBounds): ExclusiveBounds {
  return { ...(excludesMin ? { excludesMin } : {}), ...(excludesMax ? { excludesMax } : {}) };
}

/** Refuses an excluded bound that is not there, and a range without a number in it. */
function assertRoom(
  name: string,
  options: ExclusiveBounds & { readonly min?: number | string; readonly max?: number | string },
): void {
  const { min, max, excludesMin = false, excludesMax = false } = options;
  if ((excludesMin && min === undefined) || (excludesMax && max === undefined)) {
    throw invalid(`${name} expects the bound that it excludes; got none. Give ${excludesMin ? 'min' : 'max'}.`);
  }
  if ((excludesMin || excludesMax) && min === max) {
    throw invalid(`${name} expects min < max where a bound is excluded; got ${min} for both, which no value meets.`);
  }
}

/** Dates and timestamps lie between `min` and `max`, both ISO 8601, and included unless the options exclude them. */
export function momentBetween(
  column: string,
  {
    min,
    max,
    ...options
  }: RowsOptions &
    ExclusiveBounds & {
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
  const isEmpty = min !== undefined && max !== undefined && microsecondsOf(min) > microsecondsOf(max);
  if (isEmpty) throw invalid(`momentBetween('${column}') expects min ≤ max; got min ${min} and max ${max}.`);
  const bounds = { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
  assertRoom(`momentBetween('${column}')`, { ...bounds, ...options });
  const words = wordsOf(bounds, options, OF_MOMENTS);
  return expectationOf('moment-between', options, {
    category: 'out-of-range',
    sentence: `${column} is ${words}`,
    rule: { over: 'cell', column, test: 'moments', ...bounds, ...excludedOf(options) },
  });
}

/**
 * Decimals, times of day or durations lie between `min` and `max`, in the order of their kind: both are written as cells are,
 * and included unless the options exclude them. `valueBetween('opens', { min: '08:00', max: '10:00' })`
 */
export function valueBetween(
  column: string,
  {
    min,
    max,
    ...options
  }: RowsOptions &
    ExclusiveBounds & {
      /** Smallest value allowed: `'0.01'`, `'08:00'`, `'PT1H'`; no bound unless set. */
      readonly min?: string;
      /** Largest value allowed: `'999.99'`, `'18:00'`, `'P7D'`; no bound unless set. */
      readonly max?: string;
    },
): Expectation {
  if (min === undefined && max === undefined)
    throw invalid(`valueBetween('${column}') expects min, max or both; got neither.`);
  const bounds = { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
  assertRoom(`valueBetween('${column}')`, { ...bounds, ...options });
  const words = wordsOf(bounds, options, OF_VALUES);
  return expectationOf('value-between', options, {
    category: 'out-of-range',
    sentence: `${column} is ${words}`,
    rule: { over: 'cell', column, test: 'between', ...bounds, ...excludedOf(options) },
  });
}

/** Of what is over or under a bound, and of what may be the bound itself. */
type BoundWords = Readonly<Record<'over' | 'from' | 'under' | 'to', string>>;
const OF_VALUES: BoundWords = { over: 'more than', from: 'at least', under: 'less than', to: 'at most' };
const OF_MOMENTS: BoundWords = { over: 'after', from: 'not before', under: 'before', to: 'not after' };

function wordsOf<Value extends string | number>(
  { min, max }: { readonly min?: Value | undefined; readonly max?: Value | undefined },
  { excludesMin, excludesMax }: ExclusiveBounds,
  words: BoundWords,
): string {
  const lower = min === undefined ? [] : [`${excludesMin === true ? words.over : words.from} ${min}`];
  const upper = max === undefined ? [] : [`${excludesMax === true ? words.under : words.to} ${max}`];
  return [...lower, ...upper].join(' and ');
}

/** A step of more decimals leaves too few of a decimal's 38 digits for the numbers themselves. */
const DECIMALS_MAX = 20;

/**
 * Numbers are whole multiples of `step`, by their decimal digits: 1234567.89 is one of 0.01, though no double is exactly
 * so. What computing leaves behind, as in 0.1 + 0.2, is forgiven within a billionth of the step.
 */
export function multipleOf(
  column: string,
  options: RowsOptions & {
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

/** A double has no more digits that are sure. */
const PRECISION_MAX = 15;

/** Numbers are decimals of `precision` digits at most, `scale` of them behind the point: the DECIMAL(p, s) of databases. */
export function decimalDigits(
  column: string,
  options: RowsOptions & {
    /** Most digits in all, 1 to 15: `9`. */
    readonly precision: number;
    /** Most digits behind the point, 0 to `precision`: `2`. */
    readonly scale: number;
  },
): Expectation {
  const { precision, scale } = options;
  const isWhole = Number.isInteger(precision) && Number.isInteger(scale);
  if (!(isWhole && precision >= 1 && precision <= PRECISION_MAX && scale >= 0 && scale <= precision)) {
    throw invalid(
      `decimalDigits('${column}') expects a precision from 1 to ${PRECISION_MAX} and a scale from 0 to it; got ${precision} and ${scale}.`,
    );
  }
  return expectationOf('decimal-digits', options, {
    category: 'format',
    sentence: `${column} has at most ${precision} digits, ${scale} of them behind the point`,
    rule: { over: 'cell', column, test: 'digits', precision, scale },
  });
}
