import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '#store';
import { createTestDatabase } from '../../../postgres/create-test-database.ts';
import { PARCELS_PROJECT } from './parcels-project.ts';
import { type Ended, runWeir, spawnCommand } from './run-weir.ts';

const FILES = 12;
const ROWS = 1_500;
const KNOWN = Array.from({ length: 60 }, (_, index) => `${index},${index},${index < 30 ? 'light' : 'heavy'}`);

/** Files on one machine, which two others predict: three folders that share artifacts and nothing else. */
describe('weir predict of a folder over workers', () => {
  let folder: string;
  let database: Database;
  let workers: readonly Promise<Ended>[];
  const at = (...names: readonly string[]): string => path.join(folder, ...names);
  const onServer = (...args: readonly string[]): Promise<Ended> =>
    runWeir(args, at('server'), { DATABASE_URL: database.url, WEIR_ENGINE__EXECUTOR: 'remote' });
  const namesOfWorkers = async (): Promise<readonly string[]> =>
    JSON.parse((await onServer('workers', '--json')).out).workers.map(({ name }: { name: string }) => name);
  const numbersOf = (file: number): readonly number[] => Array.from({ length: ROWS }, (_, row) => file * ROWS + row);

  beforeAll(async () => {
    database = await createTestDatabase();
    folder = await mkdtemp(path.join(tmpdir(), 'weir-predict-workers-'));
    await symlink(fileURLToPath(new URL('../../../../node_modules', import.meta.url)), at('node_modules'));
    await mkdir(at('artifacts'));
    for (const machine of ['server', 'first', 'second']) {
      await mkdir(at(machine, '.weir'), { recursive: true, mode: 0o700 });
      await writeFile(at(machine, 'project.ts'), PARCELS_PROJECT);
      await writeFile(at(machine, 'parcels.csv'), `number,weight,outcome\n${KNOWN.join('\n')}\n`);
      await symlink(at('artifacts'), at(machine, '.weir', 'artifacts'));
    }
    await mkdir(at('server', 'parts'));
    for (let file = 0; file < FILES; file += 1) {
      const lines = numbersOf(file).map((number) => `${number},${number % 60}\n`);
      await writeFile(at('server', 'parts', `${file}.csv`), `number,weight\n${lines.join('')}`);
    }
    const start = (machine: string) =>
      spawnCommand(['worker', '--slots', '1'], at(machine), { DATABASE_URL: database.url });
    workers = ['first', 'second'].map(start);
  });
  afterAll(async () => {
    await database?.close();
    await rm(folder, { recursive: true });
  });

  it('has a model that one of them trained', { timeout: 120_000 }, async () => {
    expect(await onServer('run', 'train')).toMatchObject({ code: 0 });
    await expect.poll(namesOfWorkers, { timeout: 60_000 }).toHaveLength(2);
  });

  it('predicts and stores each row once, although one of them is killed', { timeout: 180_000 }, async () => {
    const [killed = ''] = await namesOfWorkers();
    const predicting = onServer('predict', 'parts', '--out', at('out'));
    const count = async () =>
      (await database.query<{ rows: number }>('select count(*)::int as rows from predictions'))[0]?.rows ?? 0;
    await expect.poll(count, { timeout: 60_000 }).toBeGreaterThan(ROWS);
    process.kill(Number(killed.split(':').at(-1)), 'SIGKILL');
    expect(await predicting).toMatchObject({
      code: 0,
      out: expect.stringContaining(`${FILES} of ${FILES} files predicted`),
    });

    const stored = await database.query<{ rows: number; different: number }>(
      'select count(*)::int as rows, count(distinct row_id)::int as different from predictions',
    );
    expect(stored).toEqual([{ rows: FILES * ROWS, different: FILES * ROWS }]);
    const manifest = JSON.parse(await readFile(at('out', 'manifest.json'), 'utf8'));
    expect(manifest).toMatchObject({ rows: { in: FILES * ROWS, predicted: FILES * ROWS, refused: 0 } });
    for (let file = 0; file < FILES; file += 1) {
      const [header = '', ...lines] = (await readFile(at('out', `${file}.csv`), 'utf8')).trimEnd().split('\n');
      const id = header.split(',').indexOf('row_id');
      expect(lines.map((line) => Number(line.split(',')[id])).sort((a, b) => a - b)).toEqual(numbersOf(file));
    }
  });

  it('lets the others end', async () => {
    for (const name of await namesOfWorkers()) await onServer('workers', 'drain', name);
    await Promise.all(workers);
  });
});
