import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Duckdb, type DuckdbPool, openDuckdbPool, StoreError } from '#store';
import { propertyRuns } from '../../kills/choose-kills.ts';

/** A statement may be met before, while or after it begins. */
const TIMES = propertyRuns(100);
const ENDLESS = 'select count(*) from range(100000000) a, range(100000000) b';
let folder: string;
let pool: DuckdbPool;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'weir-duckdb-'));
  pool = openDuckdbPool({ memoryLimitMb: 256, threads: 1, temporaryFolder: folder, size: 1 });
});
afterAll(async () => {
  await pool.close();
  await rm(folder, { recursive: true });
});

/** The processes of DuckDB this process has forked. */
async function children(parent = process.pid): Promise<readonly number[]> {
  const pids = (await readFile(`/proc/${parent}/task/${parent}/children`, 'utf8')).trim().split(' ').filter(Boolean);
  const found: number[] = [];
  for (const pid of pids) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (command.includes('/duckdb/child.')) found.push(Number(pid));
  }
  return found;
}

async function untilTrue(isTrue: () => Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await new Promise((resolve) => setTimeout(resolve, 10));
}

describe('a cell', () => {
  async function value(sql: string): Promise<unknown> {
    const rows = await pool.use((duckdb) => duckdb.all<{ value: unknown }>(`select ${sql} as value`));
    return rows[0]?.value;
  }

  it.each([
    ['1::bigint', 1],
    ['9007199254740991::bigint', 9007199254740991],
    ['9007199254740992::bigint', '9007199254740992'],
    ['-9007199254740993::bigint', '-9007199254740993'],
    ['sum(2)', 2],
    ['1.50::decimal(10,2)', 1.5],
    ['1234567890123456.78::decimal(18,2)', '1234567890123456.78'],
    ["'nan'::double", 'NaN'],
    ["'-infinity'::double", '-Infinity'],
    ['1e300', 1e300],
    ['true', true],
    ['null', null],
    ["date '2024-02-29'", '2024-02-29'],
    ["timestamp '2024-02-29 10:11:12'", '2024-02-29T10:11:12'],
    ["timestamp '2024-02-29 10:11:12.123456'", '2024-02-29T10:11:12.123456'],
    ["timestamptz '2024-02-29 10:11:12+02'", '2024-02-29T08:11:12.000Z'],
    ["timestamptz '1912-04-15 02:20:00.000001+00'", '1912-04-15T02:20:00.000001Z'],
    ["'infinity'::timestamptz", 'infinity'],
    ['[1::bigint, null, 9007199254740993]', [1, null, '9007199254740993']],
    ["{'at': timestamptz '2024-02-29 10:11:12Z', 'n': 3::hugeint}", { at: '2024-02-29T10:11:12.000Z', n: 3 }],
    ["'12:30:00'::time", '12:30:00'],
    ["'a'::varchar", 'a'],
    ['\'{"a":1}\'::json', '{"a":1}'],
  ])('%s is %j', async (sql, expected) => {
    expect(await value(sql)).toEqual(expected);
  });
});

describe('a DuckDB in use', () => {
  it('runs many statements in order and gives the rows of one', async () => {
    const rows = await pool.use(async (duckdb) => {
      await duckdb.run(
        'create table a as select range as n from range(3); create table b as select sum(n) as total from a',
      );
      return duckdb.all('select * from a, b order by n');
    });
    expect(rows).toEqual([0, 1, 2].map((n) => ({ n, total: 3 })));
  });

  it('says what is wrong with a statement and continues', async () => {
    await pool.use(async (duckdb) => {
      await expect(duckdb.all('select nothing')).rejects.toThrow(/Referenced column "nothing" was not found/);
      await expect(duckdb.run('select')).rejects.toBeInstanceOf(StoreError);
      await expect(duckdb.run('select')).rejects.toMatchObject({ code: 'duckdb_statement' });
      expect(await duckdb.all('select 1 as n')).toEqual([{ n: 1 }]);
    });
  });

  it('reads and writes parquet and json, and knows time zones, without extensions from elsewhere', async () => {
    const file = path.join(folder, 'a.parquet');
    const rows = await pool.use(async (duckdb) => {
      await duckdb.run(
        `copy (select timestamptz '2024-07-01 00:00:00Z' as seen, '{"a": [1]}'::json as j) to '${file}'`,
      );
      return duckdb.all(
        `select j ->> '$.a[0]' as j, strftime(seen at time zone 'Europe/Athens', '%H') as hour, current_setting('TimeZone') as zone from '${file}'`,
      );
    });
    expect(rows).toEqual([{ j: '1', hour: '03', zone: 'UTC' }]);
  });

  it('does not reach for the network', async () => {
    await expect(pool.use((duckdb) => duckdb.all("select * from 'https://127.0.0.1:1/a.csv'"))).rejects.toThrow(
      /requires the extension httpfs/,
    );
  });

  it('keeps to its memory limit and stays usable', async () => {
    const huge = "select md5(string_agg(md5(range::varchar), ',')) from range(20000000)";
    await expect(pool.use((duckdb) => duckdb.all(huge))).rejects.toMatchObject({ code: 'duckdb_memory' });
    expect(await pool.use((duckdb) => duckdb.all('select 1 as n'))).toEqual([{ n: 1 }]);
  });
});

async function residentMb(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}

describe('memory beyond what DuckDB counts', () => {
  // A median keeps its values where the limit does not see them: these are 1.6 GB.
  const UNSEEN = 'select median(range) from range(200000000)';

  it('ends the process, says how much came and what to do, and the next statement works', async () => {
    const work = pool.use((duckdb) => duckdb.all(UNSEEN));
    await expect(work).rejects.toThrow(
      /^The DuckDB process (took \d+ MB of memory and was ended|was refused more memory by the operating system); expected 512 MB at most\. .*raise duckdb\.memoryLimitMb/,
    );
    await expect(work).rejects.toMatchObject({ code: 'duckdb_memory' });
    expect(await pool.use((duckdb) => duckdb.all('select 1 as n'))).toEqual([{ n: 1 }]);
  });

  it('ends rows that are too many to be handed over', async () => {
    const work = pool.use((duckdb) => duckdb.all("select range, 'row ' || range as name from range(20000000)"));
    await expect(work).rejects.toMatchObject({ code: 'duckdb_memory' });
    expect(await pool.use((duckdb) => duckdb.all('select 1 as n'))).toEqual([{ n: 1 }]);
  });

  it('is not kept by a process that waits for work', async () => {
    await pool.use((duckdb) =>
      duckdb.all('select count(*) from (select distinct md5(range::varchar) from range(2000000))'),
    );
    const resident = await pool.use(async (duckdb) => {
      await duckdb.run('select 1');
      return residentMb((await children())[0]);
    });
    expect(resident).toBeLessThan(256);
  });
});

describe('the next use', () => {
  it.each([
    ['tables', 'create table left_over (n int)', 'select table_name from duckdb_tables()'],
    ['temporary tables', 'create temp table left_over (n int)', 'select table_name from duckdb_tables()'],
    ['tables of the first database', 'create table memory.left_over (n int)', 'select table_name from duckdb_tables()'],
    ['macros', 'create macro twice(x) as x * 2', "select 1 from duckdb_functions() where function_name = 'twice'"],
    ['variables', 'set variable x = 1', "select 1 where getvariable('x') is not null"],
    [
      'settings',
      'set global preserve_insertion_order = false',
      "select 1 where not current_setting('preserve_insertion_order')",
    ],
    ['a time zone', "set TimeZone = 'Asia/Tokyo'", "select 1 where current_setting('TimeZone') <> 'UTC'"],
    [
      'attached databases',
      "attach ':memory:' as other",
      "select 1 from duckdb_databases() where database_name = 'other'",
    ],
    ['open transactions', 'begin; create table left_over (n int)', 'select table_name from duckdb_tables()'],
  ])('finds no %s of the one before', async (_, leave, look) => {
    const lookBefore = await pool.use(async (duckdb) => {
      await duckdb.run(leave);
      return duckdb.all(look);
    });
    expect(lookBefore).toHaveLength(1);
    expect(await pool.use((duckdb) => duckdb.all(look))).toEqual([]);
  });

  it('is not reached by a session that was kept, nor by its unfinished statements', async () => {
    for (let time = 0; time < TIMES; time++) {
      let kept: Duckdb | undefined;
      let unfinished: Promise<unknown> | undefined;
      await pool.use(async (duckdb) => {
        kept = duckdb;
        unfinished = duckdb.all(ENDLESS).catch((error: unknown) => error);
        duckdb.run('create table late (n int)').catch(() => {});
      });
      expect(await pool.use((duckdb) => duckdb.all('select table_name from duckdb_tables()'))).toEqual([]);
      expect(String(await unfinished)).toMatch(/interrupt|has ended/i);
      await expect(kept?.run('select 1')).rejects.toThrow(/was closed when its piece of work ended/);
    }
  });

  it('gets the same warm process', async () => {
    await pool.use((duckdb) => duckdb.run('select 1'));
    const before = await children();
    await pool.use((duckdb) => duckdb.run('select 1'));
    expect(await children()).toEqual(before);
    expect(before).toHaveLength(1);
  });

  it('waits its turn when all processes are taken', async () => {
    const order: string[] = [];
    const uses = ['a', 'b', 'c'].map((name) =>
      pool.use(async (duckdb) => {
        order.push(`${name} begins`);
        await duckdb.run('select 1');
        order.push(`${name} ends`);
      }),
    );
    await Promise.all(uses);
    expect(order).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
  });
});

describe('a process that ends', () => {
  it('fails the statement with a clear error when it is killed, and is replaced', async () => {
    const work = pool.use(async (duckdb) => {
      await duckdb.run('select 1');
      const [pid] = await children();
      const query = duckdb.all(ENDLESS);
      process.kill(Number(pid), 'SIGKILL');
      return query;
    });
    await expect(work).rejects.toThrow(/DuckDB process ended unexpectedly \(SIGKILL\)/);
    await expect(work).rejects.toBeInstanceOf(StoreError);
    expect(await pool.use((duckdb) => duckdb.all('select 1 as n'))).toEqual([{ n: 1 }]);
  });

  it('is replaced when it is killed while nobody uses it', async () => {
    await pool.use((duckdb) => duckdb.run('select 1'));
    const [pid] = await children();
    process.kill(Number(pid), 'SIGKILL');
    await untilTrue(async () => (await children()).length === 0);
    expect(await pool.use((duckdb) => duckdb.all('select 1 as n'))).toEqual([{ n: 1 }]);
  });

  it('is killed when the work takes too long', async () => {
    const work = pool.use((duckdb) => duckdb.all(ENDLESS), { timeoutMs: 100 });
    await expect(work).rejects.toThrow('took longer than its timeout of 100 ms');
    expect(await pool.use((duckdb) => duckdb.all('select 1 as n'))).toEqual([{ n: 1 }]);
  });

  it('is killed when the work is cancelled, even work that never looks at it', async () => {
    const controller = new AbortController();
    const work = pool.use(
      async (duckdb) => {
        await duckdb.run('select 1');
        controller.abort(new Error('enough'));
        await new Promise(() => {});
      },
      { signal: controller.signal },
    );
    await expect(work).rejects.toThrow('was cancelled');
    expect(await pool.use((duckdb) => duckdb.all('select 1 as n'))).toEqual([{ n: 1 }]);
  });

  it('does not start for work that is cancelled before or while it waits', async () => {
    const controller = new AbortController();
    const first = pool.use(async (duckdb) => {
      await duckdb.run('select 1');
      controller.abort();
    });
    let hasBegun = false;
    const begin = async (): Promise<void> => {
      hasBegun = true;
    };
    await expect(pool.use(begin, { signal: controller.signal })).rejects.toThrow('was cancelled');
    await first;
    await expect(pool.use(begin, { signal: controller.signal })).rejects.toThrow('was cancelled');
    expect(hasBegun).toBe(false);
  });

  it('takes what it spilled with it', async () => {
    const own = path.join(folder, 'spills');
    const spilling = openDuckdbPool({ memoryLimitMb: 64, threads: 1, temporaryFolder: own, size: 1 });
    const controller = new AbortController();
    const work = spilling
      .use(
        (duckdb) =>
          duckdb.run('create table t as select range as n, md5(range::varchar) as m from range(50000000) order by m'),
        {
          signal: controller.signal,
        },
      )
      .catch(() => {});
    await untilTrue(async () => (await readdir(own, { recursive: true }).catch(() => [])).length > 1);
    controller.abort();
    await work;
    await untilTrue(async () => (await readdir(own)).length === 0);
    await spilling.close();
  });

  it('ends by itself when its parent is killed', async () => {
    const script = `
      import { openDuckdbPool } from '${path.resolve('src/store/duckdb/pool.ts')}';
      const pool = openDuckdbPool({ temporaryFolder: '${folder}', threads: 1 });
      await pool.use(async (duckdb) => { await duckdb.run('select 1'); console.log('ready'); await duckdb.run('${ENDLESS}'); });`;
    const parent = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise((resolve) => parent.stdout.once('data', resolve));
    const [pid] = await children(parent.pid);
    expect(pid).toBeTypeOf('number');
    parent.kill('SIGKILL');
    await untilTrue(async () => (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')) === '');
  });
});

describe('a closed pool', () => {
  it('ends the work, refuses more and leaves no process', async () => {
    const closing = openDuckdbPool({ temporaryFolder: folder, threads: 1, size: 1 });
    let begin = (): void => {};
    const begun = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const running = closing.use(async (duckdb) => {
      await duckdb.run('select 1');
      begin();
      return duckdb.all(ENDLESS);
    });
    const waiting = closing.use((duckdb) => duckdb.run('select 1'));
    const outcomes = Promise.allSettled([running, waiting]);
    await begun;
    const before = (await children()).length;
    await closing.close();
    for (const outcome of await outcomes)
      expect(outcome).toMatchObject({ status: 'rejected', reason: { message: 'The DuckDB pool is closed.' } });
    await expect(closing.use((duckdb) => duckdb.run('select 1'))).rejects.toThrow('is closed');
    expect((await children()).length).toBe(before - 1);
  });
});

describe('DuckDB built to dist', () => {
  it('runs as plain JavaScript', async () => {
    const run = promisify(execFile);
    const built = await mkdtemp(path.resolve('node_modules/.weir-built-'));
    try {
      const tsc = path.resolve('node_modules/typescript/bin/tsc');
      const words = [
        'src/store/index.ts',
        'src/store/duckdb/child.ts',
        '--outDir',
        built,
        '--rootDir',
        'src/store',
        '--module',
        'NodeNext',
        '--target',
        'ES2023',
      ];
      await run(process.execPath, [
        tsc,
        ...words,
        '--ignoreConfig',
        '--noCheck',
        '--rewriteRelativeImportExtensions',
        '--types',
        'node',
      ]);
      const script = `
        import { openDuckdbPool } from '${built}/index.js';
        const pool = openDuckdbPool({ temporaryFolder: '${folder}' });
        console.log(JSON.stringify(await pool.use((duckdb) => duckdb.all('select 42 as n'))));
        await pool.close();`;
      const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script]);
      expect(JSON.parse(stdout)).toEqual([{ n: 42 }]);
    } finally {
      await rm(built, { recursive: true });
    }
  });
});
