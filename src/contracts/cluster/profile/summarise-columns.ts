import type { SqlEngine, SqlWork } from '#store';
import { groupsOf } from '../../column-groups.ts';
import type { ColumnKind } from '../../contract.ts';
import { ALONE_MAX, GRID_PARTS } from '../../distribution/number-bins.ts';
import {
  columnProfile,
  type Facts,
  type Listed,
  NOTHING_LISTED,
  type ProfiledColumn,
} from '../../profile/column-profile.ts';
import type { AskedColumn } from '../../profile/compile-profile.ts';
import { DISTINCT_EXACT_MAX, LISTED_CHARACTERS_MAX, LISTED_MAX } from '../../profile/limits.ts';
import { boundsOf, type Found, type FoundQuantiles, isHuge, numberSummary } from '../../profile/number-summary.ts';
import { isoOf, nameOf, nameOfDay } from '../../profile/pass/value-names.ts';
import type { ColumnProfile, NumberSummary } from '../../profile/profile.ts';
import { isNumeric, isText } from '../../profile/value-kinds.ts';
import { grouped } from './grouped.ts';
import { countsQuery, differentQuery, factsQuery, listedQuery, quantilesQuery } from './profile-sql.ts';

export interface SummariseOptions {
  readonly columns: readonly ProfiledColumn[];
  readonly rows: number;
  readonly work: SqlWork;
  readonly onProgress: (share: number) => void;
}

/** An estimate is hardly ever above this for a column that has few different values. */
const SEEMS_FEW_MAX = DISTINCT_EXACT_MAX * 1.15;
/** Columns in one statement. */
const COLUMNS_AT_ONCE = 50;
/** Columns whose bounds, over a hundred for each, stand in one statement. */
const BOUNDED_AT_ONCE = 10;

/** Summarises the columns of the view of values, each by some five statements for all of them. */
export async function summariseColumns(
  engine: SqlEngine,
  { columns, rows, work, onProgress }: SummariseOptions,
): Promise<readonly ColumnProfile[]> {
  if (rows === 0)
    return columns.map((column) =>
      columnProfile(column, {
        found: { nulls: 0 },
        rows,
        listed: NOTHING_LISTED,
        counted: undefined,
        numbers: undefined,
      }),
    );
  const asked = columns.map(({ kind }, index): AskedColumn => ({ index, kind }));
  const asking: Asking = { engine, work };
  const facts = await factsOf(asking, asked);
  onProgress(0.2);
  const different = await differentOf(asking, asked);
  onProgress(0.4);
  const seemFew = asked.filter(({ index }) => (different.get(index) ?? 0) <= SEEMS_FEW_MAX);
  const listed = await listedOf(asking, seemFew);
  onProgress(0.6);
  const numbers = await numbersOf(asking, { asked, facts, listed, rows });
  onProgress(1);
  return columns.map((column, index) => {
    const own = listed.get(index);
    const isFew = seemFew.some((each) => each.index === index);
    return columnProfile(column, {
      found: { nulls: 0, ...facts[index], distinct: different.get(index) ?? 0 },
      rows,
      listed: own === undefined && isFew ? NOTHING_LISTED : own,
      counted: undefined,
      numbers: numbers.get(index),
    });
  });
}

interface Asking {
  readonly engine: SqlEngine;
  readonly work: SqlWork;
}

/** The answers about columns, with the column of each, some columns at a time. */
async function ask<A extends { readonly place: number }, C extends AskedColumn>(
  { engine, work }: Asking,
  { columns, queryOf, atOnce = COLUMNS_AT_ONCE }: Question<C>,
): Promise<readonly (A & { readonly column: C })[]> {
  const found: (A & { readonly column: C })[] = [];
  if (columns.length === 0) return found;
  for (const some of groupsOf(columns, atOnce))
    for (const answer of await engine.all<A>(queryOf(some), work)) {
      const column = some[answer.place];
      if (column !== undefined) found.push({ ...answer, column });
    }
  return found;
}

interface Question<C extends AskedColumn> {
  readonly columns: readonly C[];
  readonly queryOf: (some: readonly C[]) => string;
  readonly atOnce?: number;
}

interface EngineFacts extends Facts {
  readonly huge?: NonNullable<Found['huge']>;
}

type Answer = Readonly<Record<string, number | string | null>>;

async function factsOf({ engine, work }: Asking, asked: readonly AskedColumn[]): Promise<readonly EngineFacts[]> {
  const facts: EngineFacts[] = [];
  for (const some of groupsOf(asked, COLUMNS_AT_ONCE)) {
    const [answer = {}] = await engine.all<Answer>(factsQuery(some), work);
    facts.push(...some.map((column) => toFacts(column, answer)));
  }
  return facts;
}

function toFacts({ index, kind }: AskedColumn, answer: Answer): EngineFacts {
  const numberOf = (field: string): number => Number(answer[`${field}${index}`] ?? 0);
  const maybeNumber = (field: string): number | null => (answer[`${field}${index}`] == null ? null : numberOf(field));
  const nulls = numberOf('nulls');
  const [min, max] = [answer[`min${index}`], answer[`max${index}`]];
  if (min == null || max == null) return { nulls };
  if (isText(kind)) return { nulls, lengths: { min: Number(min), max: Number(max) } };
  if (!isNumeric(kind)) {
    const iso = (end: number | string): string => (kind === 'date' ? nameOfDay(Number(end)) : isoOf(BigInt(end)));
    return { nulls, moments: { min: iso(min), max: iso(max) } };
  }
  const numbers = {
    ...{ min: Number(min), max: Number(max), zeros: numberOf('zeros'), negatives: numberOf('negatives') },
    ...{ mean: maybeNumber('mean'), deviation: maybeNumber('deviation') },
  };
  return { nulls, numbers, huge: { mean: numberOf('hugemean'), deviation: maybeNumber('hugedeviation') } };
}

async function differentOf(asking: Asking, asked: readonly AskedColumn[]): Promise<ReadonlyMap<number, number>> {
  const answers = await ask<{ readonly place: number; readonly n: number }, AskedColumn>(asking, {
    columns: asked,
    queryOf: differentQuery,
  });
  return new Map(answers.map(({ column, n }) => [column.index, Number(n)]));
}

interface ListedValue {
  readonly place: number;
  readonly cell: string;
  readonly n: number;
  readonly different: number;
  readonly rank: number;
}

const mostOf = (kind: ColumnKind): number => (isNumeric(kind) ? ALONE_MAX : LISTED_MAX);

/** The values that a profile lists, of the columns that have few; by their index. */
async function listedOf(asking: Asking, seemFew: readonly AskedColumn[]): Promise<ReadonlyMap<number, Listed>> {
  const values = await ask<ListedValue, AskedColumn>(asking, {
    columns: seemFew,
    queryOf: (some) => listedQuery(some, { most: mostOf }),
  });
  const byColumn = grouped(values, ({ column }) => column);
  return new Map(
    [...byColumn].map(([{ index, kind }, own]) => {
      const top = own
        .toSorted((a, b) => a.rank - b.rank)
        .map(({ cell, n }) => ({ value: toName(kind, cell), rows: n }))
        .filter(({ value }) => [...value].length <= LISTED_CHARACTERS_MAX);
      return [index, { distinct: own[0]?.different ?? 0, top: top.length === 0 ? null : top }];
    }),
  );
}

const double = new Float64Array(1);
const word = new BigInt64Array(double.buffer);

/** A value as profiles call it, by the text that stands for it in SQL. */
function toName(kind: ColumnKind, cell: string): string {
  if (kind === 'date' || kind === 'timestamp') return nameOf(kind, BigInt(cell));
  if (!isNumeric(kind)) return cell;
  double[0] = Number(cell);
  return nameOf(kind, word[0] ?? 0n);
}

interface NumbersOptions {
  readonly asked: readonly AskedColumn[];
  readonly facts: readonly EngineFacts[];
  readonly listed: ReadonlyMap<number, Listed>;
  readonly rows: number;
}

/** Summaries of the columns of numbers that have any, by their index. */
async function numbersOf(
  asking: Asking,
  { asked, facts, listed, rows }: NumbersOptions,
): Promise<ReadonlyMap<number, NumberSummary>> {
  const numeric = asked.flatMap((column) => {
    const { nulls, numbers, huge } = facts[column.index] ?? {};
    return numbers ? [{ ...column, numbers, huge, cells: rows - (nulls ?? 0) }] : [];
  });
  const quantiles = await quantilesOf(asking, numeric);
  const bounded = numeric.flatMap(({ index, kind, numbers, huge }) => {
    const own = quantiles.get(index);
    if (own === undefined) return [];
    const values = maybeValues(listed.get(index));
    const about: Found = { numbers, quantiles: own, values, ...(huge && isHuge(numbers) ? { huge } : {}) };
    const bounds = boundsOf(about);
    return [{ index, kind, about, bounds, uppers: bounds.uppers }];
  });
  const counts = await ask<
    { readonly place: number; readonly part: number; readonly n: number },
    (typeof bounded)[number]
  >(asking, { columns: bounded, queryOf: countsQuery, atOnce: BOUNDED_AT_ONCE });
  const counted = grouped(counts, ({ column }) => column.index);
  return new Map(
    bounded.map(({ index, about, bounds, uppers }) => {
      const own = uppers.map(() => 0);
      for (const { part, n } of counted.get(index) ?? []) own[part] = n;
      return [index, numberSummary(about, bounds, own)];
    }),
  );
}

async function quantilesOf<C extends AskedColumn & { readonly cells: number }>(
  asking: Asking,
  numeric: readonly C[],
): Promise<ReadonlyMap<number, FoundQuantiles>> {
  type Ranked = { readonly place: number; readonly v: number; readonly rank: number; readonly cells: number };
  const answers = await ask<Ranked, C>(asking, { columns: numeric, queryOf: quantilesQuery });
  const byColumn = grouped(answers, ({ column }) => column.index);
  return new Map(
    [...byColumn].map(([index, own]) => {
      const cells = own[0]?.cells ?? 0;
      const at = new Map(own.map(({ rank, v }) => [rank, v]));
      const parts = Array.from({ length: GRID_PARTS + 1 }, (_, part) => Math.floor((part * (cells - 1)) / GRID_PARTS));
      return [
        index,
        {
          rows: cells,
          grid: parts.map((rank) => at.get(rank) ?? 0),
          next: parts.map((rank) => at.get(Math.min(cells - 1, rank + 1)) ?? 0),
        },
      ];
    }),
  );
}

/** All different numbers, when all are listed. */
function maybeValues(listed: Listed | undefined): readonly number[] | undefined {
  if (!listed?.top || listed.top.length < listed.distinct) return undefined;
  return listed.top.map(({ value }) => Number(value));
}
