import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '#store';
import {
  type KeysetPosition,
  type ListSort,
  type PagedList,
  toCursor,
  toPosition,
} from '../../../src/store/postgres/keyset.ts';
import { type Page, type PageRequest, readPage } from '../../../src/store/postgres/read-page.ts';
import { createTestDatabase } from '../../postgres/create-test-database.ts';

type Order = 'at' | 'name' | 'size';
const NOTES: PagedList<Order> = {
  name: 'notes',
  table: 'notes',
  columns: 'id::integer, name',
  id: { sql: 'notes.id', type: 'bigint' },
  orders: {
    at: { sql: 'notes.at', type: 'timestamptz' },
    name: { sql: 'name', type: 'text' },
    size: { sql: 'coalesce(size, -1)', type: 'float8' },
  },
  sort: '-at',
  text: 'name',
};
const BY_TEXT: PagedList<Order> = { ...NOTES, id: { sql: 'notes.id', type: 'text' } };
const POSITION: KeysetPosition = { value: '2026-02-28T23:59:59.000123Z', id: '42' };
const encoded = (text: string): string => Buffer.from(text).toString('base64url');

describe('a cursor', () => {
  it('stands for the position that it was made of', () => {
    expect(toPosition(toCursor('-at', POSITION), NOTES, '-at')).toEqual(POSITION);
    const texts = { value: 'a name with spaces, ü, " and |', id: 'an id with spaces, ü, " and |' };
    expect(toPosition(toCursor('name', texts), BY_TEXT, 'name')).toEqual(texts);
    expect(toPosition(toCursor('size', { value: '-1.5e-7', id: '1' }), NOTES, 'size').value).toBe('-1.5e-7');
  });

  it.each([
    '',
    'x',
    'bm9uZQ',
    "' or 1=1 --",
    encoded('["-at","2026-02-28T23:59:59.000123Z"]'),
    encoded('["-at","2026-02-28T23:59:59.000123Z",""]'),
    encoded('["-at","2026-02-28T23:59:59.000123Z","42","more"]'),
    encoded('["-at","2026-02-28T23:59:59Z","42"]'),
    encoded('["-at","2026-02-31T00:00:00.000000Z","42"]'),
    encoded('["-at","2026-13-01T00:00:00.000000Z","42"]'),
    encoded('["-at","2026-02-28T23:59:60.000000Z","42"]'),
    encoded('["-at",null,"42"]'),
    encoded('{"-at":1}'),
  ])('is refused when no list gave it out: %j', (cursor) => {
    expect(() => toPosition(cursor, NOTES, '-at')).toThrow(/the nextCursor of an earlier page of notes/);
    expect(() => toPosition(cursor, BY_TEXT, '-at')).toThrow(/the nextCursor of an earlier page of notes/);
  });

  it.each(['-1', '1 or 1=1', '9999999999999999999'])(
    'of a list with numbers for ids is refused with the id %j',
    (id) => {
      expect(() => toPosition(toCursor('-at', { ...POSITION, id }), NOTES, '-at')).toThrow(/Start without one/);
    },
  );

  it('is refused with an id that PostgreSQL does not take', () => {
    expect(() => toPosition(toCursor('-at', { ...POSITION, id: 'a\0b' }), BY_TEXT, '-at')).toThrow(/nextCursor/);
  });

  it('is refused in another order than that of its page', () => {
    expect(() => toPosition(toCursor('-at', POSITION), NOTES, 'at')).toThrow(/in the same order/);
    expect(() => toPosition(toCursor('size', { value: 'x', id: '1' }), NOTES, 'size')).toThrow(/nextCursor/);
  });
});

describe('pages', () => {
  let database: Database;
  beforeAll(async () => {
    database = await createTestDatabase({ isMigrated: false });
    // Two rows of one microsecond, and two of one millisecond; two of one size, and one without.
    await database.query(`create table notes (at timestamptz, id bigint, name text, size float8);
      insert into notes values ('2026-01-01 00:00:00.000001Z', 1, 'part 1', 0.1), ('2026-01-01 00:00:00.000001Z', 2, 'Part 2', 7),
        ('2026-01-01 00:00:00.000002Z', 3, '50 % of part 3', 7), ('2026-01-02 00:00:00Z', 4, 'rest_4', null)`);
  });
  afterAll(() => database.close());

  interface Note {
    readonly id: number;
    readonly name: string;
  }

  async function readAll(request: PageRequest<Order>, searchedMax?: number): Promise<Page<Note>[]> {
    const pages: Page<Note>[] = [];
    let cursor: string | null | undefined;
    do {
      const page: Page<Note> = await readPage<Note, Order>(database, NOTES, {
        request: { ...request, ...(cursor == null ? {} : { cursor }) },
        ...(searchedMax === undefined ? {} : { searchedMax }),
      });
      pages.push(page);
      cursor = page.nextCursor;
    } while (cursor !== null);
    return pages;
  }
  const idsOf = (pages: readonly Page<Note>[]) => pages.flatMap(({ items }) => items.map(({ id }) => id));

  it.each([1, 2, 3, 4, 5])('of %i give every row once, newest first, also those of one moment', async (limit) => {
    expect(idsOf(await readAll({ limit }))).toEqual([4, 3, 2, 1]);
  });

  it.each<[ListSort<Order>, number[]]>([
    ['at', [1, 2, 3, 4]],
    ['size', [4, 1, 2, 3]],
    ['-size', [3, 2, 1, 4]],
  ])('give every row once in the order %s, also those of one value', async (sort, expected) => {
    for (const limit of [1, 2, 3]) expect(idsOf(await readAll({ limit, sort }))).toEqual(expected);
  });

  it('give every row once in the order of a text', async () => {
    for (const limit of [1, 3]) {
      const up = idsOf(await readAll({ limit, sort: 'name' }));
      expect(up.toSorted()).toEqual([1, 2, 3, 4]);
      expect(idsOf(await readAll({ limit, sort: '-name' }))).toEqual(up.toReversed());
    }
  });

  it('hold only rows that meet the conditions', async () => {
    expect(idsOf(await readAll({ limit: 1, where: ['size = $1'], values: [7] }))).toEqual([3, 2]);
  });

  it('of a search hold the rows that contain each word, whatever its case', async () => {
    expect(idsOf(await readAll({ limit: 1, search: 'PART' }))).toEqual([3, 2, 1]);
    expect(idsOf(await readAll({ limit: 9, search: ' 3  part' }))).toEqual([3]);
    expect(idsOf(await readAll({ limit: 9, search: 'none' }))).toEqual([]);
  });

  it('of a search take its signs as they are', async () => {
    expect(idsOf(await readAll({ limit: 9, search: '%' }))).toEqual([3]);
    expect(idsOf(await readAll({ limit: 9, search: '_' }))).toEqual([4]);
    expect(idsOf(await readAll({ limit: 9, search: '\\' }))).toEqual([]);
  });

  it('of a search look through a bounded number of rows each, and miss none', async () => {
    const pages = await readAll({ limit: 9, search: '1' }, 2);
    expect(pages.map(({ items }) => items.length)).toEqual([0, 1, 0]);
    expect(idsOf(await readAll({ limit: 1, search: 'part' }, 2))).toEqual([3, 2, 1]);
  });
});
