import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { promote } from '#ml';
import { saveWindow } from '#monitor';
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
  folder = await mkdtemp(path.join(tmpdir(), 'weir-drift-'));
  const state = path.join(folder, '.weir');
  await mkdir(state);
  await writeFile(path.join(folder, 'project.ts'), PROJECT);
  // As a Weir that runs over the project notes it.
  await writeServerFile(state, { url: 'http://127.0.0.1:9', databaseUrl: database.url });
  const artifacts = await fsArtifacts({ folder: path.join(state, 'artifacts') });
  await addModel({ database, artifacts });
  await promote(database, { model: 'parcels', version: 1, alias: 'champion', actor: 'ann', reason: 'first' });
});
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

const weir = (...args: readonly string[]): Promise<Ended> => runWeir(args, folder);

describe('weir drift', () => {
  it('says what has not been judged yet, and refuses a version that does not exist', async () => {
    expect((await weir('drift')).out).toContain('No window of rows that arrive has been judged for parcels@1 yet');
    const { code, err } = await weir('drift', '9');
    expect(code).not.toBe(0);
    expect(err).toContain('There is no model version parcels@9');
  });

  it('shows the newest window of each stream with its comparisons', async () => {
    await saveWindow(database, {
      ...{
        model: 'parcels',
        version: 1,
        stream: 'data',
        status: 'judged',
        rows: 120,
        runId: '1',
        unjudged: [],
        files: [],
      },
      ...{ from: new Date(0), to: new Date(3_600_000), sentence: 'Drift in 1 of 1.', sustained: { k: 2, n: 3 } },
      scores: [
        {
          ...{ subject: 'feature', column: 'weight', kind: 'distribution', test: 'kolmogorov-smirnov' },
          ...{ rows: { reference: 700, current: 120 }, effect: 0.4, effectMin: 0.1, pValue: 0.00012, pValueMax: 0.05 },
          ...{ threshold: 0.15, stabilityIndex: 0.3, stabilityThreshold: 0.1, importance: 0.75 },
          ...{ verdict: 'drifted', driftedWindows: 2, isSustained: true, bins: [], examples: [] },
        },
      ],
    });
    const { code, out } = await weir('drift', '1');
    expect(code).toBe(0);
    expect(out).toContain(
      'Arriving rows: Drift in 1 of 1.\n  1970-01-01T00:00:00.000Z to 1970-01-01T01:00:00.000Z, 120 rows\n',
    );
    expect(out).toMatch(/^ {2}weight +distribution +DRIFTED +40\.0 % +15\.0 % +0\.00012 +2 of 3 +75\.0 %$/m);
    const { streams } = JSON.parse((await weir('drift', '--json')).out);
    expect(streams[0].latest.columns[0].scores[0].effect).toBe(0.4);
  });
});
