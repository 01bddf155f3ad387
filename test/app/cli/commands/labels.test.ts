import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '#store';
import { createTestDatabase } from '../../../postgres/create-test-database.ts';
import { type Ended, runWeir } from './run-weir.ts';

const PROJECT = `
import { category, defineContract, defineProject, fromFiles, integer, knn, number } from 'weir';

export default defineProject({
  name: 'parcels',
  title: 'Parcels',
  contract: defineContract({
    name: 'parcels',
    columns: {
      number: integer({ role: 'id', unique: true, label: 'Parcel' }),
      weight: number({ min: 0 }),
      outcome: category(['light', 'heavy'], { role: 'label' }),
    },
  }),
  estimator: knn({ k: 3 }),
  training: fromFiles('parcels.csv'),
});
`;

let folder: string;
let database: Database;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'weir-labels-test-'));
  await writeFile(path.join(folder, 'project.ts'), PROJECT);
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true });
});
beforeEach(() => database.query('truncate labels, predictions'));

const weir = (...args: readonly string[]): Promise<Ended> => runWeir(args, folder, { DATABASE_URL: database.url });
const labels = async (content: string, ...args: readonly string[]): Promise<Ended> => {
  await writeFile(path.join(folder, 'truth.csv'), content);
  return weir('labels', 'truth.csv', ...args);
};
const stored = () =>
  database.query('select row_id as id, value, observed_at as at, source from labels order by row_id, id');

describe('weir labels', () => {
  it('stores a file once, and says what it corrected', async () => {
    const file = 'Parcel;colour;OUTCOME;Observed at\n07;red;light;2026-01-01T00:00:00Z\n8;;heavy;\n';
    expect(await labels(file)).toMatchObject({ code: 0, out: 'truth.csv: 2 added, 0 corrected, 0 unchanged\n' });
    expect(await labels(file)).toMatchObject({ code: 0, out: 'truth.csv: 0 added, 0 corrected, 2 unchanged\n' });
    expect((await labels('row_id\tvalue\n7\theavy\n')).out).toBe('truth.csv: 0 added, 1 corrected, 0 unchanged\n');
    expect(await stored()).toMatchObject([
      { id: '7', value: 'light', at: new Date('2026-01-01T00:00:00Z'), source: 'cli' },
      { id: '7', value: 'heavy' },
      { id: '8', value: 'heavy' },
    ]);
  });

  it('lists bad lines with their reasons and stores nothing, unless they are to be skipped', async () => {
    const file = 'number,outcome\n1,light\n2,lost\nx,light\n3,heavy,1\n';
    const refused = await labels(file);
    expect(refused.code).toBe(1);
    expect(refused.out).toMatch(/^truth.csv: 3 bad lines, so nothing is stored\. .*--skip-bad\.\n/);
    expect(refused.out).toMatch(/^ {2}line 3: .*outcome.*\n {2}line 4: .*number.*\n {2}line 5: .*\n$/m);
    expect(await stored()).toEqual([]);
    const skipped = await labels(file, '--skip-bad');
    expect(skipped).toMatchObject({
      code: 0,
      out: expect.stringContaining('1 added, 0 corrected, 0 unchanged, 3 bad'),
    });
    expect(await stored()).toMatchObject([{ id: '1', value: 'light' }]);
  });

  it('stores labels by prediction, all of them or none when one does not exist', async () => {
    const [prediction] = await database.query<{ id: string }>(
      `insert into predictions (model, model_version, source, features, prediction, row_number, row_id)
       values ('parcels', 1, 'api', '{}', '"light"', 0, '7') returning id::text`,
    );
    const file = `prediction_id,number,outcome\n${prediction?.id},,heavy\n999999,,light\n`;
    expect(await labels(file)).toMatchObject({
      code: 1,
      out: expect.stringContaining('there is no prediction 999999'),
    });
    expect(await stored()).toEqual([]);
    const { code, out } = await labels(file, '--skip-bad', '--json');
    expect({ code, ...JSON.parse(out) }).toMatchObject({ code: 0, added: 1, bad: 1, unknownPredictions: ['999999'] });
    expect(await stored()).toMatchObject([{ id: '7', value: 'heavy' }]);
  });

  it('says which columns it expects of a file that lacks them', async () => {
    const { code, out } = await labels('a,b\n1,2\n');
    expect(code).toBe(1);
    expect(out).toContain('column number is missing');
    expect(out).toContain('Expected the columns number (or row_id, or prediction_id), outcome (or value)');
  });
});
