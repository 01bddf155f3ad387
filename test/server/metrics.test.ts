import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { routes } from '#api';
import { METRICS } from '../../src/server/metrics/definitions.ts';
import { createMetrics } from '../../src/server/metrics/metrics.ts';
import { readDatabase } from '../../src/server/metrics/read-database.ts';
import { createTestDatabase } from '../postgres/create-test-database.ts';
import { type Family, parseExposition } from './exposition.ts';
import { addChampion, ask, createWorld, parcel, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld({
    measures: {
      slots: () => ({ size: 3, used: 2, waiting: 7 }),
      filesWaiting: async () => 4,
      artifactBytes: () => 1024,
    },
    disk: { freeBytes: async () => 2048, freeMinMb: 0 },
  });
  await addChampion(world);
});
afterAll(() => world.close());

async function scrape(server: World['server'], accept?: string) {
  const { body, headers } = await server.inject({ url: '/metrics', headers: accept === undefined ? {} : { accept } });
  return { body, type: headers['content-type'] };
}

const firstValue = (families: ReadonlyMap<string, Family>, name: string): number | undefined =>
  families.get(name)?.samples[0]?.value;

describe('metrics', () => {
  it('are text that a strict parser of the format of Prometheus accepts, with help and type of each', async () => {
    await ask(world, routes.predict, { body: parcel });
    const { body, type } = await scrape(world.server);
    expect(type).toBe('text/plain; version=0.0.4; charset=utf-8');
    const families = parseExposition(body, 'prometheus');
    for (const [name, { kind, help }] of Object.entries(METRICS))
      expect(families.get(name)).toMatchObject({ type: kind, help });
    expect(firstValue(families, 'weir_task_slots_waiting')).toBe(7);
    expect(firstValue(families, 'weir_files_waiting')).toBe(4);
    expect(firstValue(families, 'weir_disk_free_bytes')).toBe(2048);
    expect(firstValue(families, 'weir_champion_version')).toBe(1);
    expect(firstValue(families, 'weir_database_up')).toBe(1);
    expect(families.get('weir_predictions_total')?.samples[0]?.labels).toEqual({
      source: 'api',
      model_version: 'parcels@1',
    });
  });

  it('are OpenMetrics for a scraper that asks for it', async () => {
    const { body, type } = await scrape(
      world.server,
      'application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.2',
    );
    expect(type).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
    const families = parseExposition(body, 'openmetrics');
    expect(families.get('weir_predictions')?.samples[0]?.name).toBe('weir_predictions_total');
    // The next one may ask for the other format.
    expect(parseExposition((await scrape(world.server)).body, 'prometheus').has('weir_predictions_total')).toBe(true);
  });

  it('say that the database is away, and leave out what it feeds', async () => {
    const lost = await createWorld();
    await lost.database.close();
    const families = parseExposition((await scrape(lost.server)).body, 'prometheus');
    expect(firstValue(families, 'weir_database_up')).toBe(0);
    expect(firstValue(families, 'weir_alert_rules_firing')).toBeUndefined();
    await lost.server.close();
  });

  it('have so many model versions at most, then `other`', () => {
    const metrics = createMetrics();
    for (let version = 1; version <= 200; version += 1)
      metrics.add('weir_predictions_total', { source: 'api', model_version: `m@${version}` }, 1);
    return expect(metrics.registry.getSingleMetricAsString('weir_predictions_total')).resolves.toMatch(
      /^(?:.*\n){52}.*model_version="other"\} 150$/,
    );
  });
});

describe('counts from the database', () => {
  it('are of what ended in the period, by whatever process, and each is counted once', async () => {
    const database = await createTestDatabase();
    const hourAgo = new Date(Date.now() - 3_600_000);
    await database.query(`
      insert into runs (pipeline, state, trigger, started_at, ended_at)
      select 'train', state, 'manual', clock_timestamp() - interval '90 seconds', clock_timestamp() - interval '30 seconds'
        from unnest(array['succeeded', 'succeeded', 'failed']) as states (state)`);
    await database.query(`insert into runs (pipeline, state, trigger) values ('ingest', 'queued', 'manual')`);
    const found = await readDatabase(database, { model: 'parcels', since: hourAgo });
    const counters = new Map(found.counters);
    expect(counters.get('weir_runs_ended_total')).toEqual(
      expect.arrayContaining([
        [{ pipeline: 'train', state: 'succeeded' }, 2],
        [{ pipeline: 'train', state: 'failed' }, 1],
      ]),
    );
    expect(new Map(found.gauges).get('weir_runs')).toEqual([[{ pipeline: 'ingest', state: 'queued' }, 1]]);
    const next = await readDatabase(database, { model: 'parcels', since: found.until });
    expect(next.counters.flatMap(([, values]) => values)).toEqual([]);
    await database.close();
  });
});
