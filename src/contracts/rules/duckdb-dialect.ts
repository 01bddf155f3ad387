import { differenceSql } from '../distribution/difference.ts';
import { divergenceSql } from '../distribution/divergence.ts';
import { maybeConstantSql } from '../kinds/cell-value.ts';
import { noJsonSql } from '../kinds/no-json-sql.ts';
import { decimalSql, identifier, literal, numeral } from '../sql.ts';
import { FORGIVEN_SHARE, FORGIVEN_STEPS, SUM_DECIMALS } from './decimal-digits.ts';
import type { Dialect } from './dialect.ts';

function isNoMultiple(value: string, { step, decimals }: { readonly step: number; readonly decimals: number }): string {
  const [decimal, unit] = [decimalSql(value, decimals), decimalSql(numeral(step), decimals)];
  // The digits end where those of the step do, or reading them back gives another number. (DuckDB's cast of a decimal to
  // a double rounds twice.) A number too large for a decimal has no digits so far behind its point: it is not refused.
  const isExact = `${decimal}::varchar::double = ${value}::double and ${decimal} % ${unit} = 0`;
  const steps = `${value} / ${numeral(step)}`;
  const isNear = `abs(${steps}) < ${FORGIVEN_STEPS} and abs(${steps} - round(${steps})) <= ${FORGIVEN_SHARE}`;
  return `not (${isExact}) and not (${isNear})`;
}

function hasMoreDigits(
  value: string,
  { precision, scale }: { readonly precision: number; readonly scale: number },
): string {
  const decimal = decimalSql(value, scale);
  // Reading the digits back gives another number where some were cut off.
  const isExact = `coalesce(${decimal}::varchar::double = ${value}::double, false)`;
  return `${value} is not null and not (${isExact} and abs(${value}) < ${numeral(10 ** (precision - scale))})`;
}

function isOtherSum({ parts, total, tolerance }: Parameters<Dialect['isOtherSum']>[0]): string {
  const difference = (sqlOf: (value: string) => string): string =>
    `abs(${parts.map(sqlOf).join(' + ')} - ${sqlOf(total)})::double`;
  const exact = difference((value) => decimalSql(value, SUM_DECIMALS));
  return `coalesce(${exact}, ${difference((value) => value)}) > ${numeral(tolerance)}`;
}

/** The SQL of DuckDB. */
export const DUCKDB: Dialect = {
  identifier,
  text: literal,
  number: numeral,
  constant: maybeConstantSql,
  fails: (why) => `error(${literal(why)})::boolean`,
  asNumber: (condition) => `(${condition})::integer`,
  asText: (value) => `(${value})::varchar`,
  asDouble: (value) => `${value}::double`,
  isOtherSum,
  together: (values) => `row(${values.join(', ')})`,
  differs: (left, right) => `${left} is distinct from ${right}`,
  matchesWhole: (text, pattern) => `regexp_full_match(${text}, ${literal(pattern)})`,
  matchesPart: (text, pattern) => `regexp_matches(${text}, ${literal(pattern)})`,
  startsWith: (text, prefix) => `starts_with(${text}, ${literal(prefix)})`,
  endsWith: (text, suffix) => `suffix(${text}, ${literal(suffix)})`,
  length: (text) => `length(${text})`,
  isNoJson: noJsonSql,
  isNoMultiple,
  hasMoreDigits,
  countWhere: (condition) => `count(*) filter (where ${condition})`,
  median: (value) => `median(${value})`,
  quantile: (value, quantile) => `quantile_cont(${value}, ${numeral(quantile)})`,
  deviation: (value) => `stddev_samp(${value})`,
  correlation: (left, right) => `corr(${left}, ${right})`,
  rounded: (value, decimals) => `round(${value}, ${decimals})`,
  listed: (text, order) => `string_agg(${text}, ', '${order === undefined ? '' : ` order by ${order}`})`,
  // The place of a row is no column that a star selects.
  allColumns: '*, rowid as rowid',
  before: (value) => `lag(${value}) over (order by rowid)`,
  hoursBetween: (from, to) => `((epoch_us(${to}) - epoch_us(${from})) / ${MICROSECONDS_PER_HOUR})`,
  isWithinHours: (moment, hours) =>
    `${moment}::timestamptz >= now() - to_microseconds(${Math.round(hours * MICROSECONDS_PER_HOUR)})`,
  difference: differenceSql,
  divergence: divergenceSql,
};

const MICROSECONDS_PER_HOUR = 3.6e9;
