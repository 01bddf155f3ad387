import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
      id: integer({ role: 'id', unique: true }),
      weight: number({ min: 0 }),
      outcome: category(['light', 'heavy'], { role: 'label' }),
    },
  }),
  estimator: knn({ k: 3 }),
  training: fromFiles('parcels.csv'),
});
`;
const line = (id: number): string => `${id},${id % 100},${id % 100 < 50 ? 'light' : 'heavy'}\n`;
const lines = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, index) => line(from + index)).join('');

let folder: string;
let database: Database;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'weir-datasets-'));
  await writeFile(path.join(folder, 'project.ts'), PROJECT);
  await writeFile(path.join(folder, 'parcels.csv'), `id,weight,outcome\n${lines(1, 200)}`);
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true });
});

const weir = (...args: readonly string[]): Promise<Ended> => runWeir(args, folder, { DATABASE_URL: database.url });

describe('weir datasets', () => {
  it('lists, describes, compares and fetches what models were trained on', async () => {
    expect((await weir('datasets')).out).toContain('`weir run train` collects one');
    expect(await weir('run', 'train')).toMatchObject({ code: 0 });
    await appendFile(path.join(folder, 'parcels.csv'), lines(201, 240));
    expect(await weir('run', 'train')).toMatchObject({ code: 0 });

    const listed = (await weir('datasets')).out.trimEnd().split('\n');
    expect(listed[0]).toMatch(/^ +2 {2}\S+Z {2}240 rows \(40 new\), run \d+, model 2$/);
    expect(listed[1]).toMatch(/^ +1 {2}\S+Z {2}200 rows \(200 new\), run \d+, model 1$/);

    const shown = await weir('datasets', 'show', '2');
    expect(shown.out).toContain('240 rows of parcels.csv (1 file)');
    expect(shown.out).toMatch(/^ {2}weight +number +0\.0 % +100 +0 to 99/m);

    const compared = await weir('datasets', 'compare', '1', '2');
    expect(compared.out).toContain('Dataset 2 against 1: 40 rows new, 0 gone, 0 changed');
    expect(JSON.parse((await weir('datasets', 'compare', '2', '1', '--json')).out)).toMatchObject({
      ...{ added: 0, removed: 40, changed: 0 },
    });

    const out = path.join(folder, 'fetched.csv');
    expect((await weir('datasets', 'fetch', '1', '--out', out)).code).toBe(0);
    const fetched = (await readFile(out, 'utf8')).trimEnd().split('\n');
    expect(fetched[0]).toBe('id,weight,outcome');
    expect(fetched.slice(1).toSorted()).toEqual(lines(1, 200).trimEnd().split('\n').toSorted());
  });

  it('says which versions there are when one is not', async () => {
    expect(await weir('datasets', 'show', '9')).toMatchObject({
      code: 64,
      err: expect.stringContaining('There is no dataset version 9 of parcels. The newest is 2.'),
    });
  });
});
