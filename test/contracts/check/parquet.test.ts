import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  boolean,
  checkFile,
  date,
  defineContract,
  integer,
  json,
  number,
  profileFile,
  text,
  timestamp,
} from '#contracts';
import { type DuckdbPool, openDuckdbPool } from '#store';
import { seeded } from '../../../src/contracts/corrupt/random.ts';
import { toRecord } from '../../../src/contracts/scan/fields.ts';
import { inProcessDuckdb } from '../duckdb-in-process.ts';

let duckdb: DuckdbPool;
let folder: string;
beforeAll(async () => {
  duckdb = await inProcessDuckdb();
  folder = await mkdtemp(path.join(tmpdir(), 'weir-parquet-'));
});
afterAll(async () => {
  await duckdb.close();
  await rm(folder, { recursive: true, force: true });
});

const contract = defineContract({
  name: 'x',
  columns: {
    id: integer({ unique: true }),
    n: number({ nullable: true, max: 10 }),
    t: text({ nullable: true }),
    b: boolean({ nullable: true }),
    d: date({ nullable: true }),
    s: timestamp({ nullable: true }),
  },
});
const ROWS = `select * from (values
  (1::bigint, 1.5::double, 'a,"b"' || chr(10) || 'c', true, date '2026-01-02', timestamptz '2026-01-02 03:04:05.678+02'),
  (2, 11.0, null, null, null, null),
  (2, 'nan'::double, 'x', false, date '2026-01-02', timestamptz '2026-01-02 00:00:00+00')) v(id, n, t, b, d, s)`;

async function parquet(sql: string, name = 'in.parquet'): Promise<string> {
  const file = path.join(folder, 'made.parquet');
  await duckdb.use((connection) => connection.run(`copy (${sql}) to '${file}' (format parquet)`));
  const named = path.join(folder, name);
  await writeFile(named, await readFile(file));
  return named;
}
const check = (file: string, more = {}) =>
  checkFile({ path: file, contract, folder: path.join(folder, 'out'), duckdb, ...more });

describe('a Parquet file', () => {
  it('is checked and parted like any other', async () => {
    const { result, files } = await check(await parquet(ROWS));
    expect(result.rows).toEqual({ in: 3, good: 1, bad: 2, rejected: 0 });
    expect(await readFile(files.good ?? '', 'utf8')).toBe(
      'id,n,t,b,d,s\n1,1.5,"a,""b""\nc",true,2026-01-02,2026-01-02T01:04:05.678000Z\n',
    );
    const bad = (await readFile(files.bad ?? '', 'utf8')).trim().split('\n').slice(1);
    expect(bad).toEqual([
      '2,2,11.0,,,,,n: in-range',
      '3,2,nan,x,false,2026-01-02,2026-01-02T00:00:00.000000Z,id: unique; n: of-type',
    ]);
  });

  it('of other types than the contract fails cell by cell', async () => {
    const { result } = await check(await parquet(`select 'one' as id, 1 as n, 2 as t, 'maybe' as b, 3 as d, [1] as s`));
    expect(result.violations.map(({ column }) => column)).toEqual(['id', 'b', 'd', 's']);
  });

  it('of one column keeps its empty cells', async () => {
    const one = defineContract({ name: 'one', columns: { t: text({ nullable: true }) } });
    const { result } = await check(await parquet(`select * from (values ('a'), (null), ('')) v(t)`), { contract: one });
    expect(result.rows).toEqual({ in: 3, good: 3, bad: 0, rejected: 0 });
    expect(result.columns).toEqual([{ name: 't', nulls: 2 }]);
  });

  it('that is cut, or has a flipped bit, is quarantined', async () => {
    const whole = await readFile(await parquet(ROWS));
    for (const broken of [
      whole.subarray(0, whole.length - 20),
      whole.subarray(0, 40),
      Buffer.concat([whole.subarray(0, 30), Buffer.alloc(60, 0xff), whole.subarray(90)]),
    ]) {
      const file = path.join(folder, 'broken.parquet');
      await writeFile(file, broken);
      expect((await check(file)).result.verdict).toBe('quarantined');
    }
  });

  it('with flipped bits in its pages or its footer is read, or set aside by check and profile alike', async () => {
    const rows = `select i as id, i / 7 as n, 't' || i as t, true as b, date '2026-01-01' as d, now() as s from range(500) r(i)`;
    const whole = await readFile(await parquet(rows));
    const file = path.join(folder, 'flipped.parquet');
    const random = seeded(7);
    // In a process of its own: broken files have ended DuckDB before.
    const apart = openDuckdbPool({ temporaryFolder: path.join(folder, 'spill') });
    let quarantined = 0;
    for (let times = 0; times < 12; times += 1) {
      const broken = Buffer.from(whole);
      for (let flips = 0; flips < 3; flips += 1) {
        const at = 4 + random.below(broken.length - 12);
        broken[at] = (broken[at] ?? 0) ^ (2 ** random.below(8));
      }
      await writeFile(file, broken);
      const { result } = await check(file, { duckdb: apart });
      const profile = await profileFile({ path: file, duckdb: apart, folder }).catch((error: Error) => error.message);
      const isQuarantined = result.verdict === 'quarantined';
      if (isQuarantined) expect(profile).toMatch(/flipped\.parquet" cannot be profiled: .* cannot be read to its end/);
      else expect(profile).toMatchObject({ rows: result.rows.in });
      if (isQuarantined) quarantined += 1;
    }
    await apart.close();
    // Were no file broken, this test would prove nothing.
    expect(quarantined).toBeGreaterThan(2);
  });

  it('says why DuckDB fails when the file is whole', async () => {
    const file = await parquet(ROWS);
    const failing: DuckdbPool = {
      ...duckdb,
      use: (work) =>
        duckdb.use((connection) =>
          work({
            ...connection,
            run: async (sql) => {
              if (sql.startsWith('copy ')) throw new Error('IO Error: No space left on device');
              await connection.run(sql);
            },
          }),
        ),
    };
    await expect(check(file, { duckdb: failing })).rejects.toThrow('No space left');
  });

  it('gives nested cells as JSON, as the same file in NDJSON would', async () => {
    const nested = defineContract({
      name: 'nested',
      columns: { c: text({ nullable: true }) },
      expectations: [json('c')],
    });
    const cells = [
      [`{'a': 1, 'b': ['x', null], 'c': {'d': 1.5}}`, '{"a":1,"b":["x",null],"c":{"d":1.5}}'],
      [`['x', 'y"z']`, '["x","y\\"z"]'],
      [`map {'k': [true]}`, '{"k":[true]}'],
      [`null::struct(a integer)`, ''],
    ] as const;
    for (const [sql, text_] of cells) {
      const { result, files } = await check(await parquet(`select ${sql} as c`), { contract: nested });
      expect(result.verdict).toBe('pass');
      expect((await readFile(files.good ?? '', 'utf8')).split('\n')[1]).toBe(toRecord([text_], ','));
    }
  });

  it('that is something else is read as the text that it is', async () => {
    const file = path.join(folder, 'text.parquet');
    await writeFile(file, 'id,n,t,b,d,s\n1,,,,,\n');
    expect((await check(file)).result.rows.good).toBe(1);
  });

  it('and a folder may have names that look like patterns', async () => {
    const odd = path.join(folder, '[a]*?{b}');
    await mkdir(odd);
    const { result } = await check(await parquet(ROWS, '[x]*.parquet'), { folder: odd });
    expect(result.rows.in).toBe(3);
    await writeFile(path.join(odd, '[y]?.csv'), 'id,n,t,b,d,s\n1,,,,,\n2,99,,,,\n');
    expect((await check(path.join(odd, '[y]?.csv'), { folder: odd })).result.rows).toEqual({
      in: 2,
      good: 1,
      bad: 1,
      rejected: 0,
    });
  });
});
