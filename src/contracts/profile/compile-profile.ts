import { writtenSql } from '../check/typed-sql.ts';
import type { ColumnKind } from '../contract.ts';
import { literal } from '../sql.ts';
import { QUANTILES } from './profile.ts';
import { type ProfileSource, type SourceColumn, valueSql } from './profile-source.ts';

/*
 * A profile is three questions. Which kinds: asked of the first rows, and proved by the typed columns of all of them (a
 * table of texts that were read; a view of Parquet). What sums and bounds: all columns in one pass over those. What parts,
 * quantiles and frequent values: with the bounds known, each is a group of its own, which DuckDB counts ten times faster
 * than an aggregate that holds a map.
 */

export const TYPED = 'weir_typed';
export const HISTOGRAM_PARTS = 30;
const TOP_VALUES = 10;
/** Columns of more different values get estimates, and no list of them. */
export const DISTINCT_EXACT_MAX = 20_000;
/** How many rows are looked at to guess which columns have few values. */
const FEW_ROWS = 5 * DISTINCT_EXACT_MAX;
const CORRELATED_COLUMNS_MAX = 30;
/** Kinds are guessed from so many rows at the beginning. */
const GUESSED_ROWS = 10_000;
/** Quantiles of more rows than this come from about so many of them: a rank is then within half a per cent. */
const QUANTILE_ROWS = 250_000;

/** The narrowest kinds first: the first that fits every filled cell is taken. */
const GUESSED: readonly ColumnKind[] = ['boolean', 'integer', 'number', 'date', 'timestamp'];

export interface GuessOptions {
  readonly source: ProfileSource;
  readonly positions: readonly number[];
  /** All rows instead of the first ones. */
  readonly isWhole: boolean;
}

/** One row: of each column its filled cells `f<i>` and how many fit each kind. */
export function guessSql({ source, positions, isWhole }: GuessOptions): string {
  const terms = positions.flatMap((position) => {
    // The position is one of the source's columns.
    const column = source.columns[position] as SourceColumn;
    return [
      `count(${column.text}) as f${position}`,
      ...GUESSED.map((kind) => `count(${writtenSql(kind, column.text)}) as ${kind}${position}`),
    ];
  });
  const rows = isWhole ? source.from : `(select * from ${source.from} limit ${GUESSED_ROWS})`;
  return `select ${terms.join(', ')} from ${rows}`;
}

/** The kind of a column, from the answer to `guessSql`; undefined when no cell was filled. */
export function maybeKind(answer: Readonly<Record<string, number | null>>, position: number): ColumnKind | undefined {
  const filled = answer[`f${position}`] ?? 0;
  if (filled === 0) return undefined;
  const kind = GUESSED.find((candidate) => answer[`${candidate}${position}`] === filled) ?? 'text';
  // Ones and zeros alone are more often counts than truths.
  if (kind !== 'boolean') return kind;
  return answer[`integer${position}`] === filled ? 'integer' : 'boolean';
}

export interface TypedColumn extends SourceColumn {
  readonly kind: ColumnKind;
  /** Cells that are not of the kind are counted, so that a guess can be proved. */
  readonly isGuessed: boolean;
}

const isProved = ({ kind, isGuessed }: TypedColumn): boolean => isGuessed && kind !== 'text';

/** The typed columns `c<i>`, with `x<i>` where a guessed kind does not fit a cell: a table, or a view of what needs no copy. */
export function typedRowsSql(columns: readonly TypedColumn[], { from, rowNumber }: ProfileSource): string {
  const typed = columns.flatMap((column, index) => {
    const value = valueSql(column, column.kind);
    const misfit = `${column.text} is not null and (${value}) is null as x${index}`;
    return [`${value} as c${index}`, ...(isProved(column) ? [misfit] : [])];
  });
  if (rowNumber === undefined)
    return `create or replace temp table ${TYPED} as select ${typed.join(', ')} from ${from}`;
  return `create or replace temp view ${TYPED} as select ${typed.join(', ')}, ${rowNumber} as row_number from ${from}`;
}

/** One row: `x<i>` true where the guess of a column was wrong; undefined when nothing was guessed. */
export function maybeMisfitSql(columns: readonly TypedColumn[]): string | undefined {
  const terms = columns.flatMap((column, index) => (isProved(column) ? [`bool_or(x${index}) as x${index}`] : []));
  return terms.length === 0 ? undefined : `select ${terms.join(', ')} from ${TYPED}`;
}

/** One row: `d<i>` how many different values the first rows of each column hold, to guess which have few. */
export function fewSql(columns: readonly TypedColumn[]): string {
  const counts = columns.map((_, index) => `approx_count_distinct(c${index}) as d${index}`);
  return `select ${counts.join(', ')} from (select * from ${TYPED} limit ${FEW_ROWS})`;
}

/** One row: `p<i>` nulls, sums and bounds of each column as JSON, and `correlations`: one pass over all columns. */
export function factsSql(columns: readonly TypedColumn[], { isFew }: { isFew(index: number): boolean }): string {
  const numeric = columns.flatMap(({ kind }, index) => (isNumeric(kind) ? [index] : []));
  const facts = columns.map(
    ({ kind }, index) => `to_json(${factsStruct(kind, { index, isFew: isFew(index) })})::varchar as p${index}`,
  );
  return `select ${[...facts, `to_json(${correlations(numeric)})::varchar as correlations`].join(', ')} from ${TYPED}`;
}

function isNumeric(kind: ColumnKind): boolean {
  return kind === 'number' || kind === 'integer';
}

function factsStruct(kind: ColumnKind, { index, isFew }: { readonly index: number; readonly isFew: boolean }): string {
  const value = `c${index}`;
  const fields: Record<string, string> = { nulls: `count(*) - count(${value})` };
  // What seems to be few is counted exactly, for a tenth of the price.
  if (!isFew) fields.distinct = `approx_count_distinct(${value})`;
  if (isNumeric(kind)) fields.numbers = `case when count(${value}) > 0 then ${numbersStruct(value)} end`;
  if (kind === 'text' || kind === 'category') {
    fields.lengths = `case when count(${value}) > 0 then {'min': min(length(${value})), 'max': max(length(${value}))} end`;
  }
  if (kind === 'date' || kind === 'timestamp') {
    const iso = (moment: string): string =>
      kind === 'date' ? `${moment}::varchar` : `strftime(${moment} at time zone 'UTC', '%Y-%m-%dT%H:%M:%S.%gZ')`;
    fields.moments = `case when count(${value}) > 0 then {'min': ${iso(`min(${value})`)}, 'max': ${iso(`max(${value})`)}} end`;
  }
  return struct(fields);
}

function numbersStruct(value: string): string {
  return struct({
    min: `min(${value})`,
    max: `max(${value})`,
    mean: `avg(${tame(value)})`,
    deviation: `coalesce(stddev_samp(${tame(value)}), 0)`,
    zeros: `count(*) filter (where ${value} = 0)`,
    negatives: `count(*) filter (where ${value} < 0)`,
  });
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

export interface DetailedColumn {
  readonly index: number;
  readonly isFew: boolean;
  /** Of columns of numbers that have any. */
  readonly bounds: { readonly min: number; readonly max: number } | undefined;
}

/** One row: `p<i>` the rest of each column as JSON: parts and quantiles of numbers, exact counts of few values. */
export function detailsSql(
  columns: readonly DetailedColumn[],
  { rows, rowNumber }: Pick<ProfileSource, 'rows' | 'rowNumber'>,
): string {
  const stride = Math.floor(rows / QUANTILE_ROWS);
  const number = rowNumber === undefined ? 'rowid' : 'row_number';
  const some = stride > 1 ? ` where hash(${number}) % ${stride} = 0` : '';
  const structs = columns.flatMap(({ index, isFew, bounds }) => {
    const value = `c${index}`;
    const fields: Record<string, string> = {};
    if (isFew) {
      const groups = `select ${value} as v, count(*) as n from ${TYPED} where ${value} is not null group by ${value}`;
      const named = `select v::varchar as v, n, count(*) over () as of from (${groups}) order by n desc, v limit ${TOP_VALUES}`;
      fields.few = `(select {'distinct': coalesce(max(of), 0), 'top': list({'value': v, 'rows': n} order by n desc, v)} from (${named}))`;
    }
    if (bounds !== undefined) {
      const parts = `select ${partSql(value, bounds)} as part, count(*) as n from ${TYPED} where ${value} is not null group by part`;
      fields.parts = `(select list({'part': part, 'rows': n}) from (${parts}))`;
      fields.quantiles = `(select quantile_cont(${value}::double, [${QUANTILES.join(', ')}]) from ${TYPED}${some})`;
    }
    return Object.keys(fields).length === 0 ? [] : [`to_json(${struct(fields)})::varchar as p${index}`];
  });
  return `select ${structs.length === 0 ? 'null as nothing' : structs.join(', ')}`;
}

/** A single value has no width; all its rows stand in the first part. */
function partSql(value: string, { min, max }: { readonly min: number; readonly max: number }): string {
  if (min === max) return '0';
  const [low, high] = [`'${min}'::double`, `'${max}'::double`];
  return `greatest(0, least(${HISTOGRAM_PARTS - 1}, floor((${value} - ${low}) / (${high} - ${low}) * ${HISTOGRAM_PARTS})))::utinyint`;
}

function struct(fields: Readonly<Record<string, string>>): string {
  return `{${Object.entries(fields)
    .map(([name, sql]) => `${literal(name)}: ${sql}`)
    .join(', ')}}`;
}
