import { describe, expect, it } from 'vitest';
import { routes } from '#api';
import { connect, type Database } from '#store';
import { createTestDatabase } from '../postgres/create-test-database.ts';
import { parcel } from './parcels.ts';
import { ask, createWorld } from './world.ts';

/** A database that goes away when it is told to: from then on it is asked where no server listens. */
async function leavingDatabase(): Promise<{ readonly database: Database; leave(): void }> {
  const there = await createTestDatabase();
  const gone = connect({ url: 'postgres://weir@127.0.0.1:1/weir' });
  let current: Database = there;
  const database: Database = {
    ...there,
    query: (sql, values) => current.query(sql, values),
    transaction: (work, options) => current.transaction(work, options),
    close: async () => {
      await gone.close();
      await there.close();
    },
  };
  return {
    database,
    leave: () => {
      current = gone;
    },
  };
}

describe('while the database is away', () => {
  it('every question that needs it is told to come again in a second', async () => {
    const { database, leave } = await leavingDatabase();
    const world = await createWorld({ database });
    leave();
    const headers = { 'idempotency-key': 'key-1' };
    const questions = [
      ask(world, routes.predict, { body: parcel }),
      ask(world, routes.predict, { body: parcel, headers }),
      ask(world, routes.pastPredictions),
      ask(world, routes.runs),
      ask(world, routes.run, { params: { id: '1' } }),
      ask(world, routes.checks),
      ask(world, routes.models),
      ask(world, routes.alerts),
    ];
    for (const { status, json, headers: told } of await Promise.all(questions)) {
      expect({ status, code: json.code, retryAfter: told['retry-after'] }).toEqual({
        status: 503,
        code: 'database_unreachable',
        retryAfter: '1',
      });
    }
    expect(await ask(world, routes.health)).toMatchObject({ status: 503, json: { status: 'failing' } });
    await world.close();
  });
});
