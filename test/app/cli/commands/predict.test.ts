import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '#store';
import { predictFile } from '../../../../src/app/cli/commands/predict/run.ts';
import type { Running } from '../../../../src/app/cli/terminal.ts';
import { type OpenOptions, withProject } from '../../../../src/app/serve/open-project.ts';
import { removeServerFile, writeServerFile } from '../../../../src/app/serve/server-file.ts';
import { createTestDatabase } from '../../../postgres/create-test-database.ts';
import { PARCELS_PROJECT } from './parcels-project.ts';
import { type Ended, runWeir } from './run-weir.ts';

const KNOWN = Array.from({ length: 60 }, (_, index) => `${index},${index},${index < 30 ? 'light' : 'heavy'}`);

let folder: string;
let database: Database;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'weir-predict-test-'));
  await writeFile(path.join(folder, 'project.ts'), PARCELS_PROJECT);
  await writeFile(path.join(folder, 'parcels.csv'), `number,weight,outcome\n${KNOWN.join('\n')}\n`);
  await writeFile(path.join(folder, 'rows.csv'), 'number,weight\n1,2.5\n2,58\n');
  await writeFile(path.join(folder, 'mixed.csv'), 'number,weight\n3,-1\n4,58\n');
  await writeFile(path.join(folder, 'locked.csv'), 'number,weight\n1,2.5\n');
  await chmod(path.join(folder, 'locked.csv'), 0);
  database = await createTestDatabase();
  expect(await weir('run', 'train')).toMatchObject({ code: 0 });
});
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true });
});

const variables = () => ({ DATABASE_URL: database.url, WEIR_ENGINE__EXECUTOR: 'inline' });
const weir = (...args: readonly string[]): Promise<Ended> => runWeir(args, folder, variables());
const written = (name: string): Promise<string> => readFile(path.join(folder, name), 'utf8');
const stored = async () =>
  (await database.query<{ count: number }>('select count(*)::int as count from predictions'))[0]?.count;

describe('weir predict', () => {
  it('predicts a file, stores the predictions and writes the result', async () => {
    const { code, out } = await weir('predict', 'rows.csv', '--out', path.join(folder, 'result.csv'));
    expect({ code, stored: await stored() }).toEqual({ code: 0, stored: 2 });
    expect(out).toMatch(/^rows\.csv: succeeded, 2 rows, predicted by parcels@1\n {2}predicted +2\n {2}refused +0\n/);
    const [header, ...rows] = (await written('result.csv')).trimEnd().split('\n');
    expect(header).toMatch(/^line,prediction_id,row_id,.*,problem,feature\.weight$/);
    expect(rows.map((row) => /^(\d),\d+,(\d),,parcels@1,(light|heavy),/.exec(row)?.slice(1))).toEqual([
      ['2', '1', 'light'],
      ['3', '2', 'heavy'],
    ]);
  });

  it('stores nothing with --no-store, and ends with exit code 1 when rows were refused', async () => {
    const before = await stored();
    const file = path.join(folder, 'result.ndjson.gz');
    const { code, out } = await weir(
      'predict',
      'mixed.csv',
      '--no-store',
      '--model-version',
      '1',
      '--out',
      file,
      '--json',
    );
    const { job, out: place } = JSON.parse(out);
    expect({ code, place, stored: await stored() }).toEqual({ code: 1, place: file, stored: before });
    expect(job).toMatchObject({ state: 'succeeded', isStored: false, rowsIn: 2, rowsPredicted: 1, rowsRefused: 1 });
    const lines = gunzipSync(await readFile(file))
      .toString()
      .trimEnd()
      .split('\n');
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { line: 3, rowId: '4', prediction: 'heavy' },
      { line: 2, problem: expect.stringContaining('weight') },
    ]);
  });

  const options = (): OpenOptions => ({
    ...{ projectFolder: folder, environment: variables(), version: '0.0.0', port: 0 },
    ...{ signal: new AbortController().signal, show: (_, work) => work(), warn: () => undefined },
  });

  it('asks the Weir that runs over the project, where one does', async () => {
    const state = path.join(folder, '.weir');
    await withProject('server', options(), async ({ apiUrl }) => {
      await writeServerFile(state, { url: apiUrl, databaseUrl: database.url });
      const { code, out } = await weir('predict', 'rows.csv', '--no-store', '--json').finally(() =>
        removeServerFile(state),
      );
      expect({ code, state: JSON.parse(out).job.state }).toEqual({ code: 0, state: 'succeeded' });
      const [run] = await database.query(
        `select trigger, state from runs where pipeline = 'prediction-job' order by id desc limit 1`,
      );
      expect(run).toEqual({ trigger: 'manual', state: 'succeeded' });
    });
  });

  it('leaves the file to its run when it can wait for it no longer', async () => {
    const state = path.join(folder, '.weir');
    await withProject('server', options(), async ({ apiUrl, engine }) => {
      await writeServerFile(state, { url: apiUrl, databaseUrl: database.url });
      const show: Running['show'] = (title, work) => {
        if (title.startsWith('Running')) throw new Error('the server does not answer');
        return work(() => undefined);
      };
      const asked = { ...options(), show, print: () => undefined, modelVersion: 'champion', store: false };
      const predicted = predictFile(path.join(folder, 'rows.csv'), asked).finally(() => removeServerFile(state));
      await expect(predicted).rejects.toThrow('does not answer');
      const [run] = await database.query<{ id: string }>(
        `select id::text from runs where pipeline = 'prediction-job' order by runs.id desc limit 1`,
      );
      expect(await engine.finished(run?.id ?? '')).toBe('succeeded');
    });
  });

  type Refused = readonly [what: string, args: readonly string[], message: string];
  // Root reads what nobody may read.
  const locked = process.getuid?.() === 0 ? [] : ['locked.csv'];
  it.each<Refused>([
    ...locked.map((file): Refused => ['a file that is locked', [file], 'EACCES']),
    ['a file that is not there', ['absent.csv'], 'there is none'],
    ['another ending', ['rows.csv', '--out', 'result.xlsx'], '.parquet'],
    ['the file that is read', ['rows.csv', '--out', 'rows.csv'], 'another place'],
    ['a version that does not exist', ['rows.csv', '--model-version', '9'], '9'],
    ['no version', ['rows.csv', '--model-version', 'newest'], 'a number, champion or challenger'],
    ['a challenger that is none', ['rows.csv', '--model-version', 'challenger'], 'is challenger'],
  ])('refuses %s, and starts no run', async (_, args, message) => {
    const { code, err } = await weir('predict', ...args);
    expect(code).not.toBe(0);
    expect(err).toContain(message);
    expect(await database.query(`select from runs where pipeline = 'prediction-job'`)).toHaveLength(4);
  });
});
