import { z } from 'zod';
import type { NumberOptions, TextOptions } from '../columns.ts';
import type { CellValue, Column, ColumnKind, Expectation, PlainKind } from '../contract.ts';
import { ContractError } from '../errors.ts';
import { expectationOf } from '../expectations/expectation-options.ts';
import {
  email,
  inRange,
  inSet,
  ipAddress,
  lengthBetween,
  matchesPattern,
  momentBetween,
  multipleOf,
  ofType,
  uuid,
  valueBetween,
} from '../expectations/index.ts';
import { maybeConstant } from '../kinds/comparable.ts';
import { isDecimal } from '../kinds/decimal.ts';
import type { CellTest } from '../rules/rule.ts';
import { numeric } from './odcs.ts';
import { patternReason } from './rule-expectations.ts';
import { maybeWholePattern } from './whole-pattern.ts';

/** What the declaration of a column can limit. */
export type Limits = Pick<NumberOptions, 'min' | 'max'> & Pick<TextOptions, 'pattern' | 'lengthMin' | 'lengthMax'>;
type Severity = Column['severity'];

/**
 * The result of an option: a limit of the column, expectations, or nothing when it requires nothing; or why it is not
 * understood.
 */
export type Meaning = Limits | readonly Expectation[] | string;

/** Whose option it is. */
export interface OptionTarget {
  readonly column: string;
  readonly kind: ColumnKind;
  readonly severity: Severity;
}

type Reader = (value: unknown, target: OptionTarget) => Meaning;

/** What one of `logicalTypeOptions` requires of a column. */
export function meaningOf(option: string, value: unknown, target: OptionTarget): Meaning {
  const reader = (isDecimal(target.kind) ? DECIMALS : READERS[target.kind]).get(option);
  if (reader === undefined) return `the check does not know it of a column of this type`;
  try {
    return reader(value, target);
  } catch (error) {
    if (error instanceof ContractError) return error.message;
    throw error;
  }
}

/** Values that a cell must be one of. */
export function amongValues(
  values: readonly CellValue[],
  { column, kind, severity }: OptionTarget,
): readonly Expectation[] | string {
  const possible = values.filter((value) => maybeConstant(kind, value) !== undefined);
  return possible.length === 0
    ? 'no cell of the column can hold one of its values'
    : [inSet(column, { values: possible, severity })];
}

/** Whether days and moments that are written in a format of Java's are those that a check reads: ISO 8601. */
export function isIsoFormat(format: string): boolean {
  const day = '(?:yyyy|YYYY|uuuu)-MM-(?:dd|DD)';
  const time = `HH:mm(?::ss(?:[.,]?\\[?[.,]?S+\\]?)?)?`;
  const zone = `\\[?'?(?:Z|X{1,3}|x{1,3}|ZZZZZ|VV|zzz)?'?\\]?`;
  return new RegExp(`^(?:${day}(?:(?:T|'T'| )${time}${zone})?|iso[ -_]?8601|date|date-time)$`, 'i').test(format);
}

function withNumber(mean: (bound: number, target: OptionTarget) => Meaning): Reader {
  return (value, target) => {
    const read = numeric.safeParse(value).data;
    return read === undefined ? 'it is no number' : mean(read, target);
  };
}

function withText(mean: (value: string, target: OptionTarget) => Meaning): Reader {
  return (value, target) => (typeof value === 'string' ? mean(value, target) : 'it is no text');
}

/** Bounds that are not part of the range. */
function beyond(
  { column, severity }: OptionTarget,
  { words, test }: { readonly words: string; readonly test: CellTest },
) {
  return expectationOf(
    'in-range',
    { severity },
    { category: 'out-of-range', sentence: `${column} is ${words}`, rule: { over: 'cell', column, ...test } },
  );
}

const WHOLE_FORMATS: ReadonlyMap<string, readonly [number?, number?]> = new Map<string, readonly [number?, number?]>([
  ['i8', [-128, 127]],
  ['i16', [-32_768, 32_767]],
  ['i32', [-2_147_483_648, 2_147_483_647]],
  ['u8', [0, 255]],
  ['u16', [0, 65_535]],
  ['u32', [0, 4_294_967_295]],
  ['u64', [0]],
  ['u128', [0]],
  // Whole numbers are within ±(2^53 − 1) in any case.
  ['i64', []],
  ['i128', []],
]);

const wholeFormat = withText((format, { column, severity }) => {
  const bounds = WHOLE_FORMATS.get(format);
  if (bounds === undefined) return 'the check does not know this format';
  const [min, max] = bounds;
  if (min === undefined) return [];
  return [inRange(column, { min, ...(max === undefined ? {} : { max }), severity })];
});

const NUMBERS: readonly (readonly [string, Reader])[] = [
  ['minimum', withNumber((min) => ({ min }))],
  ['maximum', withNumber((max) => ({ max }))],
  [
    'exclusiveMinimum',
    withNumber((min, target) => [
      beyond(target, { words: `more than ${min}`, test: { test: 'range', min, excludesMin: true } }),
    ]),
  ],
  [
    'exclusiveMaximum',
    withNumber((max, target) => [
      beyond(target, { words: `less than ${max}`, test: { test: 'range', max, excludesMax: true } }),
    ]),
  ],
  ['multipleOf', withNumber((step, { column, severity }) => [multipleOf(column, { step, severity })])],
];

function withMoment(mean: (moment: string, target: OptionTarget) => Meaning): Reader {
  return (value, target) => {
    const isMoment = typeof value === 'string' && maybeConstant('timestamp', value) !== undefined;
    return isMoment ? mean(value, target) : 'it is no day or moment in ISO 8601';
  };
}

const MOMENTS: readonly (readonly [string, Reader])[] = [
  ['minimum', withText((min, { column, severity }) => [momentBetween(column, { min, severity })])],
  ['maximum', withText((max, { column, severity }) => [momentBetween(column, { max, severity })])],
  [
    'exclusiveMinimum',
    withMoment((min, target) => [
      beyond(target, { words: `after ${min}`, test: { test: 'moments', min, excludesMin: true } }),
    ]),
  ],
  [
    'exclusiveMaximum',
    withMoment((max, target) => [
      beyond(target, { words: `before ${max}`, test: { test: 'moments', max, excludesMax: true } }),
    ]),
  ],
  // With a format other than ISO 8601 the column is plain text.
  ['format', withText(() => [])],
];

const UTC: readonly unknown[] = ['UTC', 'Etc/UTC', 'GMT', 'Z'];

const FORMATS: ReadonlyMap<string, (column: string, severity: Severity) => Expectation> = new Map<
  string,
  (column: string, severity: Severity) => Expectation
>([
  ['email', (column, severity) => email(column, { severity })],
  ['uuid', (column, severity) => uuid(column, { severity })],
  ['ipv4', (column, severity) => ipAddress(column, { severity })],
  ['date', (column, severity) => ofType(column, { kind: 'date', severity })],
  ['date-time', (column, severity) => ofType(column, { kind: 'timestamp', severity })],
  ['uri', (column, severity) => matchesPattern(column, { pattern: '[A-Za-z][A-Za-z0-9+.-]*:[^ ]+', severity })],
  [
    'hostname',
    (column, severity) =>
      matchesPattern(column, {
        pattern:
          '(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)(?:\\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*',
        severity,
      }),
  ],
]);

const textFormat = withText((format, { column, severity }) => {
  const make = FORMATS.get(format);
  return make === undefined ? 'the check does not know this format' : [make(column, severity)];
});

/** Texts of a category are limited by expectations, since its column has no limits of its own. */
function limitTo(limits: Limits, { column, kind, severity }: OptionTarget): Meaning {
  if (kind === 'text') return limits;
  const { pattern, lengthMin: min, lengthMax: max } = limits;
  return [
    ...(pattern === undefined ? [] : [matchesPattern(column, { pattern, severity })]),
    ...(min === undefined ? [] : [lengthBetween(column, { min, severity })]),
    ...(max === undefined ? [] : [lengthBetween(column, { max, severity })]),
  ];
}

function withLength(toLimits: (length: number) => Limits): Reader {
  return withNumber((length, target) =>
    Number.isSafeInteger(length) && length >= 0 ? limitTo(toLimits(length), target) : 'it is no number of characters',
  );
}

const TEXTS: readonly (readonly [string, Reader])[] = [
  ['minLength', withLength((lengthMin) => ({ lengthMin }))],
  ['maxLength', withLength((lengthMax) => ({ lengthMax }))],
  [
    'pattern',
    withText((pattern, target) => {
      const whole = maybeWholePattern(pattern);
      return whole === undefined ? patternReason(pattern) : limitTo({ pattern: whole }, target);
    }),
  ],
  ['format', textFormat],
];

/** Not of the standard, but many documents have it. */
const AMONG: readonly [string, Reader] = [
  'enum',
  (value, target) => {
    const read = z
      .array(z.union([z.string(), z.number(), z.boolean()]))
      .min(1)
      .safeParse(value).data;
    return read === undefined ? 'it is no list of values' : amongValues(read, target);
  },
];

/** Their bounds may have more digits than the column, and are expectations therefore. */
const DECIMALS: ReadonlyMap<string, Reader> = new Map([
  ...NUMBERS,
  ['minimum', withNumber((min, { column, severity }) => [inRange(column, { min, severity })])],
  ['maximum', withNumber((max, { column, severity }) => [inRange(column, { max, severity })])],
  AMONG,
]);

const TIMES: ReadonlyMap<string, Reader> = new Map([
  ['minimum', withText((min, { column, severity }) => [valueBetween(column, { min, severity })])],
  ['maximum', withText((max, { column, severity }) => [valueBetween(column, { max, severity })])],
  AMONG,
]);

const READERS: Readonly<Record<PlainKind, ReadonlyMap<string, Reader>>> = {
  time: TIMES,
  duration: TIMES,
  list: new Map(),
  struct: new Map(),
  number: new Map([
    ...NUMBERS,
    AMONG,
    [
      'format',
      withText((format) => (format === 'f32' || format === 'f64' ? [] : 'the check does not know this format')),
    ],
  ]),
  integer: new Map([...NUMBERS, AMONG, ['format', wholeFormat]]),
  boolean: new Map([AMONG]),
  date: new Map([...MOMENTS, AMONG]),
  timestamp: new Map([
    ...MOMENTS,
    AMONG,
    [
      'timezone',
      (value: unknown): Meaning => (value === false ? [] : 'a moment without an offset is read as one in UTC'),
    ],
    [
      'defaultTimezone',
      (value: unknown): Meaning => (UTC.includes(value) ? [] : 'a moment without an offset is read as one in UTC'),
    ],
  ]),
  text: new Map([...TEXTS, AMONG]),
  category: new Map([...TEXTS, AMONG]),
};
