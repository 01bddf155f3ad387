/*
 * Keyset pagination: lists sorted by a moment and an id, newest first, where a page starts after the position at which
 * the previous one ended. New rows shift no page, and a late page costs no more than the first.
 *
 *   select …, ${momentSql('at')} as moment from … where (at, id) < ($1::timestamptz, $2::bigint)
 *    order by at desc, id desc limit ${limit + 1}
 */
import { isStorableText } from './storable-text.ts';

/** The end of a page: the sort key of its last row. */
export interface KeysetPosition {
  /** As `momentSql` gives it. */
  readonly moment: string;
  readonly id: string;
}

/** What the ids of a list are: a bigint of the database, or a text. */
export type KeysetId = 'number' | 'text';

const MOMENT_FORMAT = 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"';
const POSITION = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{6}Z) (.+)$/s;
// Fewer digits than the largest bigint has, which is never reached.
const BIGINT = /^\d{1,18}$/;

/** SQL for the text of a moment in UTC, with the microseconds that a Date loses: without them a page would repeat or miss rows. */
export function momentSql(column: string): string {
  return `to_char(${column} at time zone 'UTC', '${MOMENT_FORMAT}')`;
}

/** The position as a cursor, which clients send back. */
export function toCursor({ moment, id }: KeysetPosition): string {
  return Buffer.from(`${moment} ${id}`).toString('base64url');
}

/** The position of a cursor; undefined when it was not issued by a list of such ids. */
export function maybePosition(cursor: string, ids: KeysetId): KeysetPosition | undefined {
  const [, seconds = '', fraction = '', id = ''] = POSITION.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  const isId = ids === 'number' ? BIGINT.test(id) : isStorableText(id);
  return isMoment(seconds) && isId ? { moment: `${seconds}${fraction}`, id } : undefined;
}

// Date moves February 31st to March, which PostgreSQL refuses; a moment that exists stays as it is written.
function isMoment(seconds: string): boolean {
  const date = new Date(`${seconds}Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(seconds);
}

/** A page of rows that were selected with one more than `limit`, and the cursor of the next page if there is one. */
export function toPage<R>(
  rows: readonly R[],
  { limit, positionOf }: { readonly limit: number; readonly positionOf: (row: R) => KeysetPosition },
): { readonly items: readonly R[]; readonly nextCursor: string | null } {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: rows.length > limit && last !== undefined ? toCursor(positionOf(last)) : null };
}
