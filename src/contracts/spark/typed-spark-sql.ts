import type { CellValue, ColumnKind, DecimalKind } from '../contract.ts';
import { maybeValue } from '../kinds/cell-value.ts';
import { maybeConstant } from '../kinds/comparable.ts';
import { isDecimal, sizeOf } from '../kinds/decimal.ts';
import { definitionOf, NUMBER, TIMESTAMP, TIMESTAMP_TO_MINUTE } from '../kinds/kinds.ts';
import { DURATION, TIME, UNITS } from '../kinds/times.ts';
import { noJsonSparkSql } from './no-json-spark-sql.ts';
import { digitsSql } from './plain-digits.ts';
import { matchesForm, sparkLiteral, sparkNumeral } from './spark-text.ts';

/*
 * SQL of Spark for the value of a cell's text, as `kinds/typed-sql.ts` is for DuckDB: the same texts have the same values.
 * What casts of engines differ in is not left to them: zones, fractions and exponents are computed here, and a cast gets
 * plain digits and wall times only. Times of day and durations are whole numbers of microseconds, because not every engine
 * of the protocol has their types.
 */

const SAFE = Number.MAX_SAFE_INTEGER;
const WHOLE = '[+-]?[0-9]+';
const DAY_LENGTH = 'YYYY-MM-DD'.length;
/** Digits behind the point that decide whether a number is whole; see `kinds/cell-value.ts`. */
const DECIMALS = 20;
const MICROSECONDS = 1_000_000;

/** SQL for the value of the text `raw` (an SQL expression), null when it has none. */
export function typedSparkSql(kind: ColumnKind, raw: string): string {
  if (isDecimal(kind)) return decimalSql(kind, raw);
  switch (kind) {
    case 'number':
      return `case when ${matchesForm(raw, NUMBER)} and abs(${double(raw)}) < double('infinity') then ${double(raw)} end`;
    case 'integer':
      return integerSql(raw);
    case 'boolean':
      return booleanSql(raw);
    case 'timestamp':
      return timestampSql(raw);
    case 'date':
      return `case when ${raw} >= '0001' and ${matchesForm(raw, (definitionOf('date').forms ?? []).join('|'))} then try_cast(substring(${raw}, 1, 10) as date) end`;
    case 'time':
      return timeSql(raw);
    case 'duration':
      return durationSql(raw);
    case 'list':
    case 'struct':
      return nestedSql(raw, kind === 'list' ? '[' : '{');
    case 'category':
    case 'text':
      return raw;
    default:
      return kind satisfies never;
  }
}

/** The same for a cell that is written as the kind is, for guessing what a column is: `1.0` is a number then, a midnight a timestamp. */
export function writtenSparkSql(kind: ColumnKind, raw: string): string {
  if (kind === 'integer') return `case when ${matchesForm(raw, WHOLE)} then ${safeSql(raw)} end`;
  if (kind === 'date') return `case when char_length(${raw}) = ${DAY_LENGTH} then ${typedSparkSql(kind, raw)} end`;
  return typedSparkSql(kind, raw);
}

/** The type of such a value. */
export function sparkTypeOf(kind: ColumnKind): string {
  if (isDecimal(kind)) {
    const { precision, scale } = sizeOf(kind);
    return `decimal(${precision}, ${scale})`;
  }
  switch (kind) {
    case 'number':
      return 'double';
    case 'integer':
    case 'time':
    case 'duration':
      return 'bigint';
    case 'boolean':
    case 'timestamp':
    case 'date':
      return kind;
    case 'category':
    case 'text':
    case 'list':
    case 'struct':
      return 'string';
    default:
      return kind satisfies never;
  }
}

/** A value that a contract names, to compare a column of the kind with; undefined when no cell of the kind can hold it. */
export function maybeSparkConstant(kind: ColumnKind, value: CellValue): string | undefined {
  const constant = maybeConstant(kind, value);
  if (constant === undefined) return undefined;
  if (kind === 'timestamp') return `timestamp_micros(${constant})`;
  if (kind === 'date') return `date ${sparkLiteral(String(maybeValue(kind, String(value))))}`;
  if (isDecimal(kind)) return `cast(${sparkLiteral(String(maybeValue(kind, String(value))))} as ${sparkTypeOf(kind)})`;
  if (typeof constant === 'number') return sparkNumeral(constant);
  if (typeof constant === 'string') return sparkLiteral(constant);
  return String(constant);
}

const double = (raw: string): string => `try_cast(${raw} as double)`;
const whole = (text: string): string => `coalesce(try_cast(${text} as bigint), 0)`;

function safeSql(digits: string): string {
  const value = `try_cast(${digits} as bigint)`;
  return `case when ${value} between -${SAFE} and ${SAFE} then ${value} end`;
}

function integerSql(raw: string): string {
  return `case when ${matchesForm(raw, WHOLE)} then ${safeSql(raw)} when ${matchesForm(raw, NUMBER)} then ${wholeSql(raw)} end`;
}

/** A number with a point or an exponent, if it is whole by its digits. */
function wholeSql(raw: string): string {
  const { digits, point } = digitsSql(raw);
  const from = `greatest(${point}, 0)`;
  const behind = `case when ${point} + ${DECIMALS} <= 0 then '' else substring(${digits}, ${from} + 1, ${point} + ${DECIMALS} - ${from}) end`;
  const isWhole = `floor(${double(raw)}) = ${double(raw)} and not (${behind} rlike '[1-9]')`;
  return `case when ${double(raw)} between -${SAFE} and ${SAFE} and ${isWhole} then cast(${double(raw)} as bigint) end`;
}

function decimalSql(kind: DecimalKind, raw: string): string {
  const { scale } = sizeOf(kind);
  const { forms = [] } = definitionOf(kind);
  // The form allows zeros on both sides beyond the digits of the decimal, a sign, and a point with nothing on one side.
  const short = [
    [String.raw`\A([+-]?)0*([0-9]+)`, '$1$2'],
    [String.raw`(\.[0-9]{${scale}})0+\z`, '$1'],
    [String.raw`\.\z`, ''],
    [String.raw`\A[+]`, ''],
  ].reduce(
    (sql, [pattern = '', by = '']) => `regexp_replace(${sql}, ${sparkLiteral(pattern)}, ${sparkLiteral(by)})`,
    raw,
  );
  return `case when ${matchesForm(raw, forms.join('|'))} then try_cast(${short} as ${sparkTypeOf(kind)}) end`;
}

function booleanSql(raw: string): string {
  const { booleans } = definitionOf('boolean');
  const isOneOf = (texts: readonly string[] = []): string => `lower(${raw}) in (${texts.map(sparkLiteral).join(', ')})`;
  return `case when ${isOneOf(booleans?.true)} then true when ${isOneOf(booleans?.false)} then false end`;
}

/** Microseconds behind the point of a text that has one point at most. */
function fractionSql(raw: string): string {
  return whole(`rpad(regexp_extract(${raw}, ${sparkLiteral(String.raw`\.([0-9]{1,6})`)}, 1), 6, '0')`);
}

function timestampSql(raw: string): string {
  const wallTime = (clock: string): string =>
    `unix_micros(try_cast(concat(substring(${raw}, 1, 10), ' ', ${clock}) as timestamp))`;
  const zone = (group: number): string =>
    `regexp_extract(${raw}, ${sparkLiteral(String.raw`([+-])([0-9]{2}):?([0-9]{2})\z`)}, ${group})`;
  const minutes = `(case when ${zone(1)} = '-' then -1 else 1 end * (${whole(zone(2))} * 60 + ${whole(zone(3))}))`;
  const moment = (clock: string): string =>
    `timestamp_micros(${wallTime(clock)} + ${fractionSql(raw)} - ${minutes} * 60 * ${MICROSECONDS})`;
  return (
    `case when ${raw} < '0001' then null when ${matchesForm(raw, TIMESTAMP)} then ${moment(`substring(${raw}, 12, 8)`)} ` +
    `when ${matchesForm(raw, TIMESTAMP_TO_MINUTE)} then ${moment(`concat(substring(${raw}, 12, 5), ':00')`)} end`
  );
}

function timeSql(raw: string): string {
  const part = (from: number): string => whole(`substring(${raw}, ${from}, 2)`);
  const seconds = `(${part(1)} * 3600 + ${part(4)} * 60 + ${part(7)})`;
  return `case when ${matchesForm(raw, TIME)} then ${seconds} * ${MICROSECONDS} + ${fractionSql(raw)} end`;
}

function durationSql(raw: string): string {
  const seconds = Object.entries(UNITS).map(([letter, unit]) => {
    const pattern = letter === 'S' ? String.raw`([0-9]+)(?:\.[0-9]+)?S` : `([0-9]+)${letter}`;
    return `${whole(`regexp_extract(${raw}, ${sparkLiteral(pattern)}, 1)`)} * ${unit}`;
  });
  const sign = `case when startswith(${raw}, '-') then -1 else 1 end`;
  return `case when ${matchesForm(raw, DURATION)} then ${sign} * ((${seconds.join(' + ')}) * ${MICROSECONDS} + ${fractionSql(raw)}) end`;
}

/** JSON that begins so, as its text. */
function nestedSql(raw: string, first: '[' | '{'): string {
  const begins = `${raw} rlike ${sparkLiteral(String.raw`\A[ \t\n\r]*\x{${first.charCodeAt(0).toString(16)}}`)}`;
  return `case when ${begins} and not (${noJsonSparkSql(raw)}) then ${raw} end`;
}
