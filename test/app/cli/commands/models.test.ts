import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Database, fsArtifacts } from '#store';
import { writeServerFile } from '../../../../src/app/serve/server-file.ts';
import { createTestDatabase } from '../../../postgres/create-test-database.ts';
import { addModel } from '../../../server/world.ts';
import { type Ended, runWeir } from './run-weir.ts';

const PROJECT = `import { defineContract, defineProject, fromSql, integer, knn, number } from 'weir';
export default defineProject({
  name: 'parcels', title: 'Parcels', estimator: knn({ k: 3 }), training: fromSql({ connection: 'none', sql: 'none.sql' }),
  contract: defineContract({ name: 'parcels', columns: {
    id: integer({ role: 'id', unique: true }), weight: number(), price: number({ role: 'label' }),
  } }),
});`;

let database: Database;
let folder: string;
beforeAll(async () => {
  database = await createTestDatabase();
  folder = await mkdtemp(path.join(tmpdir(), 'weir-models-'));
  const state = path.join(folder, '.weir');
  await mkdir(state);
  await writeFile(path.join(folder, 'project.ts'), PROJECT);
  // As a Weir that runs over the project notes it.
  await writeServerFile(state, { url: 'http://127.0.0.1:9', databaseUrl: database.url });
  const artifacts = await fsArtifacts({ folder: path.join(state, 'artifacts') });
  for (const k of [3, 5]) await addModel({ database, artifacts }, { k });
});
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => database.query('truncate promotions'));

const weir = (...args: readonly string[]): Promise<Ended> => runWeir(args, folder);
const why = ['--by', 'ann', '--reason', 'it is better on new files'] as const;
const champion = async (): Promise<unknown> =>
  JSON.parse((await weir('models', '--json')).out).versions.find((version: { aliases: readonly string[] }) =>
    version.aliases.includes('champion'),
  )?.version;

describe('weir models', () => {
  it('lists versions with metrics and aliases, and promotions with who and why', async () => {
    await weir('models', 'promote', '1', ...why);
    const { code, out, err } = await weir('models');
    expect({ code, err: err.includes('✖') }).toEqual({ code: 0, err: false });
    const lines = out.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^ {2}parcels@2 {2}\S+ {2}knn {2}\w+ \d\.\d{4}/);
    expect(lines[1]).toMatch(/^ {2}parcels@1 .* champion$/);
    expect(lines[3]).toMatch(/ champion {2}none to 1, by ann: it is better on new files$/);
  });

  it('says how good the predictions of the last days were, and what is expected of those without a label', async () => {
    expect((await weir('models', 'performance')).out).toBe('parcels predicted nothing in the last 14 days\n');
    await database.query(
      `insert into predictions (model, model_version, source, features, prediction, row_number, row_id)
       select 'parcels', 1, 'api', '{}', '10', 0, row::text from generate_series(1, 40) as row`,
    );
    const bin = { absolute: 1, absoluteVariance: 0.1, square: 1, squareVariance: 0.1 };
    await database.query(
      "update model_versions set manifest = jsonb_set(manifest, '{evaluation,calibration}', $1) where version = 1",
      [JSON.stringify({ edges: [], bins: [bin] })],
    );
    await database.query(
      `insert into labels (model, row_id, value, observed_at, source) values ('parcels', '1', '7', now(), 'api')`,
    );
    const { code, out } = await weir('models', 'performance', '--days', '3');
    expect(code).toBe(0);
    expect(out).toMatch(
      /^ {2}all {2}40 predictions {2}1 with a label \(2\.5 %\) {2}rmse 3\.0000 {2}too few labels to judge by {2}estimated rmse 1\.0000 \(0\.\d+ to 1\.\d+\)$/m,
    );
    const { days, total } = JSON.parse((await weir('models', 'performance', '--json')).out);
    expect([days.length, total.labelled, total.estimate.predictions]).toEqual([14, 1, 40]);
    await database.query('truncate predictions, labels');
  });

  it('promotes a version, with exit code 1 when it is champion already', async () => {
    expect(await weir('models', 'promote', '1', ...why)).toMatchObject({ code: 0, out: 'parcels@1 is now champion\n' });
    const second = await weir('models', 'promote', '2', ...why);
    expect(second).toMatchObject({ code: 0, out: 'parcels@2 is now champion; before, it was parcels@1\n' });
    const again = await weir('models', 'promote', '2', ...why);
    expect(again).toMatchObject({ code: 1, out: 'parcels@2 is already champion\n' });
    expect(await champion()).toBe(2);
  });

  it('rolls back to the champion of before, and says when there is none', async () => {
    for (const version of ['1', '2']) await weir('models', 'promote', version, ...why);
    const back = await weir('models', 'rollback', ...why, '--json');
    expect(JSON.parse(back.out)).toMatchObject({ version: 1, previous: 2, actor: 'ann', reason: why[3] });
    expect(await champion()).toBe(1);
    await database.query('truncate promotions');
    expect(await weir('models', 'rollback', ...why)).toMatchObject({
      code: 1,
      err: expect.stringContaining('has nothing to roll back to'),
    });
  });

  it('names a challenger beside the champion', async () => {
    await weir('models', 'promote', '1', ...why);
    expect((await weir('models', 'challenge', '2', ...why)).out).toBe('parcels@2 is now challenger\n');
    expect((await weir('models')).out).toMatch(/parcels@2 .* challenger\n/);
    expect(await champion()).toBe(1);
  });

  it('prints the card of a version', async () => {
    const { code, out } = await weir('models', 'card', '2');
    expect({ code, out }).toEqual({
      code: 0,
      out: expect.stringMatching(/^# Model card: parcels\n[\s\S]*Trained on 40 rows/),
    });
  });

  it.each([
    [['promote', '9', ...why], 64, /no model version parcels@9/],
    [['card', '9'], 64, /no model version parcels@9/],
    [['promote', 'newest', ...why], 64, /Expected a whole number/],
    [['promote', '1'], 64, /--reason/],
  ] as const)('refuses %j', async (args, code, said) => {
    expect(await weir('models', ...args)).toMatchObject({ code, err: expect.stringMatching(said) });
  });
});
