import { cp, mkdir, mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { killsEverywhere, randomFor } from '../kills/choose-kills.ts';
import { Dropper, rainOf } from './crash-drops.ts';
import { counted, idsIn, leftoversIn, processesOf, serverPid } from './crash-world.ts';
import { eventually, removeProject, type StartedProcess, spawnWeir } from './weir-process.ts';

const FILES = killsEverywhere() ? 32 : 16;
const EVERY_SECOND = '* * * * * *';
/** When Weir dies. Its database dies too: before it, so that it meets that, or together with it. */
const WAYS = ['while it starts', 'at any moment', 'while an attempt runs', 'with its database'] as const;
const ROUNDS = killsEverywhere() ? 4 : 1;
const LIFE_MS_MAX = 1_200;

describe('a Weir that is killed again and again while files arrive', () => {
  const random = randomFor('weir');
  let folder = '';
  let weir: StartedProcess;
  let dropper: Dropper;
  /** Attempts that ran when Weir was killed. */
  const interrupted: string[] = [];

  const start = (schedule: string): StartedProcess =>
    spawnWeir({
      cwd: process.cwd(),
      command: ['node', 'bin/weir.mjs', 'serve', '--project', folder, '--port', '0'],
      env: { WEIR_SCHEDULES__INGEST: schedule, WEIR_SCHEDULES__PREDICT: schedule, CRASH_TEST: folder },
    });
  const folderOf = (name: string): string => path.join(folder, name);
  const query = async <Row extends object>(sql: string): Promise<Row[]> => {
    const client = await connect(folder);
    try {
      return (await client.query<Row>(sql)).rows;
    } finally {
      await client.end();
    }
  };

  /** Starts runs beside those of the clock, so that several work at once. A Weir that just dies does not answer. */
  const startRun = async (url: string, pipeline: string): Promise<void> => {
    await fetch(new URL(`/api/pipelines/${pipeline}/runs`, url), { method: 'POST' }).catch(() => undefined);
  };

  const live = async (ms: number): Promise<void> => {
    const until = performance.now() + ms;
    while (performance.now() < until) {
      if (dropper.dropped.files.size < FILES) await dropper.drop();
      await delay(100);
    }
  };

  const liveAndDie = async (way: (typeof WAYS)[number]): Promise<void> => {
    weir = start(EVERY_SECOND);
    const lifeMs = random() * LIFE_MS_MAX;
    if (way === 'while it starts') {
      await live(lifeMs);
      return await weir.kill();
    }
    const url = await weir.ready;
    if (way === 'while an attempt runs') return await dieWithAttempt(url);
    if (random() < 0.5) await Promise.all(['ingest', 'ingest', 'predict'].map((name) => startRun(url, name)));
    await live(lifeMs / 2);
    if (way === 'with its database' && random() < 0.7) await killDatabase(folder);
    await live(lifeMs / 2);
    await Promise.all([weir.kill(), ...(way === 'with its database' ? [killDatabase(folder)] : [])]);
  };

  /** Attempts that began after `last` and have no end. */
  const openAttempts = (last: string): Promise<{ readonly id: string }[]> =>
    query(`select id from attempts where id > ${last} and outcome is null`);

  /** Frozen, Weir changes nothing: what runs then runs when it is killed. What its last words still ended is tried again. */
  const dieWithAttempt = async (url: string): Promise<void> => {
    const [{ last } = { last: '0' }] = await query<{ last: string }>(
      'select coalesce(max(id), 0) as last from attempts',
    );
    await dropper.drop();
    await startRun(url, 'ingest');
    await eventually('an attempt that runs', async () => {
      weir.freeze();
      if ((await openAttempts(last)).length > 0) return true;
      weir.goOn();
      return undefined;
    });
    await weir.kill();
    const met = await openAttempts(last);
    if (met.length === 0) return await liveAndDie('while an attempt runs');
    interrupted.push(...met.map(({ id }) => id));
  };

  beforeAll(async () => {
    folder = path.join(await mkdtemp(path.join(tmpdir(), 'weir-crash-')), 'harvest');
    await cp('test/fixtures/harvest', folder, { recursive: true });
    await mkdir(folderOf('raw-data'));
    dropper = new Dropper(folderOf('raw-data'), random);
  });

  afterAll(async () => {
    await weir?.stop().catch(() => undefined);
    if (folder !== '') await removeProject(folder, path.dirname(folder));
  });

  it('dies at moments nobody chose', async () => {
    const first = Math.floor(random() * WAYS.length);
    const round = [...WAYS.slice(first), ...WAYS.slice(0, first)];
    for (let rounds = 1; rounds <= ROUNDS; rounds += 1) for (const way of round) await liveAndDie(way);
    expect(interrupted).not.toEqual([]);
    while (dropper.dropped.files.size < FILES) await dropper.drop();
    expect(dropper.dropped.rows.size).toBeGreaterThan(FILES);
  });

  it('works off what is left when it is let live', async () => {
    weir = start(EVERY_SECOND);
    const url = await weir.ready;
    // A server that dies under a Weir that lives must not leave anything for the next start.
    await startRun(url, 'ingest');
    await killDatabase(folder);
    await eventually('raw-data to be empty', async () => {
      await startRun(url, 'ingest');
      return (await readdir(folderOf('raw-data'))).length === 0 || undefined;
    });
    await eventually('all arrivals to end', async () => {
      const [open] = await query<{ count: string }>('select count(*) from arrivals where ended_at is null');
      return open?.count === '0' || undefined;
    });
    const files = (await readdir(folderOf('good-data'))).filter((name) => !name.startsWith('.'));
    await eventually('every good file to be in the ledger', async () => {
      const [known] = await query<{ count: string }>(
        'select count(*) from consumed_files where consumed_at is not null',
      );
      return known?.count === String(files.length) || undefined;
    });
    const server = await databasePid(folder);
    expect(await weir.stop()).toBe(0);
    // It may run in an account and a folder of its own, where nothing names the project.
    expect(() => process.kill(server, 0)).toThrow('ESRCH');
  });

  it('has every row once, on the side where it belongs', async () => {
    const expected = (wanted: readonly string[]): ReadonlyMap<string, number> =>
      counted([...dropper.dropped.rows].filter(([, fate]) => wanted.includes(fate)).map(([id]) => id));
    expect(counted(await idsIn(folderOf('good-data')))).toEqual(expected(['good']));
    const bad = [...(await idsIn(folderOf('bad-data'))), ...(await idsIn(folderOf('bad-data/rejected')))];
    expect(counted(bad)).toEqual(expected(['bad', 'rejected']));
  });

  it('leaves nothing half made, and no process', async () => {
    for (const name of ['raw-data', 'good-data', 'bad-data'])
      expect(await leftoversIn(folderOf(name)), name).toEqual([]);
    expect(await readdir(folderOf('raw-data'))).toEqual([]);
    expect(await processesOf(folder)).toEqual([]);
  });

  describe('in its database', () => {
    beforeAll(async () => {
      weir = start('off');
      await weir.ready;
    });

    it('has one prediction for every good row', async () => {
      const rows = await query<{ rain: string; source: string }>(
        `select features->>'rain' as rain, source from predictions`,
      );
      expect(new Set(rows.map(({ source }) => source))).toEqual(new Set(['scheduled']));
      const good = [...dropper.dropped.rows].filter(([, fate]) => fate === 'good').map(([id]) => String(rainOf(id)));
      expect(counted(rows.map(({ rain }) => String(Number(rain))))).toEqual(counted(good));
    });

    it('has the statistics of every file once', async () => {
      const checks = await query<{ file: string }>('select file from checks');
      expect(counted(checks.map(({ file }) => file))).toEqual(counted([...dropper.dropped.files.keys()]));
      const [sums] = await query(
        'select sum(rows_in)::int as in, sum(rows_good)::int as good, sum(rows_bad)::int as bad, sum(rows_rejected)::int as rejected from checks',
      );
      const fates = counted([...dropper.dropped.rows.values()]);
      expect(sums).toEqual({ in: dropper.dropped.rows.size, ...Object.fromEntries(fates) });
      const ingested = await query<{ path: string }>(`select path from arrivals where outcome = 'ingested'`);
      expect(counted(ingested.map(({ path: file }) => file))).toEqual(counted([...dropper.dropped.files.keys()]));
    });

    it('has one alert for every file with rows that are not good', async () => {
      const alerts = await query<{ file: string }>(
        'select file from alerts left join checks on checks.id = dedupe_key',
      );
      const bad = [...dropper.dropped.files].filter(([, isBad]) => isBad).map(([name]) => name);
      expect(counted(alerts.map(({ file }) => file))).toEqual(counted(bad));
    });

    it('has no run and no attempt that never ended', async () => {
      const open = await eventually('all runs to end', async () => {
        const runs = await query(`select id from runs where state in ('queued', 'running') or settled_at is null`);
        return runs.length === 0 ? runs : undefined;
      });
      expect(open).toEqual([]);
      expect(await query(`select task, state from task_runs where state in ('queued', 'running')`)).toEqual([]);
      expect(await query('select id from attempts where outcome is null')).toEqual([]);
      const met = await query(`select distinct outcome from attempts where id in (${interrupted.join(', ')})`);
      expect(met).toEqual([{ outcome: 'lost' }]);
      expect(await query('select key from claims where expires_at > clock_timestamp()')).toEqual([]);
    });
  });
});

async function connect(folder: string): Promise<pg.Client> {
  const server: { databaseUrl?: string } = JSON.parse(
    await readFile(path.join(folder, '.weir', 'server.json'), 'utf8'),
  );
  const client = new pg.Client({ connectionString: server.databaseUrl ?? '', options: '-c search_path=weir' });
  client.on('error', () => undefined); // It ends with its server, on purpose.
  await client.connect();
  return client;
}

async function databasePid(folder: string): Promise<number> {
  const client = await connect(folder);
  try {
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    return await serverPid(rows[0]?.pid ?? 0);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** A database server that is down already cannot be killed again. */
async function killDatabase(folder: string): Promise<void> {
  try {
    process.kill(await databasePid(folder), 'SIGKILL');
  } catch {
    // Not up yet, or down already.
  }
}
