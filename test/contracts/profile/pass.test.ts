import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  category,
  checkFile,
  decimal,
  defineContract,
  duration,
  findFormat,
  integer,
  list,
  number,
  type Profile,
  type ProfileFileOptions,
  profileFile,
  proposeRoles,
  suggestContract,
  text,
  time,
} from '#contracts';
import { countedWorld } from '../counted-world.ts';

const { duckdb, statementsOf, folder } = await countedWorld('profile-pass');

async function written(name: string, content: string): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, content);
  return file;
}

/** A profile, and how many statements it asked of a database. */
async function profiled(file: string, options: Partial<ProfileFileOptions> = {}) {
  const profiles: Profile[] = [];
  const statements = await statementsOf(async () => {
    profiles.push(await profileFile({ path: file, folder, duckdb, ...options }));
  });
  const [profile] = profiles;
  if (profile === undefined) throw new Error('There is no profile.');
  return { statements, profile, columns: Object.fromEntries(profile.columns.map((column) => [column.name, column])) };
}

describe('a profile asks no database', () => {
  it('of a file in another form, whatever stands before its table and how its values are written', async () => {
    const lines = ['Exported on Monday', 'id;price;paid;', '1;1.234,50;03.02.2026;', '2;n/a;04.02.2026;', 'broken'];
    for (let id = 3; id <= 9; id++) lines.push(`${id};${id}.500,25;0${id}.02.2026;`);
    lines.push('');
    const file = await written('form.csv', lines.join('\n'));
    const found = await findFormat(file, { known: { nulls: ['n/a'] } });
    const { profile, statements, columns } = await profiled(file, { found });
    expect(statements).toBe(0);
    expect(profile).toMatchObject({ rows: 9, rejected: 1 });
    expect(columns).toMatchObject({
      id: { kind: 'integer', numbers: { min: 1, max: 9 } },
      price: { kind: 'number', nulls: 1, numbers: { min: 1234.5, max: 9500.25 } },
      paid: { kind: 'date', moments: { min: '2026-02-03', max: '2026-02-09' } },
    });
  });

  it('of JSON, and counts what is no object', async () => {
    const file = await written('rows.ndjson', '{"id":1,"at":"09:30"}\n[]\n{"id":2,"at":"17:00:30"}\n');
    const { profile, statements, columns } = await profiled(file);
    expect(statements).toBe(0);
    expect(profile).toMatchObject({ file: 'rows.ndjson', rows: 2, rejected: 1 });
    expect(columns).toMatchObject({ id: { kind: 'integer' }, at: { kind: 'time', numbers: { min: 9.5 } } });
  });

  it('about decimals, times and durations of a contract, which are numbers and hours there', async () => {
    const contract = defineContract({
      name: 'calls',
      columns: { price: decimal({ precision: 9, scale: 2 }), from: time(), lasted: duration() },
    });
    const file = await written('calls.csv', 'price,from,lasted\n0.10,06:00,PT90M\n12.5,18:30,-P1D\n12.50,x,P1M\n');
    const { statements, columns } = await profiled(file, { contract });
    expect(statements).toBe(0);
    expect(columns).toMatchObject({
      price: {
        distinct: 2,
        top: [
          { value: '12.5', rows: 2 },
          { value: '0.1', rows: 1 },
        ],
      },
      from: { nulls: 1, numbers: { min: 6, max: 18.5, mean: 12.25 } },
      lasted: { nulls: 1, numbers: { min: -24, max: 1.5, negatives: 1 } },
    });
  });
});

describe('a profile asks DuckDB', () => {
  const content = Array.from({ length: 500 }, (_, row) => `${row},${row % 7},"n;${row % 90}"\n`).join('');

  it('about a file that takes more memory than it may, and tells the same', async () => {
    const file = await written('large.csv', `id,part,note\n${content}`);
    const [held, beyond] = [await profiled(file), await profiled(file, { memoryBytesMax: 5000 })];
    expect(held.statements).toBe(0);
    expect(beyond.statements).toBeGreaterThan(0);
    const rounded = (_: string, value: unknown) => (typeof value === 'number' ? Number(value.toPrecision(12)) : value);
    expect(JSON.stringify(beyond.profile, rounded)).toBe(JSON.stringify(held.profile, rounded));
  });

  it('about values that the kernel does not read: wide decimals, lists', async () => {
    for (const [column, cell] of [
      [decimal({ precision: 20, scale: 2 }), '123456789012345678.25'],
      [list(integer()), '"[1,2]"'],
    ] as const) {
      const file = await written('wide.csv', `a\n${cell}\n`);
      const { statements, columns } = await profiled(file, {
        contract: defineContract({ name: 'wide', columns: { a: column } }),
      });
      expect(statements).toBeGreaterThan(0);
      expect(columns.a).toMatchObject({ kind: column.kind, nulls: 0, distinct: 1 });
    }
  });
});

describe('a profile by a contract', () => {
  const contract = defineContract({
    name: 'orders',
    columns: {
      price: number({ coerce: ['trim', 'comma'] }),
      pieces: integer({ coerce: ['round'], nullable: true }),
      state: category(['open', 'paid'], { coerce: ['case'] }),
      note: text({ nullable: true }),
    },
  });
  const expected = {
    price: { kind: 'number', nulls: 0, numbers: { min: 1.5, max: 20 } },
    pieces: { kind: 'integer', nulls: 1, numbers: { min: 3, max: 4 } },
    state: {
      top: [
        { value: 'paid', rows: 2 },
        { value: 'open', rows: 1 },
      ],
    },
    note: { lengths: { min: 4, max: 6 } },
  };
  const rows = [
    { price: ' 1,5', pieces: '2.6', state: 'PAID', note: ' kept ' },
    { price: '20', pieces: null, state: 'open', note: null },
    { price: '7.25 ', pieces: '4', state: 'Paid', note: 'kept' },
  ];

  it('tells of cells as the contract lets them be changed, in CSV, JSON and Parquet, and for DuckDB', async () => {
    const names = Object.keys(contract.columns);
    const lines = rows.map((row) =>
      Object.values(row)
        .map((cell) => (cell === null ? '' : `"${cell}"`))
        .join(','),
    );
    const csv = await written('orders.csv', `${[names.join(','), ...lines].join('\n')}\n`);
    const json = await written('orders.ndjson', rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    const parquet = path.join(folder, 'orders.parquet');
    await duckdb.use((connection) =>
      connection.run(
        `copy (select * from read_csv('${csv}', all_varchar = true, header = true)) to '${parquet}' (format parquet)`,
      ),
    );
    for (const file of [csv, json, parquet]) {
      const { columns } = await profiled(file, { contract });
      expect(columns, file).toMatchObject(expected);
      expect((await profiled(file, { contract, memoryBytesMax: 0 })).columns, file).toMatchObject(expected);
    }
  });
});

describe('kinds without a contract', () => {
  it('are those of Parquet: times, and intervals as durations, which a check by a suggested contract takes', async () => {
    const file = path.join(folder, 'intervals.parquet');
    const lasted = `to_microseconds(([0, 1000, 90000000, 86400001000, 3600000000])[1 + i])`;
    const rows = `select time '09:30' + to_minutes(i::int) as at, ${lasted} as lasted, to_months(i::int) as months from range(5) r(i)`;
    await duckdb.use((connection) => connection.run(`copy (${rows}) to '${file}' (format parquet)`));
    const { profile, columns } = await profiled(file);
    expect(columns).toMatchObject({
      at: { kind: 'time', numbers: { min: 9.5 } },
      lasted: { kind: 'duration', distinct: 5, numbers: { min: 0, max: 86_400.001 / 3600 } },
      months: { kind: 'text' },
    });
    const contract = suggestContract(profile);
    const { result } = await checkFile({ path: file, contract, duckdb, folder: path.join(folder, 'checked') });
    expect(result).toMatchObject({ verdict: 'pass', rows: { in: 5, good: 5 } });
  });

  it('are times and durations where every filled cell is one, and a contract of them is met', async () => {
    const file = await written('clock.csv', 'at,lasted,mixed\n09:30,PT5M,09:30\n23:59:59.5,-P1DT2H,P1D\n,P2W,24:00\n');
    const { columns, profile } = await profiled(file);
    expect(columns).toMatchObject({
      at: { kind: 'time', nulls: 1, numbers: { min: 9.5 } },
      lasted: { kind: 'duration', numbers: { min: -26, max: 336 } },
      mixed: { kind: 'text' },
    });
    const suggested = suggestContract(profile);
    expect(suggested.columns).toMatchObject({
      at: { kind: 'time', nullable: true },
      lasted: { kind: 'duration' },
      mixed: { kind: 'text' },
    });
    expect((await profiled(file, { contract: suggested })).columns).toEqual(columns);
  });

  it('are no labels where they are times or durations, which no model predicts', async () => {
    const rows = Array.from({ length: 60 }, (_, row) => `${row},${row % 3},0${row % 9}:00,PT${row % 7}H\n`);
    const { profile, columns } = await profiled(await written('labels.csv', `id,grade,at,lasted\n${rows.join('')}`));
    expect(columns).toMatchObject({ at: { kind: 'time' }, lasted: { kind: 'duration' } });
    expect(proposeRoles(profile).label).toMatchObject({ column: 'grade', isSure: false });
  });
});
