import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { routes } from '#api';
import { storeLabels } from '#ml';
import { lastDays } from '../../src/server/civil-time.ts';
import { ask, createWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

describe('the last days', () => {
  it('end with the present one, as the time zone has it', () => {
    const now = new Date('2026-03-01T02:00:00Z');
    expect(lastDays(3, { timeZone: 'UTC', now })).toEqual(['2026-02-27', '2026-02-28', '2026-03-01']);
    expect(lastDays(2, { timeZone: 'America/New_York', now })).toEqual(['2026-02-27', '2026-02-28']);
  });
});

describe('the performance of a model', () => {
  it('has one entry for each day, and counts what was predicted since the first one', async () => {
    await world.database.query(
      `insert into predictions (at, model, model_version, source, features, prediction, row_number, row_id)
       select now() - days * interval '1 day', 'parcels', 1, 'api', '{}', '"kept"', 0, days::text
         from (values (0), (3), (40)) as given (days)`,
    );
    const labels = [{ rowId: '3', value: 'broken' }];
    await storeLabels(world.database, { model: 'parcels', source: 'api', labels });
    const query = { days: '7', timezone: 'Pacific/Apia' };
    const { status, json } = await ask(world, routes.performance, { query });
    expect({ status, ...json }).toMatchObject({ status: 200, model: 'parcels', timezone: 'Pacific/Apia' });
    expect(json.days).toHaveLength(7);
    expect(json.total).toMatchObject({ predictions: 2, labelled: 1, metrics: { accuracy: { value: 0 } } });
    const dated = json.days.filter(({ predictions }: { predictions: number }) => predictions > 0);
    expect(dated).toHaveLength(2);
  });

  it('says how soon labels come, and how each version does', async () => {
    await world.database.query(
      `insert into labels (model, row_id, value, observed_at, received_at, source)
       select 'parcels', '40', '"kept"', at, at + interval '3 days', 'api' from predictions where row_id = '40'`,
    );
    const { json } = await ask(world, routes.performance, { query: {} });
    // The prediction of three days ago is younger than its label's delay: it was seen without one so far.
    expect(json.maturity.horizons).toMatchObject([
      ...[60, 360, 1440, 2880].map((afterMinutes) => ({ afterMinutes, share: 0, atRisk: 2 })),
      ...[10_080, 43_200].map((afterMinutes) => ({ afterMinutes, share: 1, atRisk: 0 })),
    ]);
    expect(json.versions).toMatchObject([{ version: 1, predictions: 2, labelled: 1 }]);
    expect(json.labelsMin).toBe(30);
  });

  it('is of one version where it is asked for', async () => {
    const { json } = await ask(world, routes.performance, { query: { version: '2' } });
    expect(json.total).toEqual({ predictions: 0, labelled: 0, metrics: {} });
  });

  it.each([
    ['a zone that does not exist', { timezone: 'Mars/Olympus' }, 'timezone_unknown'],
    ['too many days', { days: '91' }, 'request_invalid'],
  ])('is refused for %s', async (_, query, code) => {
    const { status, json } = await ask(world, routes.performance, { query: query as Record<string, string> });
    expect({ status, code: json.code }).toEqual({ status: code === 'request_invalid' ? 400 : 422, code });
  });
});
