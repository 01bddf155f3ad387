import type { ColumnKind } from '../../contract.ts';
import { GRID_PARTS } from '../../distribution/number-bins.ts';
import { isDecimal } from '../../kinds/decimal.ts';
import { SAMPLE_PARTS } from '../../kinds/sampled.ts';
import { type AskedColumn, type CountedNumbers, GUESSED } from '../../profile/compile-profile.ts';
import { LISTED_PARTS, strideOf, TOP_VALUES } from '../../profile/limits.ts';
import { HUGE_UNIT, TAME_MAX } from '../../profile/number-summary.ts';
import { isNumeric, isText } from '../../profile/value-kinds.ts';
import { FILE, ROW } from '../../spark/spark-dialect.ts';
import { sparkNumeral } from '../../spark/spark-text.ts';
import { typedSparkSql, writtenSparkSql } from '../../spark/typed-spark-sql.ts';
import { rawName, SOURCE } from '../set-columns.ts';

/*
 * The queries of a profile in the SQL of Spark: kinds, values, facts, correlations, how many values differ, those that are
 * listed, quantiles, and rows between them. Columns are stacked as rows of (place, cell), so that one statement reads the
 * data once for all of them. Different values are never counted in the statement of the quantiles: Spark would make a
 * sketch of each of them.
 */

/** The values of all rows, written once, as few types that all servers have: see `valuesQuery`. */
export const VALUES = 'weir_values';

const MICROSECONDS_PER_HOUR = 3.6e9;
const value = ({ index }: { readonly index: number }): string => `c${index}`;

/** A row for each of some columns: its place, filled cells, and how many are written as each kind. */
export function kindsQuery(positions: readonly number[]): string {
  const cells = `select posexplode(array(${positions.map(rawName).join(', ')})) as (place, cell) from ${SOURCE}`;
  const fits = GUESSED.map((kind) => `count(${writtenSparkSql(kind, 'cell')}) as \`${kind}\``);
  return `select place, count(cell) as filled, ${fits.join(', ')} from (${cells}) group by place`;
}

/** The values of all columns: numbers, times and durations (in hours) as doubles, days and microseconds since 1970, and texts. */
export function valuesQuery(kinds: readonly ColumnKind[]): string {
  const values = kinds.map((kind, index) => `${valueSql(kind, rawName(index))} as c${index}`);
  return `select ${[FILE, ROW, ...values].join(', ')} from ${SOURCE}`;
}

function valueSql(kind: ColumnKind, raw: string): string {
  const typed = typedSparkSql(kind, raw);
  // By its text, whose nearest double each engine finds; and zero has no sign.
  if (isDecimal(kind)) return `case when (${typed}) is not null then try_cast(${raw} as double) + 0D end`;
  if (kind === 'time' || kind === 'duration') return `cast((${typed}) as double) / ${MICROSECONDS_PER_HOUR}D`;
  if (isNumeric(kind)) return `cast((${typed}) as double) + 0D`;
  if (kind === 'date') return `unix_date(${typed})`;
  if (kind === 'timestamp') return `unix_micros(${typed})`;
  return `cast((${typed}) as string)`;
}

/** One row: for each column its nulls, and sums and bounds. */
export function factsQuery(columns: readonly AskedColumn[]): string {
  return `select ${columns.flatMap(factsOf).join(', ')} from ${VALUES}`;
}

function factsOf(column: AskedColumn): readonly string[] {
  const { kind, index } = column;
  const own = value(column);
  const facts = [`count(*) - count(${own}) as nulls${index}`];
  if (isNumeric(kind)) {
    const part = `${own} / ${sparkNumeral(HUGE_UNIT)}`;
    facts.push(
      ...[`min(${own}) as min${index}`, `max(${own}) as max${index}`],
      ...[`avg(${tame(own)}) as mean${index}`, `stddev_samp(${tame(own)}) as deviation${index}`],
      ...[`avg(${part}) as hugemean${index}`, `stddev_samp(${part}) as hugedeviation${index}`],
      ...[`count(*) filter (where ${own} = 0) as zeros${index}`],
      ...[`count(*) filter (where ${own} < 0) as negatives${index}`],
    );
  }
  // As texts: microseconds exceed what a double holds exactly.
  if (kind === 'date' || kind === 'timestamp')
    facts.push(...['min', 'max'].map((end) => `cast(${end}(${own}) as string) as ${end}${index}`));
  if (isText(kind)) facts.push(...['min', 'max'].map((end) => `${end}(char_length(${own})) as ${end}${index}`));
  return facts;
}

/** Squares and sums of larger numbers overflow. */
const tame = (own: string): string => `case when abs(${own}) < ${sparkNumeral(TAME_MAX)} then ${own} end`;

/** One row: `r<i>` for each of the pairs of columns. */
export function correlationsQuery(pairs: readonly (readonly [number, number])[]): string {
  const named = [...new Set(pairs.flat())].map((index) => `${tame(`c${index}`)} as t${index}`);
  const values = pairs.map(([a, b], at) => `corr(t${a}, t${b}) as r${at}`);
  return `select ${values.join(', ')} from (select ${named.join(', ')} from ${VALUES})`;
}

/** A row for each column with values: about how many differ, by a sample that depends on nothing but the value. */
export function differentQuery(columns: readonly AskedColumn[]): string {
  const sampled = `select distinct place, cell from ${stackedTexts(columns)} where cell is not null and pmod(xxhash64(cell), ${SAMPLE_PARTS}) = 0`;
  return `select place, ${SAMPLE_PARTS} * count(*) as n from (${sampled}) group by place`;
}

/**
 * A row for each value that is to be listed: its column, text and rows, and how many values the column has. Numbers and
 * moments are in their own order, texts in that of their bytes.
 */
export function listedQuery(
  columns: readonly AskedColumn[],
  { most }: { readonly most: (kind: ColumnKind) => number },
): string {
  const inOrder = columns.flatMap(({ kind }, place) => (isText(kind) || isNested(kind) ? [] : [place]));
  const sort =
    inOrder.length === 0
      ? 'cast(null as double)'
      : `case when place in (${inOrder.join(', ')}) then try_cast(cell as double) end`;
  const groups = `select place, cell, ${sort} as sort, count(*) as n from ${stackedTexts(columns)} where cell is not null group by place, cell`;
  const over = 'over (partition by place';
  const ranks = `row_number() ${over} order by n desc, sort, cell) as rank, count(*) ${over}) as different, sum(n) ${over}) as cells`;
  const bounds = columns.map(({ kind }, place) => {
    const isOften = isNumeric(kind) ? '' : ` or n * ${LISTED_PARTS} >= cells`;
    return `when ${place} then rank <= ${TOP_VALUES} or different <= ${most(kind)}${isOften}`;
  });
  return `select place, cell, n, different, rank from (select *, ${ranks} from (${groups})) where case place ${bounds.join(' ')} end`;
}

const isNested = (kind: ColumnKind): boolean => kind === 'list' || kind === 'struct' || kind === 'boolean';

function stackedTexts(columns: readonly AskedColumn[]): string {
  const cells = columns.map((column) => `cast(${value(column)} as string)`);
  return `(select posexplode(array(${cells.join(', ')})) as (place, cell) from ${VALUES})`;
}

/** A row for each number at one of the equal distances of an ordered sample, and behind it: `rank` of `cells`, from 0. */
export function quantilesQuery(columns: readonly (AskedColumn & { readonly cells: number })[]): string {
  const strides = columns.flatMap(({ cells }, place) => {
    const stride = strideOf(cells);
    return stride === 1 ? [] : [`when ${place} then pmod(xxhash64(${FILE}, ${ROW}), ${stride}) = 0`];
  });
  const isSampled = strides.length === 0 ? '' : ` and case place ${strides.join(' ')} else true end`;
  const stacked = `select ${FILE}, ${ROW}, posexplode(array(${columns.map(value).join(', ')})) as (place, v) from ${VALUES}`;
  const sample = `select place, v from (${stacked}) where v is not null${isSampled}`;
  const ranked = `select place, v, row_number() over (partition by place order by v) - 1 as rank, count(*) over (partition by place) as cells from (${sample})`;
  const last = 'greatest(cells - 1, 1)';
  const isAt = (rank: string): string =>
    `floor(ceil(${rank} * ${GRID_PARTS} / ${last}) * ${last} / ${GRID_PARTS}) = ${rank}`;
  return `select place, v, rank, cells from (${ranked}) where rank = 0 or ${isAt('rank')} or ${isAt('(rank - 1)')}`;
}

/** A row for each column and part with rows: how many numbers lie up to its bound, and above the one before. */
export function countsQuery(columns: readonly CountedNumbers[]): string {
  const parts = columns.map(({ uppers }, place) => `when ${place} then ${partSql(uppers, 0)}`);
  const stacked = `select posexplode(array(${columns.map(value).join(', ')})) as (place, v) from ${VALUES}`;
  const placed = `select place, case place ${parts.join(' ')} end as part from (${stacked}) where v is not null`;
  return `select place, part, count(*) as n from (${placed}) group by place, part`;
}

/** The number of the part that `v` is in, found by halves. */
function partSql(uppers: readonly number[], first: number): string {
  if (uppers.length <= 1) return String(first);
  const half = uppers.length >> 1;
  const upper = `cast(${sparkNumeral(uppers[half - 1] ?? 0)} as double)`;
  return `case when v <= ${upper} then ${partSql(uppers.slice(0, half), first)} else ${partSql(uppers.slice(half), first + half)} end`;
}
