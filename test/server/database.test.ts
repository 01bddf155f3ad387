import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '#store';
import { createTestDatabase } from '../postgres/create-test-database.ts';
import { createWorld, type World } from './world.ts';

let database: Database;
const worlds: World[] = [];
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  for (const world of worlds) await world.server.close();
  await database.close();
});

/** The answer of a server whose database is reached by another address. */
async function answerOf(url: string, passwordFile?: string) {
  const project = {
    name: 'parcels',
    title: 'Parcels',
    environment: 'test',
    version: '1',
    pipelines: [],
    schedules: [],
  };
  const world = await createWorld({
    database: { ...database, url, query: database.query.bind(database) },
    project: { ...project, ...(passwordFile === undefined ? {} : { passwordFile }) },
  });
  worlds.push(world);
  const { body } = await world.server.inject('/api/database');
  return { body, answer: JSON.parse(body) };
}

describe('GET /api/database', () => {
  it('says how to connect, where the password is, and not the password', async () => {
    const { body, answer } = await answerOf('postgres://weir:s3cret@127.0.0.1:25758/weir', '.weir/postgres/password');
    expect(answer).toMatchObject({
      host: '127.0.0.1',
      port: 25_758,
      name: 'weir',
      user: 'weir',
      passwordFile: '.weir/postgres/password',
      psql: 'PGPASSWORD="$(cat .weir/postgres/password)" psql -h 127.0.0.1 -p 25758 -U weir weir',
      duckdb:
        "ATTACH 'host=127.0.0.1 port=25758 dbname=weir user=weir' AS weir (TYPE postgres, READ_ONLY, SCHEMA 'weir')",
    });
    expect(body).not.toContain('s3cret');
  });

  it('quotes names for the shell and for SQL, and knows the usual port', async () => {
    const { answer } = await answerOf("postgres://it's%20me:s3cret@db.example/my%20data");
    expect(answer).toMatchObject({ port: 5432, name: 'my data', user: "it's me", passwordFile: null });
    expect(answer.psql).toBe("psql -h db.example -p 5432 -U 'it'\\''s me' 'my data'");
    expect(answer.duckdb).toContain("dbname=''my data'' user=''it\\''s me''");
  });

  it('lists tables that are there', async () => {
    const { answer } = await answerOf('postgres://weir:s3cret@127.0.0.1:25758/weir');
    for (const { name } of answer.tables) expect(await database.query(`select from ${name} limit 0`)).toEqual([]);
    expect(answer.tables.length).toBeGreaterThan(10);
  });
});
