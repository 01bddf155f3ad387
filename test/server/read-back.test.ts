import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportPath } from '#api';
import { storeLabels } from '#ml';
import { openDuckdbPool } from '#store';

import { createWorld, type World } from './world.ts';

let world: World;
let url: string;
let folder: string;
const duckdb = openDuckdbPool({ size: 1 });
const FEATURES = [
  { weight: 2.5, size: 'small', fragile: true, note: '=1+1' },
  { weight: -1, size: 'large', fragile: null, note: 'a "b",\nc' },
  { weight: 'heavy', size: null },
];

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'weir-read-back-'));
  world = await createWorld({
    duckdb,
    files: {
      receive: () => Promise.reject(new Error('Not here.')),
      list: async () => ({ files: [], count: 0 }),
      open: () => Promise.reject(new Error('Not here.')),
      ofCheck: async () => ({ runId: null, parts: [] }),
      ofRequest: async ({ request }) => (request === 'scheduled x 0+2' ? { file: 'a.csv', runId: '7' } : undefined),
    },
  });
  ({ url } = await world.server.listen({ port: 0 }));
  for (const [index, features] of FEATURES.entries())
    await world.database.query(
      `insert into predictions (at, model, model_version, source, features, prediction, probability, row_number, row_id, request, probabilities)
       values ($1, 'parcels', 1, 'scheduled', $2, $3, 0.75, $4, $5, 'scheduled x 0+2', '{"kept": 0.75, "broken": 0.25}')`,
      [
        `2026-05-0${index + 1}T10:00:00Z`,
        JSON.stringify(features),
        index === 0 ? '"kept"' : '"broken"',
        index,
        String(index),
      ],
    );
  for (const value of ['broken', 'kept'])
    await storeLabels(world.database, {
      model: 'parcels',
      source: 'api',
      labels: [{ rowId: '0', value, observedAt: new Date(value === 'kept' ? '2026-06-02Z' : '2026-06-01Z') }],
    });
});
afterAll(async () => {
  await world.close();
  await duckdb.close();
  await rm(folder, { recursive: true });
});

describe('one prediction', () => {
  const one = async (id: string) => {
    const answer = await fetch(`${url}/api/past-predictions/${id}`);
    // The answer is compared by what it says.
    return { status: answer.status, json: (await answer.json()) as { code?: string } };
  };

  it('has everything that is known of it: features, request, all labels, and where its row came from', async () => {
    const { status, json } = await one('1');
    expect(status).toBe(200);
    expect(json).toMatchObject({
      ...{ predictionId: '1', modelVersion: 'parcels@1', features: FEATURES[0], prediction: 'kept' },
      probabilities: { kept: 0.75, broken: 0.25 },
      ...{ request: 'scheduled x 0+2', rowNumber: 0, rowId: '0', actual: 'kept', isCorrect: true },
      labels: [{ value: 'kept', source: 'api' }, { value: 'broken' }],
      origin: { file: 'a.csv', runId: '7' },
    });
  });

  it.each([
    ['999', 404, 'prediction_unknown'],
    ['abc', 400, 'request_invalid'],
  ])('is refused when there is none: %s', async (id, expected, code) => {
    const { status, json } = await one(id);
    expect({ status, code: json.code }).toEqual({ status: expected, code });
  });

  it('is looked up in the indexes of all partitions', async () => {
    const plan = await world.database.transaction(async (tx) => {
      await tx.query('set local enable_seqscan = off');
      return tx.query<{ 'QUERY PLAN': string }>('explain select * from predictions where id = 1 limit 1');
    });
    const text = plan.map((line) => line['QUERY PLAN']).join('\n');
    expect(text).toMatch(/Index Scan using predictions_\w*pkey/);
    expect(text).not.toContain('Seq Scan');
  });
});

describe('an export of past predictions', () => {
  const csv = async (query = ''): Promise<string> =>
    (await fetch(`${url}${exportPath('csv')}?sort=made${query}`)).text();

  it('has a column for each feature, with the label that counts, and nothing that a spreadsheet runs', async () => {
    const [header, first, ...others] = (await csv()).split('\n');
    expect(header).toBe(
      'prediction_id,at,source,model_version,row_id,row_time,request,prediction,probability,probabilities,actual,observed_at,coerced,feature.weight,feature.size,feature.fragile,feature.note',
    );
    expect(first).toBe(
      `1,2026-05-01T10:00:00.000000Z,scheduled,parcels@1,0,,scheduled x 0+2,kept,0.75,"{""kept"": 0.75, ""broken"": 0.25}",kept,2026-06-02T00:00:00.000000Z,,2.5,small,true,'=1+1`,
    );
    expect(others.join('\n')).toContain('-1,large,,"a ""b"",\nc"');
  });

  it('has what the filter finds, values with quotes and placeholders included', async () => {
    expect((await csv('&feature.size=small')).trimEnd().split('\n')).toHaveLength(2);
    expect((await csv('&prediction=broken&from=2026-05-03&timezone=Europe/Paris')).trimEnd().split('\n')).toHaveLength(
      2,
    );
    expect((await csv(`&feature.note=${encodeURIComponent("'$1' or true --")}`)).trimEnd().split('\n')).toHaveLength(1);
  });

  it('is typed as Parquet, where a value of another kind is empty', async () => {
    const answer = await fetch(`${url}${exportPath('parquet')}?sort=made`);
    expect(answer.headers.get('content-type')).toBe('application/vnd.apache.parquet');
    const file = path.join(folder, 'export.parquet');
    await writeFile(file, Buffer.from(await answer.arrayBuffer()));
    const rows = await duckdb.use((connection) =>
      connection.all(
        `select prediction_id, "feature.weight", "feature.fragile", "feature.note", typeof("feature.weight") as type from '${file}'`,
      ),
    );
    expect(rows).toMatchObject([
      { prediction_id: 1, 'feature.weight': 2.5, 'feature.fragile': true, 'feature.note': '=1+1', type: 'DOUBLE' },
      { prediction_id: 2, 'feature.weight': -1, 'feature.fragile': null, 'feature.note': 'a "b",\nc' },
      { prediction_id: 3, 'feature.weight': null, 'feature.note': null },
    ]);
  });

  it('is refused for what a list refuses', async () => {
    for (const query of ['feature.wieght=1', 'limit=5', 'from=yesterday'])
      expect([query, (await fetch(`${url}${exportPath('csv')}?${query}`)).status]).toEqual([query, 400]);
  });

  it('waits for its reader, and ends the connection when it cannot go on, so that a part is not taken for the whole', async () => {
    await world.database.query(
      `insert into predictions (model, model_version, source, features, prediction, row_number)
       select 'long', 1, 'api', jsonb_build_object('note', repeat(md5(n::text), 1000)), '"kept"', 0
         from generate_series(1, 1500) as n`,
    );
    const answer = await fetch(`${url}${exportPath('csv')}`);
    expect(answer.status).toBe(200);
    const reader = answer.body!.getReader();
    await reader.read();
    // It still copies: 48 MB wait for a reader that does not read.
    const ended = await world.database.query<{ ended: boolean }>(
      `select pg_terminate_backend(pid) as ended from pg_stat_activity where datname = current_database() and query like 'copy (%' and state = 'active'`,
    );
    expect(ended).toEqual([{ ended: true }]);
    const readAll = async (): Promise<void> => {
      while (!(await reader.read()).done);
    };
    await expect(readAll()).rejects.toThrow();
    await world.database.query("delete from predictions where model = 'long'");
  });
});
