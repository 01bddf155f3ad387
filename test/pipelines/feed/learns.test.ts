import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Pipeline } from '#engine';
import { listDatasets } from '#ml';
import {
  arrivingContract,
  feedPipeline,
  feedRegistry,
  feedTasks,
  ingestPipeline,
  ingestRegistry,
  ingestTasks,
  labelsPipeline,
  labelsRegistry,
  labelsTasks,
  trainPipeline,
  trainRegistry,
  trainTasks,
} from '#pipelines';
import titanic from '../../../examples/titanic/project.ts';
import { lightgbmForTests } from '../../ml/lightgbm/lightgbm-for-tests.ts';
import { createWorld, runOnce, type World } from '../world.ts';

const MINUTE_MS = 60_000;
const START_MS = Date.UTC(2026, 0, 1);
/** As config/dev.yaml has it. */
const [FILES, LABELS_AFTER_MINUTES, TRAINING_MINUTES, MINUTES] = [100, 3, 10, 12];
/** Long after anything was written, so that no file is young. */
const LATER = { now: () => Date.now() + MINUTE_MS, sleep: async () => undefined };
const projectFolder = fileURLToPath(new URL('../../../examples/titanic', import.meta.url));

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world?.close());

/** The pipelines of the example over a clock that the test sets. */
function build(now: () => Date) {
  const { database, artifacts, duckdb, folders, folder } = world;
  const { contract, name: model } = titanic;
  const base = { model, database, duckdb, folders, alertChannels: [] };
  const feed = {
    ...{ contract, file: path.join(folder, 'passengers.csv'), files: FILES, corruptFiles: 0.4, corruptRows: 0.2 },
    ...{ backlogMax: 20, partsFolder: path.join(folder, 'feed'), rawFolder: folders.raw, labelsFolder: folders.labels },
    ...{ labelsAfterMinutes: LABELS_AFTER_MINUTES, duckdb },
    example: { stateFolder: folder, projectFolder, training: titanic.training },
  };
  const ingest = { ...base, contract: arrivingContract(contract), reportUrl: (id: string) => `http://a/${id}` };
  const labels = { ...base, contract, runUrl: (id: string) => `http://a/${id}` };
  const train = {
    ...{ project: titanic, projectFolder, goodFolder: folders.good, connections: () => database, database },
    ...{
      artifacts,
      duckdb,
      testShare: 0.25,
      seed: 1912,
      tolerance: 0.01,
      lightgbm: lightgbmForTests,
      parts: 1,
      address: '127.0.0.1',
    },
  };
  const tasks = {
    ...{ feed: feedTasks(feed), ingest: ingestTasks(ingest), labels: labelsTasks(labels), train: trainTasks(train) },
  };
  const atTime = (pipeline: Pipeline): Pipeline => ({
    ...pipeline,
    plan: (request) => pipeline.plan({ ...request, at: now() }),
  });
  const engine = world.engine({
    tasks: [
      ...feedRegistry(tasks.feed),
      ...ingestRegistry(tasks.ingest),
      ...labelsRegistry(tasks.labels),
      ...trainRegistry(tasks.train),
    ],
    pipelines: [
      feedPipeline(feed, tasks.feed),
      ingestPipeline(ingest, tasks.ingest, LATER),
      labelsPipeline(labels, tasks.labels, LATER),
      trainPipeline(train, tasks.train),
    ].map(atTime),
  });
  return (pipeline: string) => runOnce(engine, database, pipeline);
}

describe('the Titanic example', () => {
  it('has learnt after twelve minutes from people who arrived in them, and whose fate came later', async () => {
    let minute = 0;
    const run = build(() => new Date(START_MS + minute * MINUTE_MS));
    await titanic.prepare?.({ connection: () => world.database, stateFolder: world.folder, projectFolder });
    expect(await run('train')).toMatchObject({ state: 'succeeded' });
    for (minute = 1; minute <= MINUTES; minute += 1) {
      expect(await run('feed')).toMatchObject({ state: 'succeeded' });
      expect(await run('ingest')).toMatchObject({ state: 'succeeded' });
      const { state } = await run('labels');
      expect(state, `labels in minute ${minute}`).toBe(minute > LABELS_AFTER_MINUTES ? 'succeeded' : 'skipped');
      if (minute === TRAINING_MINUTES) expect(await run('train')).toMatchObject({ state: 'succeeded' });
    }

    const [newest, first] = await listDatasets(world.database, { model: titanic.name, limit: 10 });
    expect(first).toMatchObject({ version: 1, rows: 2201, parts: [{ kind: 'sql' }, { kind: 'good-data', rows: 0 }] });
    expect(newest).toMatchObject({ version: 2, trained: [2], removed: 0 });
    expect(newest?.added).toBeGreaterThan(0);
    expect(newest?.parts[1]).toMatchObject({ kind: 'good-data', rows: newest?.added });
    const [{ atMost = 0 } = {}] = await world.database.query<{ atMost: number }>(
      `select count(distinct row_id)::integer as "atMost" from labels where row_id::integer > 10000`,
    );
    expect(newest?.added).toBeLessThanOrEqual(atMost);
  });
});
