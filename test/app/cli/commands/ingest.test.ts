import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '#store';
import { createTestDatabase } from '../../../postgres/create-test-database.ts';
import { PARCELS_PROJECT } from './parcels-project.ts';
import { type Ended, runWeir } from './run-weir.ts';

const GOOD = 'number,weight,outcome\n1,2.5,light\n2,80,heavy\n';

let folder: string;
let database: Database;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'weir-ingest-test-'));
  await writeFile(path.join(folder, 'project.ts'), PARCELS_PROJECT);
  await mkdir(path.join(folder, 'own'));
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true });
});
beforeEach(async () => {
  for (const name of ['raw-data', 'good-data', 'bad-data'])
    await rm(path.join(folder, name), { recursive: true, force: true });
});

const weir = (...args: readonly string[]): Promise<Ended> =>
  runWeir(args, folder, { DATABASE_URL: database.url, WEIR_ENGINE__EXECUTOR: 'inline' });

describe('weir ingest', () => {
  it('ingests the very file, says where its rows are, and leaves the user’s own file', async () => {
    const own = path.join(folder, 'own', 'parcels.csv');
    await writeFile(own, GOOD);
    await mkdir(path.join(folder, 'raw-data'));
    await writeFile(path.join(folder, 'raw-data', 'other.csv'), GOOD);
    const { code, out } = await weir('ingest', 'own/parcels.csv', '--json');
    const { file, check, places, run } = JSON.parse(out);
    expect({ code, file, verdict: check.verdict, rows: check.rows, state: run.state }).toEqual({
      ...{ code: 0, file: 'parcels.csv', verdict: 'pass', state: 'succeeded' },
      rows: { in: 2, good: 2, bad: 0, rejected: 0 },
    });
    expect(Object.keys(places)).toEqual(['good']);
    expect(await readFile(places.good, 'utf8')).toBe(GOOD);
    expect(await readFile(own, 'utf8')).toBe(GOOD);
    expect(await readdir(path.join(folder, 'raw-data'))).toEqual(['other.csv']);
  });

  it('ends with exit code 1 when rows are bad, and names the files that hold them', async () => {
    await writeFile(path.join(folder, 'own', 'bad.csv'), `${GOOD}3,-1,light\n4,1\n`);
    const { code, out } = await weir('ingest', 'own/bad.csv');
    expect(code).toBe(1);
    const [head = '', ...lines] = out.split('\n');
    expect(head).toMatch(/^bad\.csv: fail, /);
    const parts = lines.flatMap((line) => {
      const [, part, count, place] = /^ {2}(good|bad|rejected) +(\d+) {2}(\S+)$/.exec(line) ?? [];
      return part === undefined ? [] : [[part, count, path.relative(folder, place ?? '').split(path.sep)[0]]];
    });
    expect(parts).toEqual([
      ['good', '2', 'good-data'],
      ['bad', '1', 'bad-data'],
      ['rejected', '1', 'bad-data'],
    ]);
  });

  it('takes a file that is in raw-data already, without a copy', async () => {
    await mkdir(path.join(folder, 'raw-data'));
    await writeFile(path.join(folder, 'raw-data', 'here.csv'), GOOD);
    expect(await weir('ingest', 'raw-data/here.csv')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^here\.csv: pass/),
    });
    expect(await readdir(path.join(folder, 'raw-data'))).toEqual([]);
  });

  it('refuses a file that does not exist', async () => {
    expect(await weir('ingest', 'none.csv')).toMatchObject({
      code: 64,
      err: expect.stringMatching(/Expected a file at .*none\.csv/),
    });
  });
});
