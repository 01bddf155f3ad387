import { type Condition, toWhere } from './condition.ts';
import type { Queryable, Row } from './database.ts';
import {
  type KeysetPosition,
  type ListSort,
  momentSql,
  orderOf,
  type PagedList,
  toCursor,
  toPosition,
} from './keyset.ts';

/** Which page of a list. */
export interface PageRequest<O extends string> {
  readonly sort?: ListSort<O> | undefined;
  /** Words, each of which the text of a row contains, whatever its case. */
  readonly search?: string | undefined;
  /** `nextCursor` of the page before. */
  readonly cursor?: string | undefined;
  readonly limit: number;
  /** Columns that have a value; one without a value here may have any. */
  readonly equal?: Readonly<Record<string, unknown>>;
  /** Conditions that all hold; their placeholders stand for `values`. */
  readonly where?: readonly string[];
  readonly values?: readonly unknown[];
  /** Conditions that no index finds rows by. Like a search, a page looks through a bounded number of rows for them. */
  readonly sought?: readonly Condition[];
}

export interface PageOptions {
  /** Wraps the SQL of the page, to join what only its rows need; its columns and their order stay. */
  readonly around?: (page: string) => string;
  readonly searchedMax?: number;
}

export interface Page<R> {
  readonly items: readonly R[];
  /** Null on the last page. A search gives one with few items, or none, where there is more to look through. */
  readonly nextCursor: string | null;
  /** The last row that was looked through, as its order has it, where a search ended the page before it was full. */
  readonly searchedTo?: string;
}

/**
 * Rows that a search looks through for one page: no index finds a word within a text, so a word that is nowhere would
 * make every search read the whole list.
 */
export const SEARCHED_MAX = 20_000;

type Positioned = Row & { readonly position: string; readonly positionId: string };

/** A page of a list. Throws `cursor_invalid` for a cursor of another list or order. */
export async function readPage<R extends object, O extends string>(
  queryable: Queryable,
  list: PagedList<O>,
  { request, around = (page) => page, searchedMax = SEARCHED_MAX }: PageOptions & { readonly request: PageRequest<O> },
): Promise<Page<R>> {
  const sort = request.sort ?? list.sort;
  const query = toQuery(list, request, searchedMax);
  const rows = await queryable.query<Positioned>(around(query.page), query.values);
  const items = rows.slice(0, request.limit);
  const last = items.at(-1);
  const isFull = rows.length > request.limit && last !== undefined;
  const searched = isFull ? undefined : await windowEndOf(queryable, query);
  const end = isFull ? last : searched;
  return {
    // The columns are those of the list, which the caller knows.
    items: items.map(({ position: _, positionId: __, ...row }) => row as R),
    nextCursor: end === undefined ? null : toCursor(sort, { value: end.position, id: end.positionId }),
    ...(searched === undefined ? {} : { searchedTo: searched.position }),
  };
}

async function windowEndOf(queryable: Queryable, { windowEnd, windowValues }: Query): Promise<Positioned | undefined> {
  if (windowEnd === undefined) return undefined;
  return (await queryable.query<Positioned>(windowEnd, windowValues))[0];
}

interface Query {
  readonly page: string;
  readonly values: readonly unknown[];
  /** Finds the last row that a search looked through, when there is more behind it. */
  readonly windowEnd?: string;
  readonly windowValues: readonly unknown[];
}

function toQuery<O extends string>(list: PagedList<O>, request: PageRequest<O>, searchedMax: number): Query {
  const { limit, search = '', cursor, sought = [] } = request;
  const { where, values } = filtersOf(request);
  const sort = request.sort ?? list.sort;
  const after = cursor === undefined ? undefined : toPosition(cursor, list, sort);
  const order = orderOf(list, sort);
  const direction = order.isDescending ? 'desc' : 'asc';
  const ordered = `order by ${order.sql} ${direction}, ${list.id.sql} ${direction}`;
  const bounds = after === undefined ? [] : [afterSql(list, sort, values.length)];
  const conditions = [...where, ...bounds];
  const windowValues = [...values, ...toValues(after)];
  const filter = conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`;
  const position = `${toText(order)} as "position", ${list.id.sql}::text as "positionId"`;
  const soughtAll = [...sought, ...soughtWords(list, search)];
  if (soughtAll.length === 0) {
    const page = `select ${list.columns}, ${position} from ${list.table} ${filter} ${ordered} limit ${limit + 1}`;
    return { page, values: windowValues, windowValues };
  }
  const window = `select * from ${list.table} ${filter} ${ordered} limit ${searchedMax}`;
  const found = toWhere(soughtAll, windowValues.length);
  return {
    page: `select ${list.columns}, ${position} from (${window}) as ${list.table}
      where ${found.where.join(' and ')} ${ordered} limit ${limit + 1}`,
    values: [...windowValues, ...found.values],
    windowEnd: `select ${position} from ${list.table} ${filter} ${ordered} offset ${searchedMax - 1} limit 1`,
    windowValues,
  };
}

/** That the text of a row contains each word of a search, whatever its case; nothing for a search without words. */
export function soughtWords({ text }: Pick<PagedList, 'text'>, search: string): readonly Condition[] {
  const words = search.split(/\s+/).filter((word) => word !== '');
  const patterns = words.map((word) => `%${word.replace(/[\\%_]/g, '\\$&')}%`);
  return words.length === 0 ? [] : [{ sql: (place) => `${text} ilike all(${place}::text[])`, values: [patterns] }];
}

function filtersOf({ where = [], values = [], equal = {} }: PageRequest<string>) {
  const given = Object.entries(equal).filter(([, value]) => value !== undefined);
  return {
    where: [...where, ...given.map(([column], index) => `${column} = $${values.length + index + 1}`)],
    values: [...values, ...given.map(([, value]) => value)],
  };
}

function afterSql<O extends string>(list: PagedList<O>, sort: ListSort<O>, taken: number): string {
  const { sql, type, isDescending } = orderOf(list, sort);
  return `(${sql}, ${list.id.sql}) ${isDescending ? '<' : '>'} ($${taken + 1}::${type}, $${taken + 2}::${list.id.type})`;
}

const toValues = (after: KeysetPosition | undefined): readonly string[] =>
  after === undefined ? [] : [after.value, after.id];

const toText = ({ sql, type }: { readonly sql: string; readonly type: string }): string =>
  type === 'timestamptz' ? momentSql(sql) : `(${sql})::text`;
