import { describe, expect, it } from 'vitest';
import { LIVE_ALIASES, READY_ALIASES, routes } from '#api';
import { createTestDatabase } from '../postgres/create-test-database.ts';
import { addChampion, ask, createWorld, type World } from './world.ts';

const MB = 1024 * 1024;

async function withWorld(options: Parameters<typeof createWorld>[0], look: (world: World) => Promise<void>) {
  const world = await createWorld(options);
  await look(world);
  await world.close();
}

describe('liveness', () => {
  it('stays 200 while the database is away, so that nobody restarts the process for that', async () => {
    const world = await createWorld();
    await world.database.close();
    expect(await ask(world, routes.live)).toMatchObject({ status: 200, json: { status: 'ok' } });
    expect(await ask(world, routes.ready)).toMatchObject({ status: 503, json: { status: 'failing' } });
    await world.server.close();
  });

  it('and readiness are answered at the addresses that orchestrators probe by convention', async () => {
    await withWorld({}, async (world) => {
      for (const path of LIVE_ALIASES)
        expect(await ask(world, { ...routes.live, path })).toMatchObject({ status: 200, json: { status: 'ok' } });
      for (const path of READY_ALIASES)
        expect(await ask(world, { ...routes.ready, path })).toMatchObject({
          status: 503,
          json: { status: 'starting' },
        });
    });
  });
});

describe('readiness', () => {
  it('is 503 as starting until a version is champion, and loads it', async () => {
    await withWorld({}, async (world) => {
      const missing = await ask(world, routes.ready);
      expect(missing).toMatchObject({ status: 503, json: { status: 'starting', checks: { champion: { ok: false } } } });
      await addChampion(world);
      expect(await ask(world, routes.ready)).toMatchObject({ status: 200, json: { status: 'ok' } });
    });
  });

  it('is 503 while the champion cannot be loaded', async () => {
    await withWorld({}, async (world) => {
      await addChampion(world);
      for await (const { digest } of world.artifacts.list()) await world.artifacts.delete(digest);
      const { status, json } = await ask(world, routes.ready);
      expect({ status, champion: json.checks.champion.ok }).toEqual({ status: 503, champion: false });
    });
  });

  it('is 503 while the database stores nothing', async () => {
    const database = await createTestDatabase();
    const name = new URL(database.url).pathname.slice(1);
    await database.query(`alter database "${name}" set default_transaction_read_only = on`);
    // Connections that are open keep what they began with.
    await database.query('set default_transaction_read_only = on');
    await withWorld({ database }, async (world) => {
      expect(await ask(world, routes.ready)).toMatchObject({
        status: 503,
        json: {
          status: 'failing',
          checks: { database: { ok: false, detail: 'It is read-only, so nothing can be stored.' } },
        },
      });
    });
  });

  it('is 503 while the disk of the state folder is nearly full, and says how much is free', async () => {
    let free = 100 * MB;
    await withWorld({ disk: { freeBytes: async () => free, freeMinMb: 200 } }, async (world) => {
      await addChampion(world);
      expect(await ask(world, routes.ready)).toMatchObject({
        status: 503,
        json: { checks: { disk: { ok: false, detail: '100 MB free in the state folder, of 200 needed.' } } },
      });
      free = 300 * MB;
      expect(await ask(world, routes.ready)).toMatchObject({ status: 200, json: { checks: { disk: { ok: true } } } });
    });
  });

  it('is 503 from the moment that the server is to stop, which goes on to answer', async () => {
    await withWorld({}, async (world) => {
      await addChampion(world);
      world.server.drain();
      expect(await ask(world, routes.ready)).toMatchObject({ status: 503, json: { status: 'stopping' } });
      const runs = await ask(world, routes.runs);
      expect({ status: runs.status, connection: runs.headers.connection }).toEqual({
        status: 200,
        connection: 'close',
      });
      expect(await ask(world, routes.live)).toMatchObject({ status: 200 });
    });
  });
});
