import { differenceSql } from '../distribution/difference.ts';
import { divergenceSql } from '../distribution/divergence.ts';
import { ContractError } from '../errors.ts';
import { PatternFault } from '../patterns/pattern-fault.ts';
import { portablePattern } from '../patterns/portable-pattern.ts';
import type { Where } from '../patterns/program.ts';
import { FORGIVEN_SHARE, FORGIVEN_STEPS, SUM_DECIMALS } from '../rules/decimal-digits.ts';
import type { Dialect } from '../rules/dialect.ts';
import { noJsonSparkSql } from './no-json-spark-sql.ts';
import { sparkDecimal } from './plain-digits.ts';
import { sparkIdentifier, sparkLiteral, sparkNumeral } from './spark-text.ts';
import { maybeSparkConstant } from './typed-spark-sql.ts';

const MICROSECONDS_PER_HOUR = 3.6e9;

/** Columns of a row's place: the number of its file in the set, and its own in the file. */
export const FILE = 'weir_file';
export const ROW = 'weir_row';

function matches(text: string, pattern: string, where: Where): string {
  try {
    return `${text} rlike ${sparkLiteral(portablePattern(pattern, where))}`;
  } catch (cause) {
    if (!(cause instanceof PatternFault)) throw cause;
    throw refused(`the pattern ${JSON.stringify(pattern)} is none, because ${cause.message}`, cause);
  }
}

function refused(why: string, cause?: unknown): ContractError {
  return new ContractError(
    'engine_unsuited',
    `Expected rules that Spark can be asked; ${why} Leave the rule out, or check without --engine spark.`,
    cause === undefined ? {} : { cause },
  );
}

const double = (value: string): string => `cast(${value} as double)`;
const moment = (value: string): string => `unix_micros(cast(${value} as timestamp))`;

function isNoMultiple(value: string, { step, decimals }: { readonly step: number; readonly decimals: number }): string {
  const [decimal, unit] = [sparkDecimal(value, decimals), sparkDecimal(sparkNumeral(step), decimals)];
  const isExact = `try_cast(cast(${decimal} as string) as double) = ${double(value)} and ${decimal} % ${unit} = 0`;
  const steps = `${double(value)} / ${double(sparkNumeral(step))}`;
  const isNear = `abs(${steps}) < ${double(String(FORGIVEN_STEPS))} and abs(${steps} - round(${steps})) <= ${sparkNumeral(FORGIVEN_SHARE)}`;
  return `not (${isExact}) and not (${isNear})`;
}

function hasMoreDigits(
  value: string,
  { precision, scale }: { readonly precision: number; readonly scale: number },
): string {
  const isExact = `coalesce(try_cast(cast(${sparkDecimal(value, scale)} as string) as double) = ${double(value)}, false)`;
  return `${value} is not null and not (${isExact} and abs(${value}) < ${sparkNumeral(10 ** (precision - scale))})`;
}

/** Below it, no sum of a row has more digits than a decimal; above it, doubles are further apart than what would be tolerated. */
const DECIMAL_SUM_MAX = 9e25;

function isOtherSum({ parts, total, tolerance }: Parameters<Dialect['isOtherSum']>[0]): string {
  const all = [...parts, total];
  const fit = `${all.map((value) => `abs(${double(value)})`).join(' + ')} < ${sparkNumeral(DECIMAL_SUM_MAX)}`;
  const difference = (sqlOf: (value: string) => string): string =>
    double(`abs(${parts.map(sqlOf).join(' + ')} - ${sqlOf(total)})`);
  const exact = difference((value) => `case when ${fit} then ${sparkDecimal(value, SUM_DECIMALS)} end`);
  return `coalesce(${exact}, ${difference(double)}) > ${sparkNumeral(tolerance)}`;
}

/** The SQL of Spark, and of the other engines that speak its protocol. */
export const SPARK: Dialect = {
  identifier: sparkIdentifier,
  text: sparkLiteral,
  number: sparkNumeral,
  constant: maybeSparkConstant,
  fails: (why) => {
    throw refused(`${why}.`);
  },
  asNumber: (condition) => `cast((${condition}) as int)`,
  // Moments are in UTC, and say so.
  asText: (value) =>
    `concat(cast(${value} as string), case when typeof(${value}) = 'timestamp' then '+00' else '' end)`,
  asDouble: double,
  isOtherSum,
  together: (values) => `struct(${values.join(', ')})`,
  differs: (left, right) => `not (${left} <=> ${right})`,
  matchesWhole: (text, pattern) => matches(text, pattern, 'whole'),
  matchesPart: (text, pattern) => matches(text, pattern, 'part'),
  startsWith: (text, prefix) => `startswith(${text}, ${sparkLiteral(prefix)})`,
  endsWith: (text, suffix) => `endswith(${text}, ${sparkLiteral(suffix)})`,
  length: (text) => `char_length(${text})`,
  isNoJson: noJsonSparkSql,
  isNoMultiple,
  hasMoreDigits,
  countWhere: (condition) => `count(*) filter (where ${condition})`,
  median: (value) => `percentile(${value}, 0.5D)`,
  quantile: (value, quantile) => `percentile(${value}, ${double(String(quantile))})`,
  deviation: (value) => `stddev_samp(${value})`,
  correlation: (left, right) => `corr(${left}, ${right})`,
  rounded: (value, decimals) => `round(${value}, ${decimals})`,
  listed: (text, order) =>
    order === undefined
      ? `array_join(array_sort(collect_list(${text})), ', ')`
      : `array_join(transform(array_sort(collect_list(struct(${order} as weir_order, ${text} as weir_text))), weir_each -> weir_each.weir_text), ', ')`,
  allColumns: '*',
  before: (value) => `lag(${value}) over (order by ${FILE}, ${ROW})`,
  hoursBetween: (from, to) => `((${moment(to)} - ${moment(from)}) / ${sparkNumeral(MICROSECONDS_PER_HOUR)}D)`,
  isWithinHours: (value, hours) =>
    `${moment(value)} >= unix_micros(current_timestamp()) - ${Math.round(hours * MICROSECONDS_PER_HOUR)}`,
  difference: differenceSql,
  divergence: divergenceSql,
};
