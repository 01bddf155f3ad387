import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type CheckResult, defineContract, keysIn } from '#contracts';
import { blob, defineTask } from '#engine';
import { ingestPipeline, ingestRegistry, ingestTasks } from '#pipelines';
import { createRegistry } from '../../../src/engine/define/registry.ts';
import { createWorld, csv, GOOD, parcels, runOnce, type World } from '../world.ts';

/** Long after anything was written, so that no file is young. */
const LATER = { now: () => Date.now() + 60_000, sleep: async () => undefined };

describe('ingest of a contract that names another dataset', () => {
  let world: World;
  /** What the other dataset holds; each content is a version of its own. */
  let labels: string;
  beforeAll(async () => {
    world = await createWorld();
  });
  afterAll(() => world?.close());
  beforeEach(() => world.clear());

  const contract = defineContract({
    ...parcels,
    expectations: [keysIn('id', { dataset: 'labels', columnsThere: 'parcel' })],
  });

  function build(output = 'accepted') {
    const { database, duckdb, folders } = world;
    const acceptLabels = defineTask({
      name: 'accept-labels',
      version: '1',
      params: z.object({ content: z.string() }),
      outputs: { accepted: blob() },
      run: async ({ params, blob: store }) => ({ accepted: await store(Buffer.from(params.content)) }),
    });
    const options = {
      ...{ model: 'parcels', contract, duckdb, database, folders, alertChannels: [] },
      references: { labels: { goal: acceptLabels.goal({ content: labels }), output } },
      reportUrl: (id: string) => `http://127.0.0.1/reports/${id}`,
    };
    const tasks = ingestTasks(options);
    const engine = world.engine({
      tasks: createRegistry([...ingestRegistry(tasks), acceptLabels]).tasks,
      pipelines: [ingestPipeline(options, tasks, LATER)],
    });
    return () => runOnce(engine, database, { pipeline: 'ingest', params: {} });
  }

  const reads = () =>
    world.database.query<{ result: CheckResult }>(
      `select rows_good::int as good, rows_bad::int as bad from checks order by id`,
    );

  it('makes it first, reads it as an input, and says which version it was', async () => {
    labels = 'parcel\n1\n3\n';
    await world.put('raw', 'a.csv', csv(GOOD));
    expect(await build()()).toMatchObject({
      state: 'succeeded',
      tasks: { 'accept-labels': 'succeeded', 'validate-data': 'succeeded' },
    });
    expect(await reads()).toEqual([{ good: 2, bad: 1 }]);
  });

  it('checks the same file anew with another version, and not with the same', async () => {
    for (const [content, state] of [
      ['parcel\n1\n', 'succeeded'],
      ['parcel\n1\n', 'cached'],
      ['parcel\n1\n2\n3\n', 'succeeded'],
    ] as const) {
      labels = content;
      await world.put('raw', 'a.csv', csv(GOOD));
      expect(await build()()).toMatchObject({ state: 'succeeded', tasks: { 'validate-data': state } });
    }
    expect(await reads()).toEqual([
      { good: 1, bad: 2 },
      { good: 1, bad: 2 },
      { good: 3, bad: 0 },
    ]);
  });

  it('takes no row for known where nothing was accepted yet', async () => {
    labels = '';
    await world.put('raw', 'a.csv', csv(GOOD));
    expect(await build()()).toMatchObject({ state: 'succeeded' });
    expect(await reads()).toEqual([{ good: 0, bad: 3 }]);
  });

  it('fails in words where the goal has no such output', async () => {
    labels = 'parcel\n1\n';
    await world.put('raw', 'a.csv', csv(GOOD));
    expect(await build('good')()).toMatchObject({
      state: 'failed',
      reason: expect.stringContaining('expected one of blob(). Its outputs: accepted'),
    });
  });
});
