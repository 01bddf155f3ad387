import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { datasetRowsPath, routes } from '#api';
import { recordDataset } from '#ml';
import { ask, createWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const ROWS = 'id,weight,outcome\n1,2,kept\n';
const counts = { unlabelled: 1, replaced: 0, added: 1, removed: 0, changed: 0 };

describe('datasets', () => {
  it('are none before the first training', async () => {
    const { status, json } = await ask(world, routes.datasets);
    expect({ status, json }).toEqual({ status: 200, json: { model: 'parcels', versions: [] } });
  });

  it('are listed with what is new in them, and their rows are a file to keep', async () => {
    const { digest, sizeBytes } = await world.artifacts.put(Buffer.from(ROWS));
    const parts = [{ kind: 'files', description: 'history.csv', files: 1, rows: 1, bad: 0 }] as const;
    const dataset = { model: 'parcels', digest, sizeBytes, contract: 'c', rows: 1, ...counts, parts, runId: '7' };
    expect(await recordDataset(world.database, dataset)).toBe(1);
    expect(await recordDataset(world.database, { ...dataset, runId: '8' })).toBe(1);
    const { json } = await ask(world, routes.datasets);
    expect(json.versions).toMatchObject([{ version: 1, digest, rows: 1, ...counts, parts, runId: '7', trained: [] }]);
    const file = await world.server.inject({ url: datasetRowsPath(1) });
    expect(file.statusCode).toBe(200);
    expect(file.headers['content-disposition']).toBe('attachment; filename="parcels-dataset-1.csv"');
    expect(file.body).toBe(ROWS);
  });

  it('say so when there is no such version, and when its rows are gone', async () => {
    const unknown = await world.server.inject({ url: datasetRowsPath(9) });
    expect(unknown.statusCode).toBe(404);
    expect(unknown.json()).toMatchObject({ code: 'dataset_unknown' });
    const [{ digest = '' } = {}] = (await ask(world, routes.datasets)).json.versions;
    await world.artifacts.delete(digest);
    const gone = await world.server.inject({ url: datasetRowsPath(1) });
    expect(gone.statusCode).toBe(410);
    expect(gone.json()).toMatchObject({ code: 'dataset_missing' });
  });
});
