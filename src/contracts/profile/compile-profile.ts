import { writtenSql } from '../check/typed-sql.ts';
import type { ColumnKind } from '../contract.ts';
import { ALONE_MAX, GRID_PARTS } from '../distribution/number-bins.ts';
import { literal, numeral } from '../sql.ts';
import { HUGE_UNIT, TAME_MAX } from './number-summary.ts';
import { type ProfileSource, type SourceColumn, valueSql } from './profile-source.ts';

/*
 * A profile is three questions. Which kinds: asked of the first rows, and proved by the typed columns of all of them (a
 * table of texts that were read; a view of Parquet). What sums and bounds: all columns in one pass over those. What
 * quantiles and frequent values: each is a group of its own, which DuckDB counts ten times faster than an aggregate that
 * holds a map. With the quantiles known, the rows between them are counted.
 */

export const TYPED = 'weir_typed';
const TOP_VALUES = 10;
/** Up to so many different values all are listed. */
const LISTED_MAX = 1000;
/** Of more values, also those are listed that fill this part of the cells. */
const LISTED_PARTS = 1000;
const LISTED_CHARACTERS_MAX = 200;
/** An estimate of different values counts those whose hash is a multiple of this. */
const HASH_PARTS = 16;
/** Columns of more different values get estimates, and no list of them. */
export const DISTINCT_EXACT_MAX = 20_000;
/** How many rows are looked at to guess which columns have few values. */
const FEW_ROWS = 5 * DISTINCT_EXACT_MAX;
const CORRELATED_COLUMNS_MAX = 30;
/** Kinds are guessed from so many rows at the beginning. */
const GUESSED_ROWS = 10_000;
/** Quantiles of twice as many rows and more come from about so many of them: a rank is then within half a per cent. */
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

/** Of a column that is taken as the file types it, and needs no proof. */
const maybeMisfit = ({ kind, native }: TypedColumn): string | undefined =>
  native?.kind === kind ? native.misfit : undefined;

/** The typed columns `c<i>`, with `x<i>` true where the kind does not fit a cell: a table, or a view of what needs no copy. */
export function typedRowsSql(columns: readonly TypedColumn[], { from, rowNumber }: ProfileSource): string {
  const typed = columns.flatMap((column, index) => {
    const value = valueSql(column, column.kind);
    const misfit = isProved(column) ? `${column.text} is not null and (${value}) is null` : maybeMisfit(column);
    return [`${value} as c${index}`, ...(misfit === undefined ? [] : [`${misfit} as x${index}`])];
  });
  if (rowNumber === undefined)
    return `create or replace temp table ${TYPED} as select ${typed.join(', ')} from ${from}`;
  return `create or replace temp view ${TYPED} as select ${typed.join(', ')}, ${rowNumber} from ${from}`;
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
  const facts = columns.map((column, index) => {
    const hasMisfits = !isProved(column) && maybeMisfit(column) !== undefined;
    return `to_json(${factsStruct(column.kind, { index, isFew: isFew(index), hasMisfits })})::varchar as p${index}`;
  });
  return `select ${[...facts, `to_json(${correlations(numeric)})::varchar as correlations`].join(', ')} from ${TYPED}`;
}

export function isNumeric(kind: ColumnKind): boolean {
  return kind === 'number' || kind === 'integer';
}

function factsStruct(
  kind: ColumnKind,
  { index, isFew, hasMisfits }: { readonly index: number; readonly isFew: boolean; readonly hasMisfits: boolean },
): string {
  const value = `c${index}`;
  const fields: Record<string, string> = { nulls: `count(*) - count(${value})` };
  if (hasMisfits) fields.misfits = `count(*) filter (where x${index})`;
  // What seems to be few is counted exactly, for a tenth of the price. DuckDB's own estimate is off by 11 % on average.
  if (!isFew)
    fields.distinct = `${HASH_PARTS} * count(distinct ${value}) filter (where hash(${value}) % ${HASH_PARTS} = 0)`;
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
    deviation: `stddev_samp(${tame(value)})`,
    zeros: `count(*) filter (where ${value} = 0)`,
    negatives: `count(*) filter (where ${value} < 0)`,
  });
}

/** Squares and sums of numbers near the end of the double's range overflow, which DuckDB takes for an error; see `isHuge`. */
function tame(value: string): string {
  return `(case when abs(${value}) < ${numeral(TAME_MAX)} then ${value} end)`;
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
  readonly kind: ColumnKind;
  /** How exactly its different values are counted: by value, by number, or not again. */
  readonly values: 'listed' | 'counted' | undefined;
  /** Of columns of numbers that have any: how many, and whether some are too large to sum. */
  readonly numbers: { readonly cells: number; readonly isHuge: boolean } | undefined;
}

/** One row: `p<i>` frequent values and quantiles of each column as JSON. */
export function detailsSql(
  columns: readonly DetailedColumn[],
  { rowNumber = 'rowid' }: Pick<ProfileSource, 'rowNumber'>,
): string {
  const structs = columns.flatMap(({ index, kind, values, numbers }) => {
    const value = `c${index}`;
    const fields: Record<string, string> = {};
    if (values === 'listed') fields.few = listedSql(value, kind);
    if (values === 'counted') fields.counted = `(select count(distinct ${value}) from ${TYPED})`;
    if (numbers !== undefined) {
      const stride = Math.floor(numbers.cells / QUANTILE_ROWS);
      const some = stride > 1 ? ` and hash(${rowNumber}) % ${stride} = 0` : '';
      const sample = `select ${value}::double as v from ${TYPED} where ${value} is not null${some}`;
      fields.quantiles = `(select ${quantilesStruct('l')} from (select list_sort(list(v)) as l from (${sample})))`;
    }
    if (numbers?.isHuge === true) {
      const part = `${value} / ${numeral(HUGE_UNIT)}`;
      fields.huge = `(select {'mean': avg(${part}), 'deviation': stddev_samp(${part})} from ${TYPED})`;
    }
    return Object.keys(fields).length === 0 ? [] : [`to_json(${struct(fields)})::varchar as p${index}`];
  });
  return `select ${structs.length === 0 ? 'null as nothing' : structs.join(', ')}`;
}

function listedSql(value: string, kind: ColumnKind): string {
  const groups = `select ${value} as v, count(*) as n from ${TYPED} where ${value} is not null group by ${value}`;
  const places = `row_number() over (order by n desc, v) as place, count(*) over () as of, sum(n) over () as cells`;
  const isOften = isNumeric(kind) ? '' : ` or n * ${LISTED_PARTS} >= cells`;
  const isListed = `length(name) <= ${LISTED_CHARACTERS_MAX} and (place <= ${TOP_VALUES} or of <= ${isNumeric(kind) ? ALONE_MAX : LISTED_MAX}${isOften})`;
  const top = `list({'value': name, 'rows': n} order by place) filter (where ${isListed})`;
  return `(select {'distinct': coalesce(max(of), 0), 'top': ${top}} from (select v::varchar as name, n, ${places} from (${groups})))`;
}

/** Where quantiles lie in an ordered list: the values at or before, and those behind, to lie between. */
function quantilesStruct(list: string): string {
  const at = (more: string): string =>
    `[${list}[least(len(${list}), 1 + ${more} + (part * (len(${list}) - 1)) // ${GRID_PARTS})] for part in range(${GRID_PARTS + 1})]`;
  return `{'rows': len(${list}), 'grid': ${at('0')}, 'next': ${at('1')}}`;
}

export interface CountedNumbers {
  readonly index: number;
  /** In ascending order; the last is the largest number of all. */
  readonly uppers: readonly number[];
}

/** One row: `p<i>` how many numbers of each column lie up to each of its bounds, and above the one before. */
export function countsSql(columns: readonly CountedNumbers[]): string {
  const counts = columns.map(({ index, uppers }) => {
    const bounds = `[${uppers.map(numeral).join(', ')}]::double[]`;
    const counted = `select map_values(histogram(c${index}::double, ${bounds})) from ${TYPED}`;
    return `to_json((${counted}))::varchar as p${index}`;
  });
  return `select ${counts.join(', ')}`;
}

function struct(fields: Readonly<Record<string, string>>): string {
  return `{${Object.entries(fields)
    .map(([name, sql]) => `${literal(name)}: ${sql}`)
    .join(', ')}}`;
}
