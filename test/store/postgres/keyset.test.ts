import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '#store';
import { type KeysetPosition, maybePosition, momentSql, toCursor, toPage } from '../../../src/store/postgres/keyset.ts';
import { createTestDatabase } from '../../postgres/create-test-database.ts';

const POSITION: KeysetPosition = { moment: '2026-02-28T23:59:59.000123Z', id: '42' };
const encoded = (text: string): string => Buffer.from(text).toString('base64url');

describe('a cursor', () => {
  it('stands for the position that it was made of', () => {
    expect(maybePosition(toCursor(POSITION), 'number')).toEqual(POSITION);
    const texts = { ...POSITION, id: 'an id with spaces, ü and |' };
    expect(maybePosition(toCursor(texts), 'text')).toEqual(texts);
  });

  it.each([
    '',
    'x',
    'bm9uZQ',
    "' or 1=1 --",
    encoded('2026-02-28T23:59:59.000123Z'),
    encoded('2026-02-28T23:59:59.000123Z '),
    encoded('2026-02-28T23:59:59Z 42'),
    encoded('2026-02-31T00:00:00.000000Z 42'),
    encoded('2026-13-01T00:00:00.000000Z 42'),
    encoded('2026-02-28T23:59:60.000000Z 42'),
  ])('is refused when no list gave it out: %j', (cursor) => {
    expect(maybePosition(cursor, 'number')).toBeUndefined();
    expect(maybePosition(cursor, 'text')).toBeUndefined();
  });

  it.each(['-1', '1 or 1=1', '9999999999999999999'])(
    'of a list with numbers for ids is refused with the id %j',
    (id) => {
      expect(maybePosition(toCursor({ ...POSITION, id }), 'number')).toBeUndefined();
    },
  );

  it('is refused with an id that PostgreSQL does not take', () => {
    expect(maybePosition(toCursor({ ...POSITION, id: 'a\0b' }), 'text')).toBeUndefined();
  });
});

describe('pages', () => {
  let database: Database;
  beforeAll(async () => {
    database = await createTestDatabase({ isMigrated: false });
    // Two rows of one microsecond, and two of one millisecond.
    await database.query(`create table notes (at timestamptz, id bigint);
      insert into notes values ('2026-01-01 00:00:00.000001Z', 1), ('2026-01-01 00:00:00.000001Z', 2),
        ('2026-01-01 00:00:00.000002Z', 3), ('2026-01-02 00:00:00Z', 4)`);
  });
  afterAll(() => database.close());

  it.each([1, 2, 3, 4, 5])('of %i give every row once, newest first, also those of one moment', async (limit) => {
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const after: KeysetPosition | undefined = cursor === null ? undefined : maybePosition(cursor, 'number');
      const rows: readonly KeysetPosition[] = await database.query<KeysetPosition>(
        `select id::text, ${momentSql('at')} as moment from notes
          where $1::timestamptz is null or (at, id) < ($1::timestamptz, $2::bigint) order by at desc, id desc limit $3`,
        [after?.moment ?? null, after?.id ?? null, limit + 1],
      );
      const { items, nextCursor } = toPage<KeysetPosition>(rows, { limit, positionOf: (row) => row });
      seen.push(...items.map(({ id }) => id));
      cursor = nextCursor;
    } while (cursor !== null);
    expect(seen).toEqual(['4', '3', '2', '1']);
  });
});
