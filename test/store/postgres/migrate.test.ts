import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { assertMigrated, connect, type Database, migrate, pendingMigrations } from '#store';
import { createTestDatabase } from '../../postgres/create-test-database.ts';

const opened: Database[] = [];
const folders: string[] = [];
let database: Database;
let folder: string;

beforeEach(async () => {
  database = await createTestDatabase({ isMigrated: false });
  opened.push(database);
  folder = await mkdtemp(path.join(tmpdir(), 'weir-migrations-'));
  folders.push(folder);
});
afterAll(async () => {
  for (const one of opened) await one.close();
  for (const one of folders) await rm(one, { recursive: true });
});

async function writeMigrations(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, sql] of Object.entries(files)) await writeFile(path.join(folder, name), sql);
}

async function tables(): Promise<readonly string[]> {
  const rows = await database.query<{ name: string }>(
    "select table_name as name from information_schema.tables where table_schema = 'weir' order by 1",
  );
  return rows.map(({ name }) => name);
}

describe('migrate', () => {
  it('applies the migrations of the package, once', async () => {
    expect((await migrate(database))[0]).toBe('0001-engine.sql');
    expect(await tables()).toContain('manifests');
    expect(await migrate(database)).toEqual([]);
  });

  it('applies only what was added', async () => {
    await writeMigrations({ '0001-a.sql': 'create table a ()' });
    await migrate(database, { folder });
    await writeMigrations({ '0002-b.sql': 'create table b (); create table c ();' });
    expect(await migrate(database, { folder })).toEqual(['0002-b.sql']);
    expect(await tables()).toEqual(['a', 'b', 'c', 'migrations']);
  });

  it('refuses a file that was changed after it had been applied, but not for its line ends', async () => {
    await writeMigrations({ '0001-a.sql': 'create table a ();\n' });
    await migrate(database, { folder });
    await writeMigrations({ '0001-a.sql': 'create table a ();\r\n' });
    expect(await migrate(database, { folder })).toEqual([]);
    await writeMigrations({ '0001-a.sql': 'create table a (id bigint);\n' });
    await expect(migrate(database, { folder })).rejects.toThrow(/0001-a.sql was changed after it had been applied/);
  });

  it('refuses a database that a newer version migrated', async () => {
    await writeMigrations({ '0001-a.sql': 'create table a ()', '0002-b.sql': 'create table b ()' });
    await migrate(database, { folder });
    await rm(path.join(folder, '0002-b.sql'));
    await expect(migrate(database, { folder })).rejects.toThrow(/0002-b.sql, which this version of Weir does not know/);
  });

  it('refuses a gap in the numbers and a name without one', async () => {
    await writeMigrations({ '0001-a.sql': 'create table a ()', '0003-b.sql': 'create table b ()' });
    await expect(migrate(database, { folder })).rejects.toThrow(/number 2 to be named 0002-some-words.sql/);
    await expect(migrate(database, { folder })).rejects.toHaveProperty('code', 'migration_invalid');
    expect(await tables()).toEqual([]);
  });

  it('leaves nothing of a file that fails, and keeps those before it', async () => {
    await writeMigrations({ '0001-a.sql': 'create table a ()', '0002-b.sql': 'create table b (); select 1/0;' });
    await expect(migrate(database, { folder })).rejects.toThrow(/0002-b.sql failed and left nothing behind: division/);
    expect(await tables()).toEqual(['a', 'migrations']);
    await writeMigrations({ '0002-b.sql': 'create table b ()' });
    expect(await migrate(database, { folder })).toEqual(['0002-b.sql']);
  });

  it('lets many processes migrate at once', async () => {
    await writeMigrations({ '0001-a.sql': 'create table a ()', '0002-b.sql': 'create table b ()' });
    const others = Array.from({ length: 6 }, () => connect({ url: database.url }));
    const applied = await Promise.all(others.map((other) => migrate(other, { folder })));
    for (const other of others) await other.close();
    expect(applied.flat().sort()).toEqual(['0001-a.sql', '0002-b.sql']);
  });

  it('names the session that keeps a table locked, changes nothing, and goes on once it has ended', async () => {
    await writeMigrations({ '0001-a.sql': 'create table weir.a ()' });
    await migrate(database, { folder });
    await writeMigrations({ '0002-b.sql': 'create table weir.b (); alter table weir.a add column id bigint' });
    await database.transaction(async (tx) => {
      await tx.query('select from weir.a');
      const [{ pid } = { pid: 0 }] = await tx.query<{ pid: number }>('select pg_backend_pid() as pid');
      const blocked = migrate(database, { folder, lockTimeoutMs: 1 });
      await expect(blocked).rejects.toMatchObject({ code: 'migration_blocked' });
      await expect(blocked).rejects.toThrow(
        new RegExp(`another session kept a table locked: pid ${pid} \\(weir\\)`, 'i'),
      );
    });
    expect(await tables()).toEqual(['a', 'migrations']);
    expect(await migrate(database, { folder })).toEqual(['0002-b.sql']);
  });
});

describe('pending migrations', () => {
  it('are all of an empty database, then those that were added, then none', async () => {
    await writeMigrations({ '0001-a.sql': 'create table a ()', '0002-b.sql': 'create table b ()' });
    expect(await pendingMigrations(database, { folder })).toEqual(['0001-a.sql', '0002-b.sql']);
    await expect(assertMigrated(database, { folder })).rejects.toThrow(/lacks migration 0001-a.sql and 1 after it/);
    expect(await tables()).toEqual([]);
    await migrate(database, { folder });
    expect(await pendingMigrations(database, { folder })).toEqual([]);
    await assertMigrated(database, { folder });
  });

  it('are refused where the database has others', async () => {
    await writeMigrations({ '0001-a.sql': 'create table a ()', '0002-b.sql': 'create table b ()' });
    await migrate(database, { folder });
    await rm(path.join(folder, '0002-b.sql'));
    await expect(pendingMigrations(database, { folder })).rejects.toHaveProperty('code', 'migration_mismatch');
  });
});
