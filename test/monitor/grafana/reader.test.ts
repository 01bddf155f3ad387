import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defineContract, integer, text } from '#contracts';
import { allowReader, denyReader, grantReader, READER, READER_SQL, readableOf } from '#monitor';
import { connect, type Database, type EmbeddedPostgres, migrate, startEmbeddedPostgres } from '#store';
import { DOCUMENTED_TABLES } from '../../../src/server/routes/database.ts';
import { createTestDatabase } from '../../postgres/create-test-database.ts';

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
  expect(await grantReader(database, readableOf(undefined))).toBe(true);
});
afterAll(() => database.close());

/** Runs a query as the reader. */
const asReader = (sql: string) =>
  database.transaction(async (tx) => {
    await tx.query(`set local role ${READER}`);
    return tx.query(sql);
  });
const denied = (sql: string) => expect(asReader(sql)).rejects.toThrow(/permission denied/);

const shop = (options: { readonly item?: boolean; readonly price?: boolean }) =>
  defineContract({
    name: 'shop',
    columns: {
      item: text({ sensitive: options.item === true }),
      price: integer({ role: 'label', sensitive: options.price === true }),
    },
  });

describe('the role that Grafana reads with', () => {
  it('reads the documented tables and writes none', async () => {
    for (const { name, without } of readableOf(undefined)) {
      const columns = without === undefined ? '*' : 'count(*)';
      expect(await asReader(`select ${columns} from weir.${name} limit 1`)).toBeDefined();
    }
    await denied('delete from weir.alerts');
    await denied("insert into weir.promotions (model, alias, version, actor, reason) values ('m', 'a', 1, 'x', 'y')");
    await denied('create table weir.mine (a integer)');
  });

  it('reads no idempotency keys, claims or tokens', async () => {
    await denied('select * from weir.prediction_requests');
    await denied('select request from weir.predictions');
    await denied('select * from weir.predictions');
    await denied('select * from weir.claims');
    await denied('select owner from weir.runs');
  });

  it('reads only what is listed', async () => {
    const rows = await database.query<{ name: string }>(
      `select relname as name from pg_class
        where relnamespace = 'weir'::regnamespace and relkind in ('r', 'p', 'v', 'm')
          and has_any_column_privilege('${READER}', oid, 'select')`,
    );
    const listed = readableOf(undefined).map(({ name }) => name);
    expect(rows.map(({ name }) => name).sort()).toEqual([...listed].sort());
  });

  it('reads every table that other programs are told to rely on', () => {
    const listed = readableOf(undefined).map(({ name }) => `weir.${name}`);
    expect(DOCUMENTED_TABLES.filter(({ name }) => !listed.includes(name))).toEqual([]);
  });

  it('reads no values of rows whose columns are sensitive', async () => {
    await grantReader(database, readableOf(shop({ item: true })));
    await denied('select features from weir.predictions');
    expect(await asReader('select at, prediction from weir.predictions')).toEqual([]);
    expect(await asReader('select value from weir.labels')).toEqual([]);
    await grantReader(database, readableOf(shop({ price: true })));
    await denied('select prediction from weir.predictions');
    await denied('select prediction from weir.prediction_counts');
    await denied('select value from weir.labels');
    expect(await asReader('select at from weir.predictions')).toEqual([]);
    await grantReader(database, readableOf(undefined));
    expect(await asReader('select features from weir.predictions')).toEqual([]);
  });

  it('reads a table that is listed since the last start, and none that no longer is', async () => {
    await database.query('create table weir.later (a integer, b integer)');
    await denied('select a from weir.later');
    await grantReader(database, [...readableOf(undefined), { name: 'later', without: ['b'] }]);
    expect(await asReader('select a from weir.later')).toEqual([]);
    await denied('select b from weir.later');
    await grantReader(database, readableOf(undefined));
    await denied('select a from weir.later');
    await database.query('drop table weir.later');
  });
});

describe('a user that may not make roles', () => {
  let postgres: EmbeddedPostgres;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'weir-reader-'));
    // As root the server runs as somebody else, who must be able to go in.
    await chmod(folder, 0o711);
    postgres = await startEmbeddedPostgres({ stateFolder: folder, log: () => {} });
  });
  afterAll(async () => {
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('goes on without the role, and grants what it reads once an administrator has made it', async () => {
    const administrator = connect({ url: postgres.url, poolSize: 1 });
    await administrator.query("create role owner login password 'x' nosuperuser nocreaterole");
    await administrator.query('create database owned owner owner');
    const url = new URL(postgres.url);
    Object.assign(url, { username: 'owner', password: 'x', pathname: '/owned' });
    const owned = connect({ url: url.href, poolSize: 1 });
    try {
      await migrate(owned);
      expect(await grantReader(owned, readableOf(undefined))).toBe(false);
      const refused = await allowReader(owned, 'a-long-password').catch((error: unknown) => error);
      expect(refused).toMatchObject({ code: 'reader_refused', message: expect.stringContaining(READER_SQL[0]) });

      for (const sql of READER_SQL) await administrator.query(sql.replace('<password>', 'chosen by hand'));
      expect(await grantReader(owned, readableOf(undefined))).toBe(true);
      Object.assign(url, { username: READER, password: 'chosen by hand' });
      const reader = connect({ url: url.href, poolSize: 1 });
      expect(await reader.query('select id from weir.checks').finally(() => reader.close())).toEqual([]);
      await expect(allowReader(owned, 'a-long-password')).rejects.toThrow(/but this user may not/);
    } finally {
      await owned.close();
      await administrator.close();
    }
  });
});

describe('the login of the reader', () => {
  const loginUrl = (password: string): string => {
    const url = new URL(database.url);
    Object.assign(url, { username: READER, password });
    return url.href;
  };
  const logIn = async (password: string) => {
    const reader = connect({ url: loginUrl(password), poolSize: 1 });
    try {
      return await reader.query(
        "select current_user::text as who, current_setting('statement_timeout') as timeout, current_setting('default_transaction_read_only') as read_only",
      );
    } finally {
      await reader.close();
    }
  };

  it('works with the password that was set, under a limit of time, until it is withdrawn', async () => {
    await allowReader(database, 'a password of ~40 signs, printable!');
    expect(await logIn('a password of ~40 signs, printable!')).toEqual([
      { who: READER, timeout: '10s', read_only: 'on' },
    ]);
    await expect(logIn('another')).rejects.toThrow(/password authentication failed/);
    await denyReader(database);
    await expect(logIn('a password of ~40 signs, printable!')).rejects.toThrow(/password authentication failed/);
  });
});
