import type { Duckdb } from '#store';
import { groupsOf } from '../column-groups.ts';
import { columnProfile, type Facts, type Listed, NOTHING_LISTED } from './column-profile.ts';
import {
  type AskedColumn,
  countedSql,
  countsSql,
  estimatedSql,
  factsSql,
  fewSql,
  hasMisfits,
  hugeSql,
  listedSql,
  quantileCells,
  quantilesSql,
  type TypedColumn,
} from './compile-profile.ts';
import { DISTINCT_EXACT_MAX, seemsUnique } from './limits.ts';
import { boundsOf, type Found, type FoundQuantiles, isHuge, numberSummary } from './number-summary.ts';
import type { ColumnProfile, NumberSummary } from './profile.ts';
import type { ProfileSource } from './profile-source.ts';
import { isNumeric } from './value-kinds.ts';

/** An estimate is hardly ever above this for a column that has few different values. */
const SEEMS_FEW_MAX = DISTINCT_EXACT_MAX * 1.15;
/** Columns per statement over the typed table, which is fast to read again. */
const COLUMNS_AT_ONCE = 50;
/** Cells that are sorted at once, which DuckDB holds outside of its memory limit. */
const SORTED_AT_ONCE = 1_000_000;

export interface ProfileColumnsOptions {
  readonly source: ProfileSource;
  /** Counts the distinct values of columns where all seem distinct, however many. */
  readonly provesUnique: boolean;
}

/** Summarises the columns of the typed table. */
export async function profileColumns(
  connection: Duckdb,
  columns: readonly TypedColumn[],
  { source, provesUnique }: ProfileColumnsOptions,
): Promise<readonly ColumnProfile[]> {
  const facts = await factsOf(connection, columns);
  const asked = columns.map(({ kind }, index): AskedColumn => ({ index, kind }));
  const cellsOf = ({ index }: AskedColumn): number => source.rows - (facts[index]?.nulls ?? 0);
  const distinctOf = ({ index }: AskedColumn): number => facts[index]?.distinct ?? 0;
  const seemFew = asked.filter((column) => distinctOf(column) <= SEEMS_FEW_MAX);
  const counts = await ask<Listed>(connection, { columns: seemFew, sqlOf: listedSql });
  const isListed = (column: AskedColumn): boolean =>
    seemFew.includes(column) && (counts.get(column.index)?.distinct ?? 0) <= DISTINCT_EXACT_MAX;
  const listed = new Map([...counts].filter(([, { distinct }]) => distinct <= DISTINCT_EXACT_MAX));
  const late = asked.filter((column) => !isListed(column) && facts[column.index]?.distinct === undefined);
  const estimates = await ask<number>(connection, { columns: late, sqlOf: estimatedSql });
  const estimateOf = (column: AskedColumn): number => facts[column.index]?.distinct ?? estimates.get(column.index) ?? 0;
  const unlisted = asked.filter(
    (column) => !isListed(column) && provesUnique && seemsUnique(estimateOf(column), cellsOf(column)),
  );
  const counted = await ask<number>(connection, { columns: unlisted, sqlOf: countedSql });
  const numbers = await numbersOf(connection, { asked, facts, listed, cellsOf, source });
  return asked.map((column) => {
    const { index } = column;
    const own = columns[index];
    if (own === undefined) throw new Error('A profile has no such column.');
    return columnProfile(own, {
      found: { nulls: 0, ...facts[index], distinct: estimateOf(column) },
      rows: source.rows,
      listed: listed.get(index) ?? (isListed(column) ? NOTHING_LISTED : undefined),
      counted: counted.get(index),
      numbers: numbers.get(index),
    });
  });
}

type Texts = Readonly<Record<string, string>>;

async function factsOf(connection: Duckdb, columns: readonly TypedColumn[]): Promise<readonly Facts[]> {
  const [first = {}] = await connection.all<Readonly<Record<string, number>>>(fewSql(columns));
  const facts: Facts[] = [];
  const asked = columns.map((column, index) => ({
    index,
    kind: column.kind,
    isFew: (first[`d${index}`] ?? 0) <= DISTINCT_EXACT_MAX,
    hasMisfits: hasMisfits(column),
  }));
  for (const some of groupsOf(asked, COLUMNS_AT_ONCE)) {
    if (some.length === 0) continue;
    const [answer = {}] = await connection.all<Texts>(factsSql(some));
    // The texts here and below are built by our own SQL, field by field.
    facts.push(...some.map(({ index }) => JSON.parse(answer[`p${index}`] ?? '{}') as Facts));
  }
  return facts;
}

/** A query over columns; each row has `place` and `answer`, which is JSON. */
interface Question<C extends AskedColumn> {
  readonly columns: readonly C[];
  readonly sqlOf: (some: readonly C[]) => string;
  readonly atOnce?: number;
}

/** The results of columns, by index, some columns at a time. */
async function ask<A, C extends AskedColumn = AskedColumn>(
  connection: Duckdb,
  { columns, sqlOf, atOnce = COLUMNS_AT_ONCE }: Question<C>,
): Promise<ReadonlyMap<number, A>> {
  const found = new Map<number, A>();
  if (columns.length === 0) return found;
  for (const some of groupsOf(columns, atOnce)) {
    const answers = await connection.all<{ readonly place: number; readonly answer: string }>(sqlOf(some));
    for (const { place, answer } of answers) found.set(place, JSON.parse(answer) as A);
  }
  return found;
}

interface NumbersOptions {
  readonly asked: readonly AskedColumn[];
  readonly facts: readonly Facts[];
  readonly listed: ReadonlyMap<number, Listed>;
  readonly cellsOf: (column: AskedColumn) => number;
  readonly source: ProfileSource;
}

/** Summaries of the columns of numbers that have any, by their index. */
async function numbersOf(
  connection: Duckdb,
  { asked, facts, listed, cellsOf, source }: NumbersOptions,
): Promise<ReadonlyMap<number, NumberSummary>> {
  const numeric = asked.flatMap((column) => {
    const { numbers } = facts[column.index] ?? {};
    return isNumeric(column.kind) && numbers ? [{ ...column, numbers, cells: cellsOf(column) }] : [];
  });
  const mostCells = Math.max(1, ...numeric.map(({ cells }) => quantileCells(cells)));
  const sortedAtOnce = Math.min(COLUMNS_AT_ONCE, Math.max(1, Math.floor(SORTED_AT_ONCE / mostCells)));
  const quantiles = await ask<FoundQuantiles, (typeof numeric)[number]>(connection, {
    columns: numeric,
    sqlOf: (some) => quantilesSql(some, source),
    atOnce: sortedAtOnce,
  });
  const huge = await ask<NonNullable<Found['huge']>>(connection, {
    columns: numeric.filter(({ numbers }) => isHuge(numbers)),
    sqlOf: hugeSql,
  });
  const bounded = numeric.flatMap(({ index, kind, numbers }) => {
    const own = { quantiles: quantiles.get(index), huge: huge.get(index) };
    if (own.quantiles === undefined) return [];
    const about: Found = {
      numbers,
      quantiles: own.quantiles,
      ...(own.huge === undefined ? {} : { huge: own.huge }),
      values: maybeValues(listed.get(index)),
    };
    const bounds = boundsOf(about);
    return [{ index, kind, about, bounds, uppers: bounds.uppers }];
  });
  const counts = await ask<readonly number[], (typeof bounded)[number]>(connection, {
    columns: bounded,
    sqlOf: countsSql,
  });
  return new Map(
    bounded.map(({ index, about, bounds }) => [index, numberSummary(about, bounds, counts.get(index) ?? [])]),
  );
}

/** All different numbers, when all are listed. */
function maybeValues(listed: Listed | undefined): readonly number[] | undefined {
  if (!listed?.top || listed.top.length < listed.distinct) return undefined;
  return listed.top.map(({ value }) => Number(value));
}
