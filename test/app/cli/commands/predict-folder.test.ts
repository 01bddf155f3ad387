import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '#store';
import { createTestDatabase } from '../../../postgres/create-test-database.ts';
import { PARCELS_PROJECT } from './parcels-project.ts';
import { type Ended, runWeir } from './run-weir.ts';

const KNOWN = Array.from({ length: 60 }, (_, index) => `${index},${index},${index < 30 ? 'light' : 'heavy'}`);
const FILES = ['a.csv', 'b.csv', 'more/c.ndjson'];

let folder: string;
let database: Database;
const at = (name: string): string => path.join(folder, name);
const weir = (...args: readonly string[]): Promise<Ended> =>
  runWeir(args, folder, { DATABASE_URL: database.url, WEIR_ENGINE__EXECUTOR: 'inline' });
const predict = (...args: readonly string[]): Promise<Ended> => weir('predict', 'parts', '--out', at('out'), ...args);
const rowsFrom = (first: number, count: number) => Array.from({ length: count }, (_, index) => first + index);
const csv = (numbers: readonly number[]): string =>
  `number,weight\n${numbers.map((id) => `${id},${id % 60}\n`).join('')}`;
/** How often each row is stored. */
const stored = () =>
  database.query<{ rows: number; times: number }>(
    'select count(*)::int as rows, times::int from (select count(*) as times from predictions group by row_id) as row group by times',
  );
const jobs = async () =>
  (await database.query<{ count: number }>('select count(*)::int as count from prediction_jobs'))[0]?.count;
const manifest = async () => JSON.parse(await readFile(at('out/manifest.json'), 'utf8'));

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'weir-predict-folder-'));
  await writeFile(at('project.ts'), PARCELS_PROJECT);
  await writeFile(at('parcels.csv'), `number,weight,outcome\n${KNOWN.join('\n')}\n`);
  await mkdir(at('parts/more'), { recursive: true });
  await writeFile(at('parts/a.csv'), csv(rowsFrom(0, 1_200)));
  await writeFile(at('parts/b.csv'), csv(rowsFrom(2_000, 30)));
  const lines = rowsFrom(3_000, 20).map((number) => `${JSON.stringify({ number, weight: 50 })}\n`);
  await writeFile(at('parts/more/c.ndjson'), lines.join(''));
  database = await createTestDatabase();
  expect(await weir('run', 'train')).toMatchObject({ code: 0 });
});
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true });
});

describe('weir predict of a folder', () => {
  it('predicts each file, stores each row once and commits all results by one manifest', async () => {
    const { code, out } = await predict();
    expect({ code, out }).toEqual({
      code: 0,
      out: expect.stringMatching(/^3 of 3 files predicted by parcels@1, 1,250 rows\n/),
    });
    expect(await stored()).toEqual([{ rows: 1_250, times: 1 }]);
    expect(await manifest()).toMatchObject({
      ...{ kind: 'predictions', model: 'parcels', modelVersion: 1, rows: { in: 1_250, predicted: 1_250, refused: 0 } },
      files: FILES.map((name) => ({ name, result: name })),
    });
    expect((await readFile(at('out/a.csv'), 'utf8')).trimEnd().split('\n')).toHaveLength(1_201);
    expect((await readFile(at('out/more/c.ndjson'), 'utf8')).trimEnd().split('\n')).toHaveLength(20);
  });

  it('predicts only what is new when it is called again', async () => {
    const before = await jobs();
    await rm(at('out'), { recursive: true });
    expect(await predict()).toMatchObject({ code: 0 });
    expect({ jobs: await jobs(), stored: await stored() }).toEqual({
      jobs: before,
      stored: [{ rows: 1_250, times: 1 }],
    });
    await writeFile(at('parts/b.csv'), csv(rowsFrom(4_000, 40)));
    expect(await predict()).toMatchObject({ code: 0 });
    expect(await jobs()).toBe((before ?? 0) + 1);
    expect(await manifest()).toMatchObject({ rows: { in: 1_260, predicted: 1_260, refused: 0 } });
    expect(await readdir(at('out'))).toEqual(['a.csv', 'b.csv', 'manifest.json', 'more']);
  });

  it('counts refused rows, and ends with exit code 1', async () => {
    await writeFile(at('parts/b.csv'), 'number,weight\n5001,-1\n5002,58\n');
    const { code, out } = await predict('--json');
    expect({ code, told: JSON.parse(out) }).toMatchObject({
      code: 1,
      told: { rows: { in: 1_222, predicted: 1_221, refused: 1 }, manifest: at('out/manifest.json'), failed: [] },
    });
  });

  it('has no manifest while a file has no result, says which, and goes on with the next call', async () => {
    await writeFile(at('parts/b.csv'), Buffer.from([0xff, 0xfe, 0xd8, 0x00, 0x0a]));
    const { code, out } = await predict();
    expect(code).toBe(1);
    expect(out).toMatch(/^2 of 3 files predicted[\s\S]*\n {2}b\.csv: [\s\S]*Not complete\. The same command again/);
    expect(await readdir(at('out'))).not.toContain('manifest.json');
    await writeFile(at('parts/b.csv'), csv(rowsFrom(6_000, 10)));
    expect(await predict()).toMatchObject({ code: 0 });
    expect(await manifest()).toMatchObject({ rows: { in: 1_230, predicted: 1_230, refused: 0 } });
  });

  it('takes a pattern', async () => {
    const { out } = await weir('predict', 'parts/*.csv', '--no-store', '--json');
    expect(JSON.parse(out).files.map(({ name }: { name: string }) => name)).toEqual(['a.csv', 'b.csv']);
  });

  it('refuses a folder for results inside of what it predicts, one of something else, and names that would meet', async () => {
    const inside = await weir('predict', 'parts', '--out', at('parts/out'));
    expect(inside).toMatchObject({ code: 64, err: expect.stringContaining('its results would be predicted next') });
    await mkdir(at('other'));
    await writeFile(at('other/manifest.json'), '{"kind":"partitioned-dataset"}');
    const other = await weir('predict', 'parts', '--out', at('other'));
    expect(other).toMatchObject({ code: 64, err: expect.stringContaining('is of something else') });
    await writeFile(at('parts/a.tsv'), 'number\tweight\n7001\t5\n');
    expect(await predict()).toMatchObject({
      code: 64,
      err: expect.stringContaining('a.csv and a.tsv would both be a.csv'),
    });
  });
});
