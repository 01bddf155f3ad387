import type { ColumnKind, DecimalKind, PlainKind } from '../contract.ts';
import { decimalForms, isDecimal, sizeOf, toDecimalText, unscaledText } from './decimal.ts';
import { DURATION, TIME } from './times.ts';

/** The values of each kind: the same for the SQL of checks, for rows in JSON, and for the web's form and preview. */
export interface KindDefinition {
  /** The JSON type of a value. */
  readonly json: 'number' | 'boolean' | 'string';
  /** For numbers: only whole values within the range that a double represents exactly. */
  readonly isWhole?: true;
  /** The texts that stand for true and for false, in lower case; a text may be in any case. */
  readonly booleans?: { readonly true: readonly string[]; readonly false: readonly string[] };
  /**
   * Regular expressions, in the syntax that RE2 and JavaScript share: a text stands for a value when one of them matches
   * it as a whole. Absent where every text does.
   */
  readonly forms?: readonly string[];
  /** Forms start with a valid calendar date, from year 1 on. */
  readonly hasDay?: true;
  /** Only this many leading characters of the text are the value. */
  readonly keeps?: number;
  /** Texts are JSON of this type. */
  readonly nested?: 'array' | 'object';
  /** The one spelling of a value, where it has several and texts are not kept as they are. */
  readonly toSpelling?: (text: string) => string;
  /** What a value is, in words. A column adds its own limits. */
  readonly words: string;
}

export const NUMBER = '[+-]?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)([eE][+-]?[0-9]+)?';
const DAY = '[0-9]{4}-[0-9]{2}-[0-9]{2}';
const MINUTES = '([01][0-9]|2[0-3]):[0-5][0-9]';
const ZONE = '(Z|[+-](0[0-9]|1[0-4]):?[0-5][0-9])?';
export const MIDNIGHT = `${DAY}[T ]00:00:00(\\.0{1,9})?(Z|[+-]00:?00)?`;
export const TIMESTAMP = `${DAY}[T ]${MINUTES}:[0-5][0-9](\\.[0-9]{1,9})?${ZONE}`;
export const TIMESTAMP_TO_MINUTE = `${DAY}[T ]${MINUTES}${ZONE}`;

/** By kind without parameters; a number that is written with a point or an exponent may be whole, a midnight in UTC is a day. */
const KINDS: Readonly<Record<PlainKind, KindDefinition>> = {
  number: { json: 'number', forms: [NUMBER], words: 'a number' },
  integer: { json: 'number', isWhole: true, forms: [NUMBER], words: 'a whole number' },
  boolean: {
    json: 'boolean',
    booleans: { true: ['true', '1', '1.0'], false: ['false', '0', '0.0'] },
    words: 'true or false',
  },
  category: { json: 'string', words: 'a category' },
  text: { json: 'string', words: 'a text' },
  timestamp: {
    json: 'string',
    forms: [TIMESTAMP, TIMESTAMP_TO_MINUTE],
    hasDay: true,
    words: 'a date and time such as 2026-03-01T12:00:00Z',
  },
  date: {
    json: 'string',
    forms: [DAY, MIDNIGHT],
    hasDay: true,
    keeps: 'YYYY-MM-DD'.length,
    words: 'a date such as 2026-03-01',
  },
  time: { json: 'string', forms: [TIME], words: 'a time of day such as 09:30 or 09:30:15.250' },
  duration: {
    json: 'string',
    forms: [DURATION],
    words: 'a duration such as PT90M or P1DT2H, without years and months',
  },
  list: { json: 'string', nested: 'array', words: 'a list in JSON' },
  struct: { json: 'string', nested: 'object', words: 'an object in JSON' },
};

const decimals = new Map<DecimalKind, KindDefinition>();

/** What the values of a kind are. */
export function definitionOf(kind: ColumnKind): KindDefinition {
  if (!isDecimal(kind)) return KINDS[kind];
  let definition = decimals.get(kind);
  if (definition === undefined) {
    const size = sizeOf(kind);
    const { precision, scale } = size;
    const behind = scale === 0 ? 'none' : String(scale);
    definition = {
      json: 'string',
      forms: decimalForms(size),
      toSpelling: (text) => toDecimalText(text, size),
      words: `a decimal of at most ${precision} digits, ${behind} of them behind the point, such as ${unscaledText(1n, scale)}`,
    };
    decimals.set(kind, definition);
  }
  return definition;
}

const SHORT_MONTHS = '(0[469]|11)-(0[1-9]|[12][0-9]|30)';
const LONG_MONTHS = '(0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])';
const FEBRUARY = '02-(0[1-9]|1[0-9]|2[0-8])';
const LEAP_YEAR = '([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)';
/** Valid calendar dates. SQL leaves this to its cast, which is cheaper there. */
const CALENDAR = `(?!0000)([0-9]{4}-(${LONG_MONTHS}|${SHORT_MONTHS}|${FEBRUARY})|${LEAP_YEAR}-02-29)`;

/** A regular expression of JavaScript, which matches as a whole what stands for a value; undefined where every text does. */
export function maybeForm(kind: ColumnKind): RegExp | undefined {
  const { forms, hasDay } = definitionOf(kind);
  return forms && new RegExp(`^(?:${hasDay ? `(?=${CALENDAR})` : ''}(${forms.join('|')}))$`);
}
