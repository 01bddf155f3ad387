import { typedSql } from '../check/typed-sql.ts';
import type { ColumnKind } from '../contract.ts';
import { identifier, literal } from '../sql.ts';
import { QUANTILES } from './profile.ts';

export const RAW_TABLE = 'weir_raw';
export const TYPED_TABLE = 'weir_typed';
export const HISTOGRAM_PARTS = 30;
const TOP_VALUES = 10;
/** Columns of more different values get estimates, and no list of them. */
export const DISTINCT_EXACT_MAX = 20_000;
const CORRELATED_COLUMNS_MAX = 30;

/** The narrowest kinds first: the first that fits every filled cell is taken. */
const GUESSED: readonly ColumnKind[] = ['boolean', 'integer', 'number', 'date', 'timestamp'];

/** One row: `rows`, and of each column its filled cells `f<i>`, estimated distinct `d<i>` and how many fit each kind. */
export function guessSql(count: number): string {
  const terms = Array.from({ length: count }, (_, index) => {
    const raw = `c${index}`;
    const fits = GUESSED.map((kind) => `count(${typedSql(kind, raw)}) as ${kind}${index}`);
    return [`count(${raw}) as f${index}`, `approx_count_distinct(${raw}) as d${index}`, ...fits].join(', ');
  });
  return `select count(*) as "rows", ${terms.join(', ')} from ${RAW_TABLE}`;
}

/** The kind of column `index`, from the answer to `guessSql`. */
export function guessKind(answer: Readonly<Record<string, number | null>>, index: number): ColumnKind {
  const filled = answer[`f${index}`] ?? 0;
  if (filled === 0) return 'text';
  const kind = GUESSED.find((candidate) => answer[`${candidate}${index}`] === filled) ?? 'text';
  // Ones and zeros alone are more often counts than truths.
  if (kind !== 'boolean') return kind;
  return answer[`integer${index}`] === filled ? 'integer' : 'boolean';
}

export interface ProfiledColumn {
  readonly name: string;
  readonly kind: ColumnKind;
  readonly isFew: boolean;
}

export function typedTableSql(columns: readonly ProfiledColumn[]): string {
  const typed = columns.map(({ kind }, index) => `${typedSql(kind, `c${index}`)} as c${index}`);
  return `create or replace temp table ${TYPED_TABLE} as select ${typed.join(', ')} from ${RAW_TABLE}`;
}

/** One row: `p<i>` the profile of each column as JSON, and `correlations`. One query, so one pass where DuckDB can. */
export function profileSql(columns: readonly ProfiledColumn[], { isLarge }: { isLarge: boolean }): string {
  const numeric = columns.flatMap(({ kind }, index) => (isNumeric(kind) ? [index] : []));
  const bounds = numeric.map((index) => `min(c${index}) as lo${index}, max(c${index}) as hi${index}`);
  const from = numeric.length === 0 ? TYPED_TABLE : `${TYPED_TABLE}, (select ${bounds.join(', ')} from ${TYPED_TABLE})`;
  const facts = columns.map(
    (column, index) => `to_json(${columnStruct(column, { index, isLarge })})::varchar as p${index}`,
  );
  return `select ${[...facts, `to_json(${correlations(numeric)})::varchar as correlations`].join(', ')} from ${from}`;
}

function isNumeric(kind: ColumnKind): boolean {
  return kind === 'number' || kind === 'integer';
}

function columnStruct(column: ProfiledColumn, { index, isLarge }: { index: number; isLarge: boolean }): string {
  const value = `c${index}`;
  const fields: Record<string, string> = {
    nulls: `count(*) - count(${value})`,
    distinct: column.isFew ? `count(distinct ${value})` : `approx_count_distinct(${value})`,
  };
  if (isNumeric(column.kind)) fields.numbers = numberStruct(index, isLarge);
  if (column.kind === 'text' || column.kind === 'category') {
    fields.lengths = `case when count(${value}) > 0 then {'min': min(length(${value})), 'max': max(length(${value}))} end`;
  }
  if (column.kind === 'date' || column.kind === 'timestamp') {
    const iso = (moment: string): string =>
      column.kind === 'date' ? `${moment}::varchar` : `strftime(${moment} at time zone 'UTC', '%Y-%m-%dT%H:%M:%S.%gZ')`;
    fields.moments = `case when count(${value}) > 0 then {'min': ${iso(`min(${value})`)}, 'max': ${iso(`max(${value})`)}} end`;
  }
  if (column.isFew) {
    const counted = `select ${value}::varchar as v, count(*) as n from ${TYPED_TABLE} where ${value} is not null group by all order by n desc, v limit ${TOP_VALUES}`;
    fields.top = `(select list({'value': v, 'rows': n} order by n desc, v) from (${counted}))`;
  }
  return struct(fields);
}

function numberStruct(index: number, isLarge: boolean): string {
  const value = `c${index}`;
  const quantile = isLarge ? 'approx_quantile' : 'quantile_cont';
  const part = `least(${HISTOGRAM_PARTS - 1}, floor((${value} - lo${index}) / nullif(hi${index} - lo${index}, 0) * ${HISTOGRAM_PARTS}))::integer`;
  const numbers = struct({
    min: `min(${value})`,
    max: `max(${value})`,
    mean: `avg(${tame(value)})`,
    deviation: `coalesce(stddev_samp(${tame(value)}), 0)`,
    quantiles: `${quantile}(${value}::double, [${QUANTILES.join(', ')}])`,
    zeros: `count(*) filter (where ${value} = 0)`,
    negatives: `count(*) filter (where ${value} < 0)`,
    // A single value has no width; all its rows stand in the first part.
    parts: `histogram(case when ${value} is not null then coalesce(${part}, 0) end)`,
  });
  return `case when count(${value}) > 0 then ${numbers} end`;
}

/** Squares and sums of numbers near the end of the double's range overflow, which DuckDB takes for an error. */
function tame(value: string): string {
  return `(case when abs(${value}) < 1e150 then ${value} end)`;
}

function correlations(numeric: readonly number[]): string {
  const some = numeric.slice(0, CORRELATED_COLUMNS_MAX);
  const pairs = some.flatMap((a, at) =>
    some
      .slice(at + 1)
      .map((b) => `{'a': ${a}, 'b': ${b}, 'value': nullif(corr(${tame(`c${a}`)}, ${tame(`c${b}`)}), 'nan'::double)}`),
  );
  return `[${pairs.join(', ')}]`;
}

function struct(fields: Readonly<Record<string, string>>): string {
  return `{${Object.entries(fields)
    .map(([name, sql]) => `${literal(name)}: ${sql}`)
    .join(', ')}}`;
}

export function rawTableSql(source: string, positions: readonly number[]): string {
  const columns = positions.map((position, index) => `${identifier(`weir_raw_${position}`)} as c${index}`);
  return `create or replace temp table ${RAW_TABLE} as select ${columns.join(', ')} from ${source}`;
}
