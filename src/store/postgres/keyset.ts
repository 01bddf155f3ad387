/*
 * Keyset pagination: a list is sorted by some expression and by an id, and a page starts after the position at which the
 * previous one ended. New rows shift no page, and where an index has the order, a late page costs no more than the first.
 */
import { StoreError } from '../errors.ts';
import { isStorableText } from './storable-text.ts';

/** What a list is sorted by, before its id. */
export interface ListOrder {
  /** An expression that is never null; an index on it and the id makes pages fast. */
  readonly sql: string;
  readonly type: 'timestamptz' | 'bigint' | 'float8' | 'numeric' | 'text';
}

/** The name of an order, with a minus before it for the largest or newest first. */
export type ListSort<O extends string> = O | `-${O}`;

/** A list that is read page by page. */
export interface PagedList<O extends string = string> {
  /** Used in messages: `past predictions`. */
  readonly name: string;
  readonly table: string;
  /** What is selected of each row. */
  readonly columns: string;
  readonly id: { readonly sql: string; readonly type: 'bigint' | 'text' };
  readonly orders: Readonly<Record<O, ListOrder>>;
  /** Its order without a choice. */
  readonly sort: ListSort<O>;
  /** The text that a search looks through. */
  readonly text: string;
}

/** The end of a page: the sort key of its last row. */
export interface KeysetPosition {
  readonly value: string;
  readonly id: string;
}

const MOMENT_FORMAT = 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"';
const MOMENT = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.\d{6}Z$/;
const NUMBER = /^-?\d{1,20}(\.\d{1,30})?(e[+-]\d{1,3})?$/;
// Fewer digits than the largest bigint has, which is never reached.
const BIGINT = /^\d{1,18}$/;
const SHOWN_CHARACTERS = 80;

/** SQL for the text of a moment in UTC, with the microseconds that a Date loses: without them a page would repeat or miss rows. */
export function momentSql(column: string): string {
  return `to_char(${column} at time zone 'UTC', '${MOMENT_FORMAT}')`;
}

/** The order that a list has for a choice. */
export function orderOf<O extends string>(
  list: PagedList<O>,
  sort: ListSort<O>,
): ListOrder & { isDescending: boolean } {
  const isDescending = sort.startsWith('-');
  // What follows the minus is a name of the list's orders, as the type of the choice says.
  const name = (isDescending ? sort.slice(1) : sort) as O;
  return { ...list.orders[name], isDescending };
}

/** The position as a cursor, which clients send back with the same order. */
export function toCursor(sort: string, { value, id }: KeysetPosition): string {
  return Buffer.from(JSON.stringify([sort, value, id])).toString('base64url');
}

/** The position of a cursor. Throws `cursor_invalid` when the list did not issue it for this order. */
export function toPosition<O extends string>(cursor: string, list: PagedList<O>, sort: ListSort<O>): KeysetPosition {
  const [issuedFor, value, id, ...more] = maybeParts(cursor);
  const { type } = orderOf(list, sort);
  if (
    issuedFor === sort &&
    more.length === 0 &&
    isValue(value, type) &&
    isText(id) &&
    (list.id.type === 'text' || BIGINT.test(id))
  )
    return { value, id };
  throw new StoreError(
    'cursor_invalid',
    `Expected the nextCursor of an earlier page of ${list.name} in the same order; got ${JSON.stringify(cursor.slice(0, SHOWN_CHARACTERS))}. Start without one.`,
  );
}

function maybeParts(cursor: string): readonly unknown[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(parts) ? parts : [];
  } catch {
    return [];
  }
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '' && isStorableText(value);

function isValue(value: unknown, type: ListOrder['type']): value is string {
  if (!isText(value)) return false;
  switch (type) {
    case 'text':
      return true;
    case 'bigint':
      return /^-?\d{1,18}$/.test(value);
    case 'float8':
    case 'numeric':
      return NUMBER.test(value);
    case 'timestamptz':
      return isMoment(value);
    default:
      return type satisfies never;
  }
}

// Date moves February 31st to March, which PostgreSQL refuses; a moment that exists stays as it is written.
function isMoment(text: string): boolean {
  const [, seconds] = MOMENT.exec(text) ?? [];
  if (seconds === undefined) return false;
  const date = new Date(`${seconds}Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(seconds);
}
