import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  category,
  checkFile,
  compareProfiles,
  contractSource,
  decimal,
  defineContract,
  duration,
  list,
  nearReference,
  number,
  profileFile,
  QUANTILES,
  referenceOf,
  renderProfile,
  struct,
  suggestContract,
  time,
} from '#contracts';
import type { DuckdbPool } from '#store';
import { inProcessDuckdb } from '../duckdb-in-process.ts';

let duckdb: DuckdbPool;
let folder: string;
beforeAll(async () => {
  duckdb = await inProcessDuckdb();
  folder = await mkdtemp(path.join(tmpdir(), 'weir-profile-test-'));
});
afterAll(async () => {
  await duckdb.close();
  await rm(folder, { recursive: true, force: true });
});

async function written(content: string): Promise<string> {
  const file = path.join(folder, 'people.csv');
  await writeFile(file, content);
  return file;
}

/** A hundred people: ages 0 to 99 with `shift`, every tenth unknown. */
function people(shift = 0): string {
  const rows = Array.from({ length: 100 }, (_, index) =>
    [
      index + 1,
      index % 10 === 0 ? '' : index + shift,
      index % 3 === 0 ? 'female' : 'male',
      `2026-01-${String((index % 28) + 1).padStart(2, '0')}`,
      '',
      index % 2 === 0,
      `n"${index}`,
    ]
      .map((cell) => `"${String(cell).replaceAll('"', '""')}"`)
      .join(','),
  );
  return `id,age,sex,born,nothing,alive,note\n${rows.join('\n')}\n`;
}

describe('profileFile', () => {
  it('guesses kinds, and summarises every column by its kind', async () => {
    const profile = await profileFile({ path: await written(people()), duckdb });
    expect(profile).toMatchObject({ file: 'people.csv', rows: 100, rejected: 0 });
    const columns = Object.fromEntries(profile.columns.map((column) => [column.name, column]));
    expect(
      Object.values(columns).map(({ name, kind, nulls, distinct, distinctIsExact }) => [
        name,
        kind,
        nulls,
        distinct,
        distinctIsExact,
      ]),
    ).toEqual([
      ['id', 'integer', 0, 100, true],
      ['age', 'integer', 10, 90, true],
      ['sex', 'text', 0, 2, true],
      ['born', 'date', 0, 28, true],
      ['nothing', 'text', 100, 0, true],
      ['alive', 'boolean', 0, 2, true],
      ['note', 'text', 0, 100, true],
    ]);
    expect(columns.age?.numbers).toMatchObject({ min: 1, max: 99, mean: 50, zeros: 0, negatives: 0 });
    expect(columns.age?.numbers?.quantiles[3]).toBe(50);
    expect(columns.age?.numbers?.histogram.reduce((sum, rows) => sum + rows, 0)).toBe(90);
    expect(columns.sex?.top).toEqual([
      { value: 'male', rows: 66 },
      { value: 'female', rows: 34 },
    ]);
    expect(columns.sex?.lengths).toEqual({ min: 4, max: 6 });
    expect(columns.born?.moments).toEqual({ min: '2026-01-01', max: '2026-01-28' });
    expect(profile.correlations).toEqual([{ a: 'id', b: 'age', value: expect.closeTo(1, 9) }]);
  });

  it('takes kinds from a contract when there is one, and counts what is none of the kind as empty', async () => {
    const contract = defineContract({ name: 'x', columns: { age: number() } });
    const { columns } = await profileFile({ path: await written('age,x\n1,a\nold,b\n'), duckdb, contract });
    expect(columns[0]).toMatchObject({ kind: 'number', nulls: 1, numbers: { mean: 1 } });
  });

  it('summarises decimals as numbers, and times and durations in hours', async () => {
    const rows = Array.from(
      { length: 480 },
      (_, at) => `${at % 24}.25,${String(at % 24).padStart(2, '0')}:30,PT${(at % 24) * 30}M`,
    );
    const contract = defineContract({
      name: 'parcels',
      columns: { price: decimal({ precision: 20, scale: 2 }), picked: time(), took: duration() },
    });
    const file = await written(`price,picked,took\n${rows.join('\n')}\nx,24:00,P1M\n`);
    const profile = await profileFile({ path: file, contract, duckdb });
    expect(
      profile.columns.map(({ kind, nulls, misfits = 0, numbers }) => [
        kind,
        nulls + misfits,
        numbers?.min,
        numbers?.max,
      ]),
    ).toEqual([
      ['decimal(20,2)', 1, 0.25, 23.25],
      ['time', 1, 0.5, 23.5],
      ['duration', 1, 0, 11.5],
    ]);
    const later = await profileFile({
      path: await written(`price,picked,took\n${rows.filter((_, at) => at % 24 >= 12).join('\n')}\n`),
      contract,
      duckdb,
    });
    expect(compareProfiles(profile, later).map(({ column }) => column)).toContain('price');
    expect(renderProfile(profile)).toContain('decimal(20,2)');
  });

  it('survives the largest numbers there are, and columns that never change', async () => {
    const { columns, correlations } = await profileFile({
      path: await written('a,b,c\n1e308,1,-1e308\n-1e308,1,1e308\n1e308,1,5\n'),
      duckdb,
    });
    expect(columns[0]?.numbers).toMatchObject({ min: -1e308, max: 1e308 });
    expect(correlations).toEqual([]);
  });

  it('gives a file of nothing but a header an empty profile', async () => {
    const profile = await profileFile({ path: await written('a,,a\n'), duckdb });
    expect(profile.columns.map(({ name, kind, nulls }) => [name, kind, nulls])).toEqual([
      ['a', 'text', 0],
      ['column 2', 'text', 0],
      ['a (2)', 'text', 0],
    ]);
  });

  it('corrects a guess that the rest of the file proves wrong', async () => {
    const rows = Array.from(
      { length: 12_000 },
      (_, row) => `${row},${row < 11_000 ? '' : row},${row < 11_000 ? row : 'x'}`,
    );
    const { columns } = await profileFile({ path: await written(`whole,late,mixed\n${rows.join('\n')}\n`), duckdb });
    expect(columns.map(({ name, kind, nulls }) => [name, kind, nulls])).toEqual([
      ['whole', 'integer', 0],
      ['late', 'integer', 11_000],
      ['mixed', 'text', 0],
    ]);
  });

  it('estimates quantiles of many rows within half a per cent of rank', async () => {
    const count = 1_200_000;
    // Multiplying by a unit of the ring shuffles, and every value comes once.
    const rows = Array.from({ length: count }, (_, row) => (row * 700_001) % count);
    const { columns } = await profileFile({ path: await written(`value\n${rows.join('\n')}\n`), duckdb });
    const { quantiles = [], min, max } = columns[0]?.numbers ?? {};
    expect([min, max]).toEqual([0, count - 1]);
    for (const [index, share] of QUANTILES.entries())
      expect(Math.abs((quantiles[index] ?? 0) / count - share)).toBeLessThan(0.005);
  });

  it('says why a file has no profile', async () => {
    await expect(profileFile({ path: await written(''), duckdb })).rejects.toThrow(
      'cannot be profiled: the file is empty',
    );
  });
});

describe('renderProfile', () => {
  it('shows what is in the columns, and single values only when asked', async () => {
    const profile = await profileFile({ path: await written(people()), duckdb, name: '<b>people</b>.csv' });
    const page = renderProfile(profile);
    expect(page).toContain('&lt;b&gt;people&lt;/b&gt;.csv');
    expect(page).toContain('50%: 50'.replace('%', ' %'));
    expect(page).toContain('aria-label="Histogram of age"');
    expect(page).not.toContain('female');
    expect(renderProfile(profile, { showValues: true })).toContain('female');
    expect(page).not.toMatch(/<script|<img|style="/);
  });
});

describe('a column of few values at the beginning', () => {
  it('is counted exactly and listed only when they stay few', async () => {
    const rows = Array.from({ length: 130_000 }, (_, row) => `${row < 105_000 ? 'same' : row},${row % 7}`);
    const { columns } = await profileFile({ path: await written(`late,few\n${rows.join('\n')}\n`), duckdb });
    expect(columns[0]).toMatchObject({ name: 'late', distinctIsExact: false });
    expect(Math.abs((columns[0]?.distinct ?? 0) / 25_001 - 1)).toBeLessThan(0.1);
    expect(columns[0]?.top).toBeUndefined();
    expect(columns[1]).toMatchObject({ name: 'few', distinct: 7, distinctIsExact: true });
    expect(columns[1]?.top?.[0]).toEqual({ value: '0', rows: 18_572 });
  });
});

describe('a profile of another format', () => {
  const ROWS = `select i as id, i / 4.0 as share, i % 2 = 0 as even, date '2026-01-01' + (i % 9)::integer as day,
    timestamptz '2026-01-01 00:00:00+00' + interval (i) hour as at, timestamp '2026-03-01 12:00:00' as wall,
    case when i % 3 = 0 then 'a' when i % 3 = 1 then '' else 'c' end as letter, i::varchar as digits,
    9007199254740993 + i as huge, case when i = 7 then 'nan'::double else i end as measured, [i] as list
    from range(100) r(i)`;
  async function profileAs(
    format: 'parquet' | 'csv' | 'ndjson',
    more: Partial<Parameters<typeof profileFile>[0]> = {},
  ) {
    const file = path.join(folder, `it's.${format}`);
    const how = { parquet: 'format parquet', csv: 'format csv, header', ndjson: 'format json' }[format];
    await duckdb.use((connection) =>
      connection.run(`set timezone = 'UTC'; copy (${ROWS}) to '${file.replaceAll("'", "''")}' (${how})`),
    );
    return profileFile({ path: file, duckdb, ...more });
  }

  it('takes the types that Parquet has, and guesses only what it holds as text', async () => {
    const { columns, rows, rejected, digest } = await profileAs('parquet');
    expect({ rows, rejected, digest: digest.length }).toEqual({ rows: 100, rejected: 0, digest: 64 });
    expect(Object.fromEntries(columns.map(({ name, kind, nulls }) => [name, `${kind} ${nulls}`]))).toEqual({
      id: 'integer 0',
      share: 'number 0',
      even: 'boolean 0',
      day: 'date 0',
      at: 'timestamp 0',
      wall: 'timestamp 0',
      letter: 'text 33',
      digits: 'integer 0',
      huge: 'number 0',
      measured: 'number 1',
      list: 'text 0',
    });
    expect(columns.find(({ name }) => name === 'at')?.moments).toEqual({
      min: '2026-01-01T00:00:00.000Z',
      max: '2026-01-05T03:00:00.000Z',
    });
    expect(columns.find(({ name }) => name === 'wall')?.moments?.min).toBe('2026-03-01T12:00:00.000Z');
  });

  it('says of Parquet what it says of the same rows as text', async () => {
    const [typed, texts] = [await profileAs('parquet'), await profileAs('csv')];
    const shared = ['id', 'share', 'even', 'day', 'letter', 'digits'];
    const of = ({ columns }: typeof typed) => columns.filter(({ name }) => shared.includes(name));
    expect(of(typed)).toEqual(of(texts));
    const pairs = ({ correlations }: typeof typed) =>
      correlations.filter(({ a, b }) => shared.includes(a) && shared.includes(b));
    expect(pairs(typed)).toEqual(pairs(texts));
  });

  it('follows a contract where the file has other types', async () => {
    const contract = defineContract({ name: 'x', columns: { id: number(), digits: number(), letter: number() } });
    const { columns } = await profileAs('parquet', { contract });
    const found = Object.fromEntries(columns.map((column) => [column.name, column]));
    expect(found.id).toMatchObject({ kind: 'number', numbers: { min: 0, max: 99 } });
    expect(found.digits).toMatchObject({ kind: 'number', numbers: { mean: 49.5 } });
    expect(found.letter).toMatchObject({ kind: 'number', nulls: 100 });
  });

  it('reads objects a line, whose fields are its columns', async () => {
    const { columns, rows, rejected } = await profileAs('ndjson');
    // One of them holds a nan, which is no JSON.
    expect({ rows, rejected }).toEqual({ rows: 99, rejected: 1 });
    expect(columns.find(({ name }) => name === 'share')).toMatchObject({ kind: 'number', numbers: { max: 24.75 } });
  });

  it('says when Parquet ends before its end', async () => {
    const file = path.join(folder, 'cut.parquet');
    await writeFile(file, 'PAR1 and nothing more');
    await expect(profileFile({ path: file, duckdb })).rejects.toThrow(
      /cut\.parquet" cannot be profiled: The file starts like Parquet but cannot be read to its end/,
    );
  });
});

describe('suggestContract', () => {
  it('suggests a contract that the data meets', async () => {
    const file = await written(people());
    const contract = suggestContract(await profileFile({ path: file, duckdb }));
    expect(contract.columns).toMatchObject({
      id: { kind: 'integer', role: 'id', unique: true, min: 0 },
      age: { kind: 'integer', nullable: true, min: 0, max: 200 },
      sex: { kind: 'category', categories: ['female', 'male'] },
      born: { kind: 'date' },
      nothing: { alwaysNull: true },
      alive: { kind: 'boolean' },
      note: { kind: 'text', role: 'meta' },
    });
    const { result } = await checkFile({ path: file, contract, folder: path.join(folder, 'out'), duckdb });
    expect(result.verdict).toBe('pass');
  });

  it('is written down as the code of a project', async () => {
    const profile = await profileFile({ path: await written(`id,it's,"a-b"\n${"1,it's,2.5\n".repeat(9)}`), duckdb });
    expect(contractSource(suggestContract(profile, { name: 'mine' }))).toBe(
      [
        `import { category, defineContract, integer, number } from 'weir';`,
        '',
        'export const contract = defineContract({',
        `  name: 'mine',`,
        '  columns: {',
        '    id: integer({ min: 0, max: 2 }),',
        `    ['it\\'s']: category(['it\\'s']),`,
        `    ['a-b']: number({ min: 0, max: 5, decimals: 1 }),`,
        '  },',
        '});',
        '',
      ].join('\n'),
    );
  });
});

describe('contractSource', () => {
  it('writes columns of decimals, lists and structs by the functions that make them', () => {
    const contract = defineContract({
      name: 'visits',
      columns: {
        price: decimal({ precision: 12, scale: 2, min: 0, nullable: true }),
        tags: list(category(['a']), { lengthMin: 1, role: 'meta' }),
        place: struct({ lat: number({ min: -90 }), 'set at': time() }, { role: 'meta' }),
      },
    });
    expect(contractSource(contract).split('\n')).toEqual([
      "import { category, decimal, defineContract, list, number, struct, time } from 'weir';",
      '',
      'export const contract = defineContract({',
      "  name: 'visits',",
      '  columns: {',
      "    price: decimal({ nullable: true, precision: 12, scale: 2, min: '0.00' }),",
      "    tags: list(category(['a']), { role: 'meta', lengthMin: 1 }),",
      "    place: struct({ lat: number({ min: -90 }), ['set at']: time() }, { role: 'meta' }),",
      '  },',
      '});',
      '',
    ]);
  });
});

describe('compareProfiles', () => {
  it('finds nothing between equal data', async () => {
    const profile = await profileFile({ path: await written(people()), duckdb });
    expect(compareProfiles(profile, profile)).toEqual([]);
  });

  it('says what became different', async () => {
    const reference = await profileFile({ path: await written(people()), duckdb });
    const changed = people(40)
      .replaceAll('"female"', '"diverse"')
      .replaceAll('born', 'birth')
      .replaceAll(/"n""\d/g, '"');
    const current = await profileFile({ path: await written(changed), duckdb });
    const changes = compareProfiles(reference, current);
    expect(changes.map(({ column, kind }) => `${column} ${kind}`).sort()).toEqual([
      'age distribution',
      'birth added',
      'born removed',
      'note kind',
      'sex distribution',
      'sex values',
    ]);
    expect(changes.find(({ column }) => column === 'age')?.sentence).toMatch(/its mean was 50 and is 90/);
  });
});

describe('referenceOf', () => {
  it('makes a reference that the same data is near to, and shifted data is not', async () => {
    const profile = await profileFile({ path: await written(people()), duckdb });
    const reference = referenceOf(profile.columns[1]!, profile.rows)!;
    const contract = defineContract({
      name: 'x',
      columns: { age: number({ nullable: true }) },
      expectations: [nearReference('age', { reference })],
    });
    const verdictOf = async (content: string) =>
      (
        await checkFile({ path: await written(content), contract, folder: path.join(folder, 'out'), duckdb })
      ).result.violations.some(({ expectation }) => expectation === 'near-reference');
    expect(await verdictOf(people())).toBe(false);
    expect(await verdictOf(people(40))).toBe(true);
  });
});
