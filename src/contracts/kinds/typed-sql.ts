import type { ColumnKind } from '../contract.ts';
import { literal } from '../sql.ts';
import { KINDS, MIDNIGHT, NUMBER, TIMESTAMP, TIMESTAMP_TO_MINUTE } from './kinds.ts';

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
  switch (kind) {
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
      return timestampSql(raw, 'timestamptz');
    case 'date':
      return daySql(raw, `case when ${raw} >= '0001' and ${matches(MIDNIGHT)} then try_cast(${raw}[:10] as date) end`);
    case 'category':
    case 'text':
      return raw;
    default:
      return kind satisfies never;
  }
}

/**
 * The same for a cell that is written as the kind is: `1.0` is a number then, and no whole number; a midnight a timestamp.
 * For guessing what a column of texts is, where the next file may have `1.5` and noon.
 */
export function writtenSql(kind: ColumnKind, raw: string): string {
  if (kind === 'integer') return digitsSql(raw, 'null');
  return kind === 'date' ? daySql(raw, 'null') : typedSql(kind, raw);
}

/** The same when only nullness is needed: a cast to an instant costs four times as much as one to wall time. */
export function readableSql(kind: ColumnKind, raw: string): string {
  return kind === 'timestamp' ? timestampSql(raw, 'timestamp') : typedSql(kind, raw);
}

function booleanSql(raw: string): string {
  const { booleans } = KINDS.boolean;
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
  const [value, decimal] = [`try_cast(${raw} as double)`, `try_cast(${raw} as decimal(38, 20))`];
  const isWhole = `trunc(${value}) = ${value} and coalesce(trunc(${decimal}) = ${decimal}, true)`;
  return `case when ${value} between -${SAFE} and ${SAFE} and ${isWhole} then ${value}::bigint end`;
}

function timestampSql(raw: string, type: 'timestamp' | 'timestamptz'): string {
  const matches = (pattern: string): string => `regexp_full_match(${raw}, ${literal(pattern)})`;
  const isPlain = TIMESTAMP_GLOBS.map((glob) => `${raw} glob '${glob}'`).join(' or ');
  const wallTime = `try_cast(${raw} as timestamp)`;
  // Plain forms are in UTC, where the instant is computed from microseconds at a third of the cost of a cast.
  const plain = type === 'timestamp' ? wallTime : `make_timestamptz(epoch_us(${wallTime}))`;
  return (
    `case when ${raw} < '0001' then null when ${isPlain} then ${plain} ` +
    `when ${matches(TIMESTAMP)} then try_cast(${raw} as ${type}) ` +
    `when ${matches(TIMESTAMP_TO_MINUTE)} then try_cast(${raw}[:16] || ':00' || ${raw}[17:] as ${type}) end`
  );
}
