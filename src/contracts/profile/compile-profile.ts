import type { ColumnKind } from '../contract.ts';
import { ALONE_MAX, GRID_PARTS } from '../distribution/number-bins.ts';
import { SAMPLE_PARTS } from '../kinds/sampled.ts';
import { writtenSql } from '../kinds/typed-sql.ts';
import { literal, numeral } from '../sql.ts';
import {
  DISTINCT_EXACT_MAX,
  GUESSED_ROWS,
  LISTED_CHARACTERS_MAX,
  LISTED_MAX,
  LISTED_PARTS,
  strideOf,
  TOP_VALUES,
} from './limits.ts';
import { HUGE_UNIT, TAME_MAX } from './number-summary.ts';
import { type ProfileSource, type SourceColumn, valueSql } from './profile-source.ts';
import { isNumeric } from './value-kinds.ts';

/*
 * A profile has three queries. Kinds: guessed from the first rows, and proved by the typed columns of all rows (a table
 * for texts; a view for Parquet). Sums and bounds: all columns in one pass. Quantiles and frequent values: each column
 * is its own group, which DuckDB counts ten times faster than an aggregate with a map. With the quantiles known, the
 * rows between them are counted.
 *
 * A statement that repeats a long expression for each column takes longer to plan than to run. So columns are stacked
 * as rows of (column, value) first: a fifteenth of the time for fifty columns.
 */

export const TYPED = 'weir_typed';
/** How many rows are looked at to guess which columns have few values. */
const FEW_ROWS = 5 * DISTINCT_EXACT_MAX;
const CORRELATED_COLUMNS_MAX = 30;

/** The narrowest kinds first: the first that fits every filled cell is taken. */
export const GUESSED: readonly ColumnKind[] = [
  ...(['boolean', 'integer', 'number', 'date', 'timestamp', 'time', 'duration'] as const),
];

export interface GuessOptions {
  readonly source: ProfileSource;
  readonly positions: readonly number[];
  /** All rows instead of the first ones. */
  readonly isWhole: boolean;
}

/** A row for each column with values: its index among the positions, filled cells, and how many fit each kind. */
export function guessSql({ source, positions, isWhole }: GuessOptions): string {
  const texts = positions.flatMap((position) => source.columns[position]?.text ?? []);
  const rows = isWhole ? source.from : `(select * from ${source.from} limit ${GUESSED_ROWS})`;
  const cells = `select unnest(range(${texts.length})) as place, unnest([${texts.join(', ')}]) as cell from ${rows}`;
  const fits = GUESSED.map((kind) => `count(${writtenSql(kind, 'cell')}) as "${kind}"`);
  return `select place, count(cell) as filled, ${fits.join(', ')} from (${cells}) group by place`;
}

export type Guess = Readonly<Record<string, number | null>>;

/** The kind of a column, from its row of `guessSql`; undefined when no cell was filled. */
export function maybeKind({ filled, integer, ...fits }: Guess): ColumnKind | undefined {
  if (!filled) return undefined;
  const fitting: Guess = { ...fits, integer: integer ?? 0 };
  const kind = GUESSED.find((candidate) => fitting[candidate] === filled) ?? 'text';
  // Only ones and zeros are more often counts than booleans.
  if (kind !== 'boolean') return kind;
  return integer === filled ? 'integer' : 'boolean';
}

export interface TypedColumn extends SourceColumn {
  readonly kind: ColumnKind;
  /** Cells that are not of the kind are counted, so that a guess can be proved. */
  readonly isGuessed: boolean;
}

const isProved = ({ kind, isGuessed }: TypedColumn): boolean => isGuessed && kind !== 'text';

/** For a column that has the file's own type and needs no proof. */
const maybeMisfit = ({ kind, native }: TypedColumn): string | undefined =>
  native?.kind === kind ? native.misfit : undefined;

/** The typed columns `c<i>`, with `x<i>` true where the kind does not fit a cell: a table, or a view of what needs no copy. */
export function typedRowsSql(columns: readonly TypedColumn[], { from, rowNumber }: ProfileSource): string {
  const read: string[] = [];
  const typed: string[] = [];
  for (const [index, column] of columns.entries()) {
    // By the value's alias: its SQL is long, and repeated it would be planned twice.
    const misfit = isProved(column) ? `${column.text} is not null` : maybeMisfit(column);
    read.push(
      `${valueSql(column, column.kind)} as c${index}`,
      ...(misfit === undefined ? [] : [`${misfit} as m${index}`]),
    );
    typed.push(
      `c${index}`,
      ...(misfit === undefined ? [] : [`m${index}${isProved(column) ? ` and c${index} is null` : ''} as x${index}`]),
    );
  }
  const number = rowNumber === undefined ? [] : [rowNumber];
  const rows = `select ${[...read, ...number].join(', ')} from ${from}`;
  return `create or replace temp ${rowNumber === undefined ? 'table' : 'view'} ${TYPED} as select ${[...typed, ...number].join(', ')} from (${rows})`;
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

/** A typed column, by its index in the table. */
export interface AskedColumn {
  readonly index: number;
  readonly kind: ColumnKind;
}

export interface FactColumn extends AskedColumn {
  /** Its different values are few, to be counted exactly later. */
  readonly isFew: boolean;
  /** Misfits are counted: those of a guess would have disproved it. */
  readonly hasMisfits: boolean;
}

/** One row: `p<i>` nulls, sums and bounds of each column as JSON. */
export function factsSql(columns: readonly FactColumn[]): string {
  const facts = columns.map((column) => `to_json(${factsStruct(column)})::varchar as p${column.index}`);
  return `select ${facts.join(', ')} from ${TYPED}`;
}

export function hasMisfits(column: TypedColumn): boolean {
  return !isProved(column) && maybeMisfit(column) !== undefined;
}

function factsStruct({ kind, index, isFew, hasMisfits }: FactColumn): string {
  const value = `c${index}`;
  const fields: Record<string, string> = { nulls: `count(*) - count(${value})` };
  if (hasMisfits) fields.misfits = `count(case when x${index} then 1 end)`;
  // Few values are counted exactly, for a tenth of the cost. DuckDB's own estimate is off by 11 % on average.
  if (!isFew) fields.distinct = estimateOf(value);
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

/** How many different values there are, by those of a sample that depends on nothing but the value. */
function estimateOf(value: string): string {
  return `${SAMPLE_PARTS} * count(distinct ${value}) filter (where hash(${value}) % ${SAMPLE_PARTS} = 0)`;
}

/** About how many different values there are, of columns that turned out to have many. */
export function estimatedSql(columns: readonly AskedColumn[]): string {
  return answersSql('n', stacked(columns, { fields: (value) => `${estimateOf(value)} as n`, rest: () => '' }));
}

function numbersStruct(value: string): string {
  return struct({
    min: `min(${value})`,
    max: `max(${value})`,
    mean: `avg(${tame(value)})`,
    deviation: `stddev_samp(${tame(value)})`,
    zeros: `count(case when ${value} = 0 then 1 end)`,
    negatives: `count(case when ${value} < 0 then 1 end)`,
  });
}

/** Squares and sums of numbers near the end of the double's range overflow, which DuckDB takes for an error; see `isHuge`. */
function tame(value: string): string {
  return `(case when abs(${value}) < ${numeral(TAME_MAX)} then ${value} end)`;
}

/** The first columns of numbers: nobody reads the pairs of more. */
export function correlatedColumns<C extends { readonly kind: ColumnKind }>(columns: readonly C[]): readonly C[] {
  return columns.filter(({ kind }) => isNumeric(kind)).slice(0, CORRELATED_COLUMNS_MAX);
}

/** Pairs of those columns, by their indexes among all. */
export function correlatedPairs(
  columns: readonly { readonly kind: ColumnKind }[],
): readonly (readonly [number, number])[] {
  const correlated = correlatedColumns(columns.map(({ kind }, index) => ({ kind, index })));
  return correlated.flatMap((a, at) => correlated.slice(at + 1).map((b) => [a.index, b.index] as const));
}

/** One row: `correlations`, a list as JSON with one for each of the pairs; null where there is none. */
export function correlationsSql(pairs: readonly (readonly [number, number])[]): string {
  const named = [...new Set(pairs.flat())].map((index) => `${tame(`c${index}`)} as t${index}`);
  const values = pairs.map(([a, b]) => `nullif(corr(t${a}, t${b}), 'nan'::double)`);
  return `select to_json([${values.join(', ')}])::varchar as correlations from (select ${named.join(', ')} from ${TYPED})`;
}

/** A query over some columns: one row for each with a result, `place` its index and `answer` JSON. */
const answersSql = (answer: string, from: string): string =>
  `select place, to_json(${answer})::varchar as answer from (${from})`;

/** Stacks the rows of each column, with its index as `place`. */
function stacked<C extends { readonly index: number }>(
  columns: readonly C[],
  {
    fields,
    rest,
  }: { readonly fields: (value: string, column: C) => string; readonly rest: (value: string, column: C) => string },
): string {
  return columns
    .map((column) => {
      const value = `c${column.index}`;
      return `select ${column.index} as place, ${fields(value, column)} from ${TYPED} ${rest(value, column)}`;
    })
    .join(' union all ');
}

/** How many different values there are, exactly, and those that are to be listed. */
export function listedSql(columns: readonly AskedColumn[]): string {
  const groups = stacked(columns, {
    // Numbers and moments in their own order, where their texts have another.
    fields: (value, { kind }) =>
      `${orderSql(value, kind)} as sort, ${nameSql(value, kind)} as name, ${isNumeric(kind)} as is_number, count(*) as n`,
    rest: (value) => `where ${value} is not null group by ${value}`,
  });
  const ranks = `row_number() over (partition by place order by n desc, sort, name) as rank, count(*) over (partition by place) as of, sum(n) over (partition by place) as cells`;
  const most = `case when is_number then ${ALONE_MAX} else ${LISTED_MAX} end`;
  const isOften = `not is_number and n * ${LISTED_PARTS} >= cells`;
  const isListed = `length(name) <= ${LISTED_CHARACTERS_MAX} and (rank <= ${TOP_VALUES} or of <= ${most} or ${isOften})`;
  const top = `list({'value': name, 'rows': n} order by rank) filter (where ${isListed})`;
  return answersSql(
    `{'distinct': of, 'top': top}`,
    `select place, max(of) as of, ${top} as top from (select *, ${ranks} from (${groups})) group by place`,
  );
}

/** Zero has no sign. */
function nameSql(value: string, kind: ColumnKind): string {
  return kind === 'number' ? `(${value} + 0::double)::varchar` : `${value}::varchar`;
}

function orderSql(value: string, kind: ColumnKind): string {
  if (isNumeric(kind)) return `${value}::double`;
  return kind === 'date' || kind === 'timestamp' ? `epoch(${value})` : 'null::double';
}

/** How many different values there are, exactly, of columns that have too many to list. */
export function countedSql(columns: readonly AskedColumn[]): string {
  return answersSql('n', stacked(columns, { fields: (value) => `count(distinct ${value}) as n`, rest: () => '' }));
}

/** Means and deviations in units of HUGE_UNIT, of columns whose numbers are too large to sum. */
export function hugeSql(columns: readonly AskedColumn[]): string {
  const part = (value: string): string => `${value} / ${numeral(HUGE_UNIT)}`;
  return answersSql(
    `{'mean': mean, 'deviation': deviation}`,
    stacked(columns, {
      fields: (value) => `avg(${part(value)}) as mean, stddev_samp(${part(value)}) as deviation`,
      rest: () => '',
    }),
  );
}

/** About how many of a column's cells its quantiles are computed from. */
export function quantileCells(cells: number): number {
  return Math.ceil(cells / strideOf(cells));
}

export function quantilesSql(
  columns: readonly (AskedColumn & { readonly cells: number })[],
  { rowNumber = 'rowid' }: Pick<ProfileSource, 'rowNumber'>,
): string {
  const sample = stacked(columns, {
    fields: (value) => `${value}::double as v`,
    rest: (value, { cells }) => {
      const stride = strideOf(cells);
      return `where ${value} is not null${stride > 1 ? ` and hash(${rowNumber}) % ${stride} = 0` : ''}`;
    },
  });
  return answersSql(quantilesStruct('l'), `select place, list_sort(list(v)) as l from (${sample}) group by place`);
}

/** Where quantiles lie in an ordered list: the values at or before, and those behind, to lie between. */
function quantilesStruct(list: string): string {
  const at = (more: string): string =>
    `[${list}[least(len(${list}), 1 + ${more} + (part * (len(${list}) - 1)) // ${GRID_PARTS})] for part in range(${GRID_PARTS + 1})]`;
  return `{'rows': len(${list}), 'grid': ${at('0')}, 'next': ${at('1')}}`;
}

export interface CountedNumbers extends AskedColumn {
  /** In ascending order; the last is the largest number of all. */
  readonly uppers: readonly number[];
}

/** How many numbers of each column lie up to each of its bounds, and above the one before. */
export function countsSql(columns: readonly CountedNumbers[]): string {
  return answersSql(
    'counts',
    stacked(columns, {
      fields: (value, { uppers }) =>
        `map_values(histogram(${value}::double, [${uppers.map(numeral).join(', ')}]::double[])) as counts`,
      rest: () => '',
    }),
  );
}

function struct(fields: Readonly<Record<string, string>>): string {
  return `{${Object.entries(fields)
    .map(([name, sql]) => `${literal(name)}: ${sql}`)
    .join(', ')}}`;
}
