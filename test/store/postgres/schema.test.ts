import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '#store';
import { createTestDatabase } from '../../postgres/create-test-database.ts';

// A script in plain JavaScript; this is what the test relies on.
const { schemaText }: { schemaText: (database: Database) => Promise<string> } = await import(
  pathToFileURL(path.resolve('scripts/schema-text.mjs')).href
);

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

describe('database/schema.sql', () => {
  it('is what the migrations add up to; if not, run "npm run generate"', async () => {
    expect(await readFile('database/schema.sql', 'utf8')).toBe(await schemaText(database));
  });

  it('finds by an index what refers to a row that is deleted', async () => {
    const without = await database.query(
      `select c.conrelid::regclass::text as table, a.attname as column
         from pg_constraint c join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
        where c.contype = 'f' and not exists (
                select 1 from pg_index i where i.indrelid = c.conrelid and i.indkey[0] = c.conkey[1]
                   and coalesce(pg_get_expr(i.indpred, i.indrelid), format('(%I IS NOT NULL)', a.attname)) = format('(%I IS NOT NULL)', a.attname))`,
    );
    expect(without).toEqual([]);
  });

  it.each([
    ['a table', 'create table extra (id bigint)', 'create table weir.extra (\n  id bigint\n);'],
    ['a column', 'alter table runs add extra text', '\n  extra text'],
    ['a default', "alter table runs alter pipeline set default 'x'", "pipeline text default 'x'::text not null"],
    ['a check', 'alter table runs add constraint extra check (id > 0)', 'constraint extra CHECK ((id > 0))'],
    ['an index', 'create index extra on runs (state)', 'CREATE INDEX extra ON weir.runs USING btree (state);'],
    ['a comment', "comment on column runs.id is 'it''s'", "comment on column weir.runs.id is 'it''s';"],
    ['a sequence', 'create sequence extra', 'create sequence weir.extra;'],
    ['a view', 'create view extra as select 1 as n', 'create view weir.extra as\n SELECT 1 AS n;'],
    [
      'a table in partitions',
      'create table extra (at date) partition by range (at); create table rest partition of extra default',
      'create table weir.extra (\n  at date\n) partition by RANGE (at);',
    ],
    [
      'a partition',
      'create table extra (at date) partition by range (at); create table rest partition of extra default',
      'create table weir.rest (\n  at date\n);\nalter table weir.extra attach partition weir.rest DEFAULT;',
    ],
    [
      'a function',
      "create function extra() returns trigger language plpgsql as 'begin return new; end'",
      'CREATE OR REPLACE FUNCTION weir.extra()',
    ],
    [
      'a trigger',
      'create trigger extra before insert on runs for each row execute function suppress_redundant_updates_trigger()',
      'CREATE TRIGGER extra BEFORE INSERT ON weir.runs',
    ],
  ])('would show %s that a migration adds', async (_, sql, text) => {
    const rolledBack = new Error('looked at');
    const looking = database.transaction(async (tx) => {
      await tx.query(sql);
      expect(await schemaText({ ...database, query: tx.query })).toContain(text);
      throw rolledBack;
    });
    await expect(looking).rejects.toBe(rolledBack);
  });
});
