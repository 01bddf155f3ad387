import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  boolean,
  category,
  checkFile,
  columnsMatch,
  containsAll,
  date,
  defineContract,
  type Expectation,
  inRange,
  integer,
  lessThanColumn,
  meanBetween,
  number,
  query,
  readGoodRows,
  row,
  rowCountBetween,
  type TypedRow,
  text,
  timestamp,
  uniqueTogether,
} from '#contracts';
import { countedWorld } from '../counted-world.ts';

const { duckdb, statementsOf, folder } = await countedWorld('groups');

const optional = { nullable: true } as const;
const columns = {
  id: integer({ unique: true }),
  age: number({ min: 0, max: 99, nullable: true }),
  limit: number(optional),
  sex: category(['f', 'm']),
  seen: timestamp(optional),
  born: date({ nullable: true, severity: 'warn' }),
  alive: boolean(optional),
  code: text({ pattern: '[a-z]*', severity: 'warn', nullable: true }),
  gone: text(optional),
  deck: text({ alwaysNull: true }),
};
/** Of each sort: over columns that stand apart, declared or not; keys; whole numbers of rows; what DuckDB cannot compute. */
const expectations: readonly Expectation[] = [
  query('a-man', {
    sql: `select count(*) < 2 as ok, count(*) as observed from rows where sex = 'm'`,
    sentence: 'one man',
    severity: 'warn',
  }),
  meanBetween('age', { max: 10 }),
  lessThanColumn('age', { other: 'limit' }),
  uniqueTogether(['age', 'sex', 'alive'], { severity: 'warn' }),
  row('undeclared', { holds: `id <> 4 or code = 'q' or gone is not null` }),
  row('partly-declared', { holds: 'id % 5 <> 0 or born is null', columns: ['id'] }),
  row('too-large', { holds: `(id * 4611686018427387904)::varchar <> ''`, columns: ['id'], severity: 'warn' }),
  inRange('limit', { max: 50, severity: 'warn' }),
  rowCountBetween({ min: 1e6, severity: 'warn' }),
  columnsMatch({ severity: 'warn' }),
  containsAll('sex', { values: ['x'], severity: 'warn' }),
];
/** Names out of the contract's order, and one it does not know. */
const NAMES = ['code', 'alive', 'more', 'born', 'seen', 'deck', 'sex', 'limit', 'gone', 'AGE', 'id'];

function record(index: number): readonly string[] {
  const odd = (every: number, wrong: string, right: string): string => (index % every === every - 1 ? wrong : right);
  return [
    odd(4, 'NO', odd(9, '', 'q')),
    odd(11, 'maybe', index % 2 === 0 ? 'true' : '0'),
    'x',
    odd(6, '2026-02-30', '2026-01-01'),
    odd(13, 'now', '2026-01-01T00:00:00Z'),
    '',
    odd(8, 'd', index % 3 === 0 ? 'f' : 'm'),
    String(index % 60),
    odd(19, '', 'x'),
    odd(7, '', odd(10, 'old', String(index % 45))),
    odd(17, '1', String(index + 1)),
  ];
}

interface CheckOptions {
  readonly groupColumns?: number;
  readonly expectations?: readonly Expectation[];
  readonly names?: readonly string[];
}

async function check(rows: number, options: CheckOptions = {}) {
  const { names = NAMES } = options;
  const contract = defineContract({ name: 'people', columns, expectations: options.expectations ?? expectations });
  const file = path.join(folder, `${rows}.csv`);
  const records = Array.from({ length: rows }, (_, index) => record(index));
  const lines = [NAMES, ...records].map((cells) => cells.filter((_, at) => names.includes(NAMES[at] ?? '')).join(','));
  await writeFile(file, `${lines.join('\n')}\n`);
  const { groupColumns } = options;
  const { result, files } = await checkFile(
    {
      path: file,
      contract,
      folder: path.join(folder, 'out'),
      duckdb,
      ...(groupColumns === undefined ? {} : { groupColumns }),
    },
    { nowMs: () => 0 },
  );
  const [good, bad] = await Promise.all(
    [files.good, files.bad].map((part) => (part === undefined ? '' : readFile(part, 'utf8'))),
  );
  return { result, good, bad };
}

describe('a check in groups of columns', () => {
  it.each([1, 2, 3, 5])(
    'finds the same in groups of %i as in one, and gives the same rows and reasons',
    async (size) => {
      const whole = await check(60);
      expect(await check(60, { groupColumns: size })).toEqual(whole);
      // What it found is something of every sort, beside good rows.
      const { violations, rows } = whole.result;
      expect(new Set(violations.map(({ category }) => category)).size).toBeGreaterThan(7);
      expect(violations.map(({ sentence }) => sentence).join()).toContain('cannot be computed');
      expect(rows.good).toBeGreaterThan(5);
      expect(rows.bad).toBeGreaterThan(5);
    },
  );

  it('asks about each group by itself', async () => {
    // Each is SQL about one column, which only DuckDB can answer.
    const asked = ['id', 'age', 'born', 'sex'].map((name) =>
      row(`asked-of-${name}`, { holds: `${name} is not null`, columns: [name] }),
    );
    const [one, two, all] = [
      await statementsOf(() => check(60, { expectations: asked, groupColumns: 1 })),
      await statementsOf(() => check(60, { expectations: asked, groupColumns: 2 })),
      await statementsOf(() => check(60, { expectations: asked })),
    ];
    expect(one).toBeGreaterThan(two);
    expect(two).toBeGreaterThan(all);
  });

  it('finds the same of a file that lacks columns', async () => {
    const names = NAMES.filter((name) => name !== 'gone' && name !== 'seen');
    expect(await check(60, { names, groupColumns: 2 })).toEqual(await check(60, { names }));
  });

  it('finds the same of more rows than it keeps in memory', async () => {
    const whole = await check(7000);
    expect(await check(7000, { groupColumns: 3 })).toEqual(whole);
    expect(whole.result.rows.good).toBeGreaterThan(500);
  });

  it('finds the same where a condition cannot be guarded, and where every row is good', async () => {
    const plain = [row('rare', { holds: 'random() < 2', columns: ['id'] })];
    const loose = { expectations: plain };
    expect(await check(5, { ...loose, groupColumns: 2 })).toEqual(await check(5, loose));
  });

  it('asks about many conditions on few columns in groups too', async () => {
    const many = Array.from({ length: 40 }, (_, index) =>
      row(`not-${index}`, { holds: `id <> ${index}`, columns: ['id'], severity: index % 2 === 0 ? 'warn' : 'fail' }),
    );
    const whole = await check(60, { expectations: many });
    expect(await check(60, { expectations: many, groupColumns: 1 })).toEqual(whole);
  });

  it('reads good rows alike', async () => {
    const { good } = await check(60);
    const file = path.join(folder, 'good.csv');
    await writeFile(file, good ?? '');
    const contract = defineContract({ name: 'people', columns: { ...columns, ['__proto__']: text(optional) } });
    const read = async (groupColumns: number): Promise<readonly TypedRow[]> => {
      const rows: TypedRow[] = [];
      const page = (some: readonly TypedRow[]): void => void rows.push(...some);
      expect(await readGoodRows({ file, contract, duckdb, pageRows: 4, groupColumns }, page)).toBe(rows.length);
      return rows;
    };
    const whole = await read(100);
    expect(await statementsOf(() => read(3))).toBeGreaterThan(await statementsOf(() => read(100)));
    expect((await read(3)).map(Object.entries)).toEqual(whole.map(Object.entries));
    expect(whole.length).toBeGreaterThan(5);
  });
});
