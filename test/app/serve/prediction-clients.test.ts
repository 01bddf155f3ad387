import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PredictionClient } from '#pipelines';
import { httpPredictionClient } from '../../../src/app/serve/http-prediction-client.ts';
import { localPredictionClient } from '../../../src/app/serve/local-prediction-client.ts';
import { parcels } from '../../server/parcels.ts';
import { addModel, createWorld, type World } from '../../server/world.ts';

type Request = Parameters<PredictionClient['predict']>[0];

const CLIENTS = ['in this process', 'over HTTP'] as const;
type Name = (typeof CLIENTS)[number];

let world: World;
let version: number;
let clients: Readonly<Record<Name, PredictionClient>>;
beforeAll(async () => {
  world = await createWorld();
  version = await addModel(world);
  const { url } = await world.server.listen({ port: 0 });
  clients = {
    'in this process': localPredictionClient({ ...world, model: 'parcels', contract: parcels }),
    'over HTTP': httpPredictionClient({ apiUrl: url, apiKey: '' }),
  };
});
afterAll(() => world.close());
beforeEach(async () => {
  await world.database.query('truncate predictions, prediction_requests');
});

const rows = Array.from({ length: 30 }, (_, index) => ({ weight: index, size: 'small', fragile: null, note: 'a, b' }));

const request = (given: Partial<Request> = {}): Request => ({
  ...{ rows, version, idempotencyKey: 'scheduled 0+30', signal: new AbortController().signal },
  ...given,
});

/** What the database has of predictions and of their requests, but for the numbers and times it gives them. */
async function stored(): Promise<unknown> {
  const tables = ['predictions', 'prediction_requests'];
  const found = await Promise.all(
    tables.map((table) =>
      world.database.query(`select to_jsonb(t) - '{id,at,created_at,hour,latency_ms}'::text[] as row from ${table} t`),
    ),
  );
  return found.map((list) => list.map(({ row }) => JSON.stringify(row)).sort());
}

describe('scheduled predictions, in this process and over HTTP', () => {
  it('store the same, once for each idempotency key', async () => {
    const found = [];
    for (const name of CLIENTS) {
      await world.database.query('truncate predictions, prediction_requests');
      for (const _ of [1, 2]) expect(await clients[name].predict(request())).toEqual({ kind: 'stored' });
      found.push(await stored());
    }
    expect(found[0]).toEqual(found[1]);
    expect(await world.database.query('select count(*)::int as count from predictions')).toEqual([{ count: 30 }]);
  });

  it('find what the other way has stored under the same key', async () => {
    await clients['over HTTP'].predict(request());
    await clients['in this process'].predict(request());
    expect(await world.database.query('select count(*)::int as count from predictions')).toEqual([{ count: 30 }]);
  });

  it.each([
    ['rows that break the contract', { rows: [...rows, { weight: 99, size: 'huge', fragile: null, note: null }] }],
    ['a field that the contract does not have', { rows: [{ ...rows[0], colour: 'red' }] }],
    ['no rows', { rows: [] }],
  ])('refuse %s for the same reason, and store nothing', async (_, given) => {
    const [here, there] = await answers(given as Partial<Request>);
    expect(here).toMatchObject({ kind: 'refused', reason: expect.stringContaining('rows_invalid') });
    expect(here).toEqual(there);
    expect(await stored()).toEqual([[], []]);
  });

  it('refuse other rows under a key that was used', async () => {
    await clients['in this process'].predict(request());
    const [here, there] = await answers({ rows: rows.slice(1) });
    expect(here).toMatchObject({ kind: 'conflict' });
    expect(here).toEqual(there);
  });

  it('throw an error that is retried when the model version is not there', async () => {
    for (const name of CLIENTS) {
      const answer = clients[name].predict(request({ version: 99 }));
      await expect(answer).rejects.toMatchObject({
        retryClass: 'infrastructure',
        message: expect.stringContaining('model_unknown'),
      });
    }
  });
});

const answers = (given: Partial<Request>) => Promise.all(CLIENTS.map((name) => clients[name].predict(request(given))));
