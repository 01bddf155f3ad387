import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reportFilePath } from '#api';
import { buildIsCurrent } from '../../scripts/prepare/stamps.mjs';
import { killsEverywhere } from '../kills/choose-kills.ts';
import { eventually, removeProject, startWeir, type WeirProcess } from './weir-process.ts';

const run = promisify(execFile);
const EVERY_TWO_SECONDS = '*/2 * * * * *';
const COMMAND = ['npm', 'start', '--', '--port', '0'] as const;
const BIG_FILE_ROWS = 200_000;

/**
 * The product as a stranger gets it: a clone of what is committed, and `npm start`. Unless everything is tested, the clone gets
 * what is installed and built here already, which takes minutes each time; `npm start` uses it when it is current.
 */
describe('the whole loop in a fresh clone', () => {
  let clone = '';
  let weir: WeirProcess;
  let database: pg.Client;
  const project = () => path.join(clone, 'examples', 'titanic');
  const env = {
    WEIR_SCHEDULES__INGEST: EVERY_TWO_SECONDS,
    WEIR_SCHEDULES__PREDICT: EVERY_TWO_SECONDS,
    // Only what this test drops may arrive after the start, when each pipeline that is not off runs once.
    WEIR_SCHEDULES__FEED: '0 0 1 1 *',
  };

  const start = async (): Promise<void> => {
    weir = await startWeir({ cwd: clone, command: COMMAND, env });
    database = new pg.Client({ connectionString: await databaseUrl(project()) });
    database.on('error', () => undefined); // ends with the server it talks to, on purpose
    await database.connect();
    await database.query('set search_path to weir');
  };

  beforeAll(async () => {
    clone = await mkdtemp(path.join(tmpdir(), 'weir-clone-'));
    await run('git', ['clone', '--quiet', '--depth', '1', `file://${process.cwd()}`, clone]);
    if (!killsEverywhere() && buildIsCurrent(process.cwd())) {
      await symlink(path.resolve('node_modules'), path.join(clone, 'node_modules'));
      await cp('dist', path.join(clone, 'dist'), { recursive: true });
    }
    await start();
  });

  afterAll(async () => {
    await database?.end().catch(() => undefined);
    await weir?.stop();
    if (clone !== '') await removeProject(project(), clone);
  });

  it('trains a first model and stores scheduled predictions by itself', async () => {
    const [row] = await eventually('a scheduled prediction', async () => {
      const { rows } = await database.query(
        `select model, model_version, features, prediction from predictions where source = 'scheduled' limit 1`,
      );
      return rows.length > 0 ? rows : undefined;
    });
    expect(row).toMatchObject({ model: 'titanic', model_version: 1 });
    expect(Object.keys(row.features).sort()).toEqual(['age', 'class', 'sex']);
    expect(['no', 'yes']).toContain(row.prediction);
  });

  it('splits and reports a corrupted file', async () => {
    const lines = [
      'id,class,sex,age',
      '1,1st,female,30',
      '2,9th,female,31',
      '3,3rd,male,400',
      '4,2nd,,20',
      '5,crew,male,',
    ];
    await drop(project(), { name: 'corrupted.csv', lines });
    const check = await eventually('the check of corrupted.csv', () => checkOf(database, 'corrupted.csv'));
    expect(check).toMatchObject({
      rows_in: '5',
      rows_good: '2',
      rows_bad: '3',
      rows_rejected: '0',
      verdict: 'fail',
      criticality: 'high',
    });
    const good = await eventually('its good rows', () => placed(path.join(project(), 'good-data'), 'corrupted.'));
    expect(good).toEqual(['id,class,sex,age', '1,1st,female,30', '5,crew,male,']);
    const bad = await eventually('its bad rows', () => placed(path.join(project(), 'bad-data'), 'corrupted.'));
    expect(bad).toHaveLength(4);
    const report = await fetch(new URL(reportFilePath(check.id ?? ''), weir.url));
    expect(report.status).toBe(200);
    expect(await report.text()).toContain('corrupted.csv');
    const { rows: alerts } = await database.query('select criticality from alerts where dedupe_key = $1', [check.id]);
    expect(alerts).toEqual([{ criticality: 'high' }]);
    await eventually('its removal from raw-data', async () =>
      (await readdir(path.join(project(), 'raw-data'))).includes('corrupted.csv') ? undefined : true,
    );
  });

  it('loses and doubles no row when it is killed in the middle of an ingestion', async () => {
    await drop(project(), { name: 'big.csv', lines: bigFile() });
    await eventually('validate-data of big.csv to run', async () => {
      const { rows } = await database.query(
        `select from task_runs join runs on runs.id = run_id
          where task = 'validate-data' and task_runs.state = 'running' and runs.params->>'file' = 'big.csv'`,
      );
      return rows.length > 0 ? true : undefined;
    });
    await weir.kill();
    await database.end().catch(() => undefined);
    expect(await isStillRaw(project())).toBe(true);

    await start();
    const check = await eventually('the check of big.csv', () => checkOf(database, 'big.csv'));
    expect(Number(check.rows_in)).toBe(BIG_FILE_ROWS);
    const good = await eventually('its good rows', () => placed(path.join(project(), 'good-data'), 'big.'));
    const bad = await eventually('its bad rows', () => placed(path.join(project(), 'bad-data'), 'big.'));
    const ids = [...good.slice(1).map((line) => line.split(',')[0]), ...bad.slice(1).map((line) => line.split(',')[1])];
    expect(ids).toHaveLength(BIG_FILE_ROWS);
    expect(new Set(ids).size).toBe(BIG_FILE_ROWS);
    const { rows: arrivals } = await database.query(`select outcome from arrivals where path = 'big.csv'`);
    expect(arrivals.filter(({ outcome }) => outcome === 'ingested' || outcome === null)).toHaveLength(1);
  });

  it('says that a run with nothing to do was skipped, and why', async () => {
    const skipped = await eventually('a skipped run', async () => {
      const { rows } = await database.query(
        `select reason from runs where pipeline = 'ingest' and state = 'skipped' limit 1`,
      );
      return rows[0];
    });
    expect(skipped.reason).toContain('raw-data');
  });
});

async function databaseUrl(project: string): Promise<string> {
  const server: { databaseUrl?: string } = JSON.parse(
    await readFile(path.join(project, '.weir', 'server.json'), 'utf8'),
  );
  return server.databaseUrl ?? '';
}

async function drop(
  project: string,
  { name, lines }: { readonly name: string; readonly lines: readonly string[] },
): Promise<void> {
  const hidden = path.join(project, 'raw-data', `.${name}`);
  await writeFile(hidden, `${lines.join('\n')}\n`);
  await rename(hidden, path.join(project, 'raw-data', name));
}

function bigFile(): readonly string[] {
  const lines = ['id,class,sex,age'];
  for (let id = 1; id <= BIG_FILE_ROWS; id += 1) lines.push(`${id},${id % 10 === 0 ? '9th' : '3rd'},male,${id % 90}`);
  return lines;
}

async function checkOf(database: pg.Client, file: string): Promise<Record<string, string> | undefined> {
  const { rows } = await database.query('select * from checks where file = $1', [file]);
  return rows[0];
}

/** Lines of the one file in the folder whose name begins so; undefined while there is none. */
async function placed(folder: string, prefix: string): Promise<readonly string[] | undefined> {
  const names = (await readdir(folder)).filter((name) => name.startsWith(prefix));
  if (names.length === 0) return undefined;
  expect(names).toHaveLength(1);
  const text = await readFile(path.join(folder, names[0] ?? ''), 'utf8');
  return text.trimEnd().split(/\r?\n/);
}

/** The file was still in raw-data when the process died: ingestion really was interrupted. */
async function isStillRaw(project: string): Promise<boolean> {
  return (await readdir(path.join(project, 'raw-data'))).includes('big.csv');
}
