import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { routes } from '#api';
import { RequestCounts } from '#monitor';
import { addChampion, ask, createWorld, parcel, type World } from './world.ts';

const requestCounts = new RequestCounts({ now: () => new Date('2026-03-01T10:00:00Z') });
let world: World;
beforeAll(async () => {
  world = await createWorld({ requestCounts });
  await addChampion(world);
});
afterAll(() => world.close());

describe('a server that counts its requests', () => {
  it('counts them by route and class of the status, and refused ones by the field of their rows', async () => {
    await ask(world, routes.predict, { body: parcel });
    await ask(world, routes.predict, {
      body: [parcel, { ...parcel, weight: 'heavy' }, { ...parcel, weight: 'light' }],
    });
    await ask(world, routes.predict, { body: [] });
    await world.server.inject({ url: '/api/runs/999999' });
    await world.server.inject({ url: '/nowhere' });
    await world.server.inject({ url: '/api/nowhere' });
    await requestCounts.flush(world.database);
    const requests = await world.database.query(
      "select route, status, sum(requests)::integer as requests from request_counts where width = '1 minute' group by 1, 2 order by 1, 2",
    );
    expect(requests).toEqual([
      { route: 'GET /api/runs/:id', status: '4xx', requests: 1 },
      { route: 'POST /api/predict', status: '2xx', requests: 1 },
      { route: 'POST /api/predict', status: '4xx', requests: 2 },
    ]);
    const fields = await world.database.query(
      "select field, requests::integer as requests from refused_fields where width = '1 minute' order by 1",
    );
    expect(fields).toEqual([
      { field: 'other', requests: 1 },
      { field: 'weight', requests: 1 },
    ]);
  });
});
