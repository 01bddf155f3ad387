import type { ColumnKind, DecimalKind } from '../contract.ts';
import { literal } from '../sql.ts';
import { isDecimal, sizeOf } from './decimal.ts';
import { definitionOf, MIDNIGHT, NUMBER, TIMESTAMP, TIMESTAMP_TO_MINUTE } from './kinds.ts';
import { noJsonSql } from './no-json-sql.ts';
import { DURATION, TIME, TIME_LENGTH, UNITS } from './times.ts';

/*
 * SQL for the value of a cell's text, by the kind of its column as `kinds.ts` defines it: `1`, `01`, `1.0` and `1e0`
 * are one whole number, a midnight in UTC is a day. `cell-value.ts` does the same for texts in JavaScript;
 * test/contracts/typed-sql.test.ts compares both.
 *
 * DuckDB's casts accept more than a contract may: NaN, inf, 1_000, +-5 and ' 12 ' are numbers to them, '1.5' is the
 * BIGINT 2, 24:00 the next day, '2026-02-2x' a date. So the form of the text is matched first, and the cast only
 * converts it. A GLOB costs a third of a regular expression: it passes the forms that most texts have, where it and the
 * cast together are as strict, and only the rest meets the expression.
 */

const INTEGER = '[+-]?[0-9]+';
const SAFE = Number.MAX_SAFE_INTEGER;
const DATE_GLOB = '[0-9][0-9][0-9][0-9]-??-?[0-9]';
const TIMESTAMP_GLOBS = ['', 'Z'].flatMap((zone) =>
  ['[01][0-9]', '2[0-3]'].map((hour) => `${DATE_GLOB}[T ]${hour}:??:?[0-9]${zone}`),
);

/** SQL for the value of the text `raw` (an SQL expression), null when it has none. */
export function typedSql(kind: ColumnKind, raw: string): string {
  const matches = (pattern: string): string => `regexp_full_match(${raw}, ${literal(pattern)})`;
  if (isDecimal(kind)) return decimalSql(kind, raw);
  switch (kind) {
    case 'time':
      return `case when ${matches(TIME)} then try_cast(${raw}[:${TIME_LENGTH}] as time) end`;
    case 'duration':
      return durationSql(raw);
    case 'list':
    case 'struct':
      return nestedSql(raw, kind === 'list' ? '[' : '{');
    case 'number':
      return (
        `case when (not ${raw} glob '*[!-.0-9]*' or ${matches(NUMBER)}) and isfinite(try_cast(${raw} as double)) ` +
        `then try_cast(${raw} as double) end`
      );
    case 'integer':
      return digitsSql(raw, `case when ${matches(NUMBER)} then ${wholeSql(raw)} end`);
    case 'boolean':
      return booleanSql(raw);
    case 'timestamp':
      return timestampSql(raw);
    case 'date':
      return daySql(raw, `case when ${raw} >= '0001' and ${matches(MIDNIGHT)} then try_cast(${raw}[:10] as date) end`);
    case 'category':
    case 'text':
      return raw;
    default:
      return kind satisfies never;
  }
}

/** The same for a text that is known to be a number or null: its form, which takes most of the time, is matched already. */
export const provenNumberSql = (raw: string): string => `try_cast(${raw} as double)`;

/**
 * The same for a cell that is written as the kind is: `1.0` is a number then, and no whole number; a midnight a timestamp.
 * For guessing what a column of texts is, where the next file may have `1.5` and noon.
 */
export function writtenSql(kind: ColumnKind, raw: string): string {
  if (kind === 'integer') return digitsSql(raw, 'null');
  return kind === 'date' ? daySql(raw, 'null') : typedSql(kind, raw);
}

/** The value as rows in JSON have it: a decimal in its one spelling, a time or a duration as it is written. */
export function rowValueSql(kind: ColumnKind, raw: string): string {
  if (isDecimal(kind)) {
    const text = `(${typedSql(kind, raw)})::varchar`;
    const { precision, scale } = sizeOf(kind);
    // DuckDB writes no zero before the point where there is no digit for it.
    return precision === scale ? `regexp_replace(${text}, '^(-?)\\.', '\\10.')` : text;
  }
  if (kind !== 'time' && kind !== 'duration') return typedSql(kind, raw);
  const { forms = [] } = definitionOf(kind);
  return `case when regexp_full_match(${raw}, ${literal(forms.join('|'))}) then ${raw} end`;
}

function decimalSql(kind: DecimalKind, raw: string): string {
  const { precision, scale } = sizeOf(kind);
  const { forms = [] } = definitionOf(kind);
  // The cast alone would round a decimal of more digits.
  const hasForm = `regexp_full_match(${raw}, ${literal(forms.join('|'))})`;
  return `case when ${hasForm} then try_cast(${raw} as decimal(${precision}, ${scale})) end`;
}

/** JSON that begins so, as its text; DuckDB's `json_type` refuses some of what is JSON. */
function nestedSql(raw: string, first: '[' | '{'): string {
  return `case when not (${noJsonSql(raw)}) and ltrim(${raw}, e' \\t\\n\\r')[1] = '${first}' then ${raw} end`;
}

/** DuckDB reads no ISO 8601: each count is taken from its letter. An interval of microseconds compares as their number. */
function durationSql(raw: string): string {
  const counted = (pattern: string): string =>
    `coalesce(try_cast(regexp_extract(${raw}, '${pattern}', 1) as bigint), 0)`;
  const seconds = Object.entries(UNITS).map(([letter, unit]) => {
    const pattern = letter === 'S' ? '([0-9]+)(?:\\.[0-9]+)?S' : `([0-9]+)${letter}`;
    return `${counted(pattern)} * ${unit}`;
  });
  const fraction = `try_cast(rpad(regexp_extract(${raw}, '\\.([0-9]{1,6})', 1), 6, '0') as bigint)`;
  const sum = `((${seconds.join(' + ')}) * 1000000 + ${fraction})`;
  const sign = `(case when ${raw}[1] = '-' then -1 else 1 end)`;
  return `case when regexp_full_match(${raw}, ${literal(DURATION)}) then to_microseconds(${sign} * ${sum}) end`;
}

function booleanSql(raw: string): string {
  const { booleans } = definitionOf('boolean');
  const isOneOf = (texts: readonly string[] = []): string => `lower(${raw}) in (${texts.map(literal).join(', ')})`;
  return `case when ${isOneOf(booleans?.true)} then true when ${isOneOf(booleans?.false)} then false end`;
}

/** A whole number of digits only: most are unchanged when written back, and need no match of the form. */
function digitsSql(raw: string, otherwise: string): string {
  return (
    `case when try_cast(${raw} as bigint)::varchar = ${raw} or regexp_full_match(${raw}, ${literal(INTEGER)}) ` +
    `then case when try_cast(${raw} as bigint) between -${SAFE} and ${SAFE} then try_cast(${raw} as bigint) end else ${otherwise} end`
  );
}

function daySql(raw: string, otherwise: string): string {
  return `case when ${raw} >= '0001' and ${raw} glob '${DATE_GLOB}' then try_cast(${raw} as date) else ${otherwise} end`;
}

/** A number with a point or an exponent, if it is whole. A double has no room for the half of 9007199254740990.5; a decimal has. */
function wholeSql(raw: string): string {
  // More digits than those of the decimal would be rounded to it: 0.999… is not whole.
  const cut = `regexp_replace(${raw}, '(\\.[0-9]{20})[0-9]+', '\\1')`;
  const [value, decimal] = [`try_cast(${raw} as double)`, `try_cast(${cut} as decimal(38, 20))`];
  const isWhole = `trunc(${value}) = ${value} and coalesce(trunc(${decimal}) = ${decimal}, true)`;
  return `case when ${value} between -${SAFE} and ${SAFE} and ${isWhole} then ${value}::bigint end`;
}

function timestampSql(raw: string): string {
  const matches = (pattern: string): string => `regexp_full_match(${raw}, ${literal(pattern)})`;
  const isPlain = TIMESTAMP_GLOBS.map((glob) => `${raw} glob '${glob}'`).join(' or ');
  const wallTime = `try_cast(${raw} as timestamp)`;
  // Plain forms are in UTC, where the instant is computed from microseconds at a third of the cost of a cast.
  const plain = `make_timestamptz(epoch_us(${wallTime}))`;
  return (
    `case when ${raw} < '0001' then null when ${isPlain} then ${plain} ` +
    `when ${matches(TIMESTAMP)} then try_cast(${raw} as timestamptz) ` +
    `when ${matches(TIMESTAMP_TO_MINUTE)} then try_cast(${raw}[:16] || ':00' || ${raw}[17:] as timestamptz) end`
  );
}
