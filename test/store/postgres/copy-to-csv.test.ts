import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, type Database } from '#store';
import { createTestDatabase } from '../../postgres/create-test-database.ts';

describe('copyToCsv', () => {
  let database: Database;
  const csv = (sql: string, from = database): Promise<string> => text(from.copyToCsv(sql));

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.close());

  it('writes booleans and times the same way in any session', async () => {
    await database.query(
      `do $$ begin execute format('alter database %I set timezone = ''Asia/Tokyo''', current_database()); end $$`,
    );
    // Connections that are open already keep the zone that they began with.
    const later = connect({ url: database.url, poolSize: 1 });
    expect(await later.query(`select current_setting('timezone') as zone`)).toEqual([{ zone: 'Asia/Tokyo' }]);
    const written = await csv(
      `select true as yes, null::boolean as none, timestamptz '2026-03-01 12:00:00.5+02' as at, timestamp '2026-03-01 12:00' as "local time", date '2026-02-28' as day`,
      later,
    );
    await later.close();
    expect(written).toBe(
      'yes,none,at,local time,day\ntrue,,2026-03-01T10:00:00.500000Z,2026-03-01T12:00:00.000000,2026-02-28\n',
    );
  });

  it('keeps the order of the query, quotes what needs it, and bears a trailing comment', async () => {
    const written = await csv(
      `select v as "a,b" from (values (2, 'x"y'), (1, 'two\nlines')) t(n, v) order by n -- the end`,
    );
    expect(written).toBe('"a,b"\n"two\nlines"\n"x""y"\n');
  });

  it('refuses to write', async () => {
    await expect(csv(`select nextval('claim_tokens')`)).rejects.toThrow('read-only');
  });
});
