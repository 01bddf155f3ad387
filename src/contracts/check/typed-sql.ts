import type { ColumnKind } from '../contract.ts';
import { literal } from '../sql.ts';

/*
 * DuckDB's casts are more generous than a contract may be: NaN, inf, 1_000, +-5 and ' 12 ' are numbers to them, '1.5' is
 * the BIGINT 2, 24:00 the next day, '2026-02-2x' a date. So the text's form is matched first, and the cast only says what
 * it is worth. A GLOB costs a third of a regular expression: it passes the forms that most texts have, where it and the
 * cast together are as strict, and only the rest meets the expression. test/contracts/check/typed-sql.test.ts compares both.
 */

const NUMBER = '[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?';
const INTEGER = '[+-]?[0-9]+';
const DATE = '[0-9]{4}-[0-9]{2}-[0-9]{2}';
const MINUTES = '([01][0-9]|2[0-3]):[0-5][0-9]';
const ZONE = '(Z|[+-](0[0-9]|1[0-4]):?[0-5][0-9])?';
const TIMESTAMP = `${DATE}[T ]${MINUTES}:[0-5][0-9](\\.[0-9]{1,9})?${ZONE}`;
const TIMESTAMP_TO_MINUTE = `${DATE}[T ]${MINUTES}${ZONE}`;
const SAFE = Number.MAX_SAFE_INTEGER;
const DATE_GLOB = '[0-9][0-9][0-9][0-9]-??-?[0-9]';
const TIMESTAMP_GLOBS = ['', 'Z'].flatMap((zone) =>
  ['[01][0-9]', '2[0-3]'].map((hour) => `${DATE_GLOB}[T ]${hour}:??:?[0-9]${zone}`),
);

/** SQL for the value that the text `raw` (an SQL expression) stands for, null when it stands for none. */
export function typedSql(kind: ColumnKind, raw: string): string {
  const matches = (pattern: string): string => `regexp_full_match(${raw}, ${literal(pattern)})`;
  switch (kind) {
    case 'number':
      return (
        `case when (not ${raw} glob '*[!-.0-9]*' or ${matches(NUMBER)}) and isfinite(try_cast(${raw} as double)) ` +
        `then try_cast(${raw} as double) end`
      );
    case 'integer':
      // Written back, most whole numbers look as they did; only the rest needs the form matched, at twice the price.
      return (
        `case when try_cast(${raw} as bigint)::varchar = ${raw} or ${matches(INTEGER)} ` +
        `then case when try_cast(${raw} as bigint) between -${SAFE} and ${SAFE} then try_cast(${raw} as bigint) end end`
      );
    case 'boolean':
      return `case when lower(${raw}) in ('true', '1') then true when lower(${raw}) in ('false', '0') then false end`;
    case 'timestamp':
      return timestampSql(raw, 'timestamptz');
    case 'date':
      return `case when ${raw} >= '0001' and ${raw} glob '${DATE_GLOB}' then try_cast(${raw} as date) end`;
    case 'category':
    case 'text':
      return raw;
    default:
      return kind satisfies never;
  }
}

/** The same where only null or not null is asked: casting to an instant costs four times as much as to wall time. */
export function readableSql(kind: ColumnKind, raw: string): string {
  return kind === 'timestamp' ? timestampSql(raw, 'timestamp') : typedSql(kind, raw);
}

function timestampSql(raw: string, type: 'timestamp' | 'timestamptz'): string {
  const matches = (pattern: string): string => `regexp_full_match(${raw}, ${literal(pattern)})`;
  const isPlain = TIMESTAMP_GLOBS.map((glob) => `${raw} glob '${glob}'`).join(' or ');
  const wallTime = `try_cast(${raw} as timestamp)`;
  // Plain forms are in UTC, where a count of microseconds makes the instant at a third of the cast's price.
  const plain = type === 'timestamp' ? wallTime : `make_timestamptz(epoch_us(${wallTime}))`;
  return (
    `case when ${raw} < '0001' then null when ${isPlain} then ${plain} ` +
    `when ${matches(TIMESTAMP)} then try_cast(${raw} as ${type}) ` +
    `when ${matches(TIMESTAMP_TO_MINUTE)} then try_cast(${raw}[:16] || ':00' || ${raw}[17:] as ${type}) end`
  );
}
