import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { definePipeline, defineProject } from '#pipelines';
import type { Database } from '#store';
import { configSchema } from '../../../src/app/project/config.ts';
import { pathsOf } from '../../../src/app/project/paths.ts';
import { type Wiring, wire } from '../../../src/app/serve/wire.ts';
import { createTestDatabase } from '../../postgres/create-test-database.ts';

let database: Database;
let folder: string;
const wirings: Wiring[] = [];
beforeAll(async () => {
  database = await createTestDatabase();
  folder = await mkdtemp(path.join(tmpdir(), 'weir-wire-'));
});
afterEach(async () => {
  for (const wiring of wirings.splice(0)) await wiring.close();
});
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

const code = { tasks: [], fingerprints: new Map(), index: '' };
const named = { name: 'books', title: 'Books' };

async function wired(given: Partial<Parameters<typeof defineProject>[0]>, settings: object = {}): Promise<Wiring> {
  const config = configSchema.parse(settings);
  // What is given are parts of a project without a model.
  const project = defineProject({ ...named, ...given } as Parameters<typeof defineProject>[0]);
  const options = { project, code, config, paths: pathsOf(folder, config) };
  const wiring = await wire({ ...options, databaseUrl: database.url, apiUrl: 'http://127.0.0.1:1' });
  wirings.push(wiring);
  return wiring;
}

describe('a project put together', () => {
  it('has none of the pipelines of a model when it has none', async () => {
    const { pipelines } = await wired({ pipelines: [definePipeline({ name: 'count', goals: () => [] })] });
    expect(pipelines.map(({ name }) => name)).toEqual(['cleanup', 'count']);
  });

  it('is refused when two of its pipelines have one name', async () => {
    const count = definePipeline({ name: 'count', goals: () => [] });
    await expect(wired({ pipelines: [count, count] })).rejects.toThrow(
      'Two pipelines of project books are named count.',
    );
  });

  it('has its named connections as sinks, where rows replace those of their goal', async () => {
    const { sinks, connections } = await wired({}, { connections: { warehouse: { kind: 'postgres' } } });
    expect(sinks.map(({ name }) => name)).toEqual(['warehouse']);
    const [sink] = sinks;
    const place = { goal: 'goal', output: 'rows' };
    const write = (key: string, token: string) =>
      sink?.replace({ ...place, key, token, origin: 'here' }, async ({ flush, mark }) => {
        await flush();
        await mark(2);
      });
    await write('key-1', '1');
    await write('key-2', '2');
    expect(await sink?.markers([place])).toEqual([{ key: 'key-2', rowCount: 2 }]);
    expect(connections('warehouse')).toBeDefined();
  });

  it('names what a connection’s role names, and not Weir’s tables', async () => {
    const url = new URL(database.url);
    const name = url.pathname.slice(1);
    await database.query('create schema of_role; create schema of_database');
    await database.query(`alter database ${name} set search_path = of_database`);
    await database.query(`create role books_owner login password 'books' in role weir`);
    await database.query(`alter role books_owner in database ${name} set search_path = of_role`);
    [url.username, url.password] = ['books_owner', 'books'];
    const { connections } = await wired(
      {},
      { connections: { own: { kind: 'postgres' }, theirs: { kind: 'postgres', url: url.href } } },
    );
    for (const connection of ['own', 'theirs'])
      await connections(connection).query('create table manifests (word text)');
    expect(
      await database.query(
        `select schemaname as schema from pg_tables where tablename = 'manifests' order by schemaname`,
      ),
    ).toEqual([{ schema: 'of_database' }, { schema: 'of_role' }, { schema: 'weir' }]);
    await database.query('drop owned by books_owner; drop role books_owner');
  });
});
