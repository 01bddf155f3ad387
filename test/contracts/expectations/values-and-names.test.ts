import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  addsUp,
  boolean,
  type Column,
  categoryShares,
  checkFile,
  containsAll,
  date,
  defineContract,
  type Expectation,
  equalsColumn,
  inRange,
  inSet,
  integer,
  momentBetween,
  multipleOf,
  notInSet,
  number,
  ofType,
  outlierShareBetween,
  query,
  requiredWhen,
  row,
  shareBetween,
  text,
  timestamp,
  unique,
  uniqueTogether,
} from '#contracts';
import type { DuckdbPool } from '#store';
import { inProcessDuckdb } from '../duckdb-in-process.ts';

let duckdb: DuckdbPool;
let folder: string;
beforeAll(async () => {
  duckdb = await inProcessDuckdb();
  folder = await mkdtemp(path.join(tmpdir(), 'weir-meaning-'));
});
afterAll(async () => {
  await duckdb.close();
  await rm(folder, { recursive: true, force: true });
});

type Columns = Readonly<Record<string, Column>>;
const free = { nullable: true, role: 'meta' } as const;
const N: Columns = { a: number(free) };
const T: Columns = { a: text(free) };

interface Given {
  readonly columns: Columns;
  /** Lines of cells, without the column of row numbers that stands before them. */
  readonly rows: readonly string[];
}

/** The verdict, the numbers of the bad rows, and the sentences of what was violated. */
async function check(expectations: Expectation | readonly Expectation[], { columns, rows }: Given) {
  const contract = defineContract({
    name: 'one',
    columns: { row: integer({ role: 'meta' }), ...columns },
    expectations: [expectations].flat(),
  });
  const file = path.join(folder, 'in.csv');
  const lines = rows.map((cells, at) => `${at},${cells}`);
  await writeFile(file, `${[Object.keys(contract.columns).join(','), ...lines].join('\n')}\n`);
  const { result, files } = await checkFile({ path: file, contract, folder: path.join(folder, 'out'), duckdb });
  const bad = files.bad === undefined ? [] : (await readFile(files.bad, 'utf8')).trim().split('\n').slice(1);
  return {
    verdict: result.verdict,
    bad: bad.map((line) => Number(line.split(',')[1])),
    sentences: result.violations.map(({ sentence }) => sentence),
    names: result.expectations.map(({ expectation }) => expectation),
  };
}

const D: Columns = { a: date(free) };
const S: Columns = { a: timestamp(free) };
const B: Columns = { a: boolean(free) };

describe('an expectation that names values', () => {
  it.each([
    ['numbers', inSet('a', { values: ['1', 2, '0.10'] }), N, ['1.0', '02', '1e-1', '3', ''], [3]],
    ['whole numbers', inSet('a', { values: ['1.0'] }), { a: integer(free) }, ['1', '01', '2'], [2]],
    ['truths', inSet('a', { values: [true] }), B, ['1', 'TRUE', 'true', '0'], [3]],
    ['days', inSet('a', { values: ['2026-03-01'] }), D, ['2026-03-01', '2026-03-01 00:00:00', '2026-03-02'], [2]],
    [
      'moments',
      inSet('a', { values: ['2026-03-01T12:00Z'] }),
      S,
      ['2026-03-01T14:00:00+02:00', '2026-03-01 12:01'],
      [1],
    ],
    ['texts', inSet('a', { values: ['1', "o'b"] }), T, ['1', '1.0', "o'b", '01'], [1, 3]],
    ['numbers that are none of', notInSet('a', { values: [0, '-1'] }), N, ['-0', '0.0', '-1.00', '1', ''], [0, 1, 2]],
    ['zeros and truths apart', notInSet('a', { values: ['0'] }), B, ['false', '0', 'true'], [0, 1]],
    ['equal columns', equalsColumn('a', { other: 'b' }), { ...N, b: integer(free) }, ['1.0,1', '2,1', ','], [1]],
    [
      'a day and its midnight',
      equalsColumn('a', { other: 'b' }),
      { ...D, b: timestamp(free) },
      ['2026-03-01,2026-03-01T00:00:00Z', '2026-03-01,2026-03-01T01:00:00Z'],
      [1],
    ],
    ['a text and a number', equalsColumn('a', { other: 'b' }), { ...T, b: number(free) }, ['1,1.0', 'x,1', ','], [1]],
    [
      'keys of two numbers',
      uniqueTogether(['a', 'b']),
      { ...N, b: date(free) },
      ['1,2026-03-01', '1.0,2026-03-01 00:00:00', '1,2026-03-02'],
      [1],
    ],
    ['different truths', unique('a'), B, ['true', '1', 'false'], [1]],
    ['texts that look like one number', unique('a'), T, ['1', '1.0', '01', '1'], [3]],
    ['large texts of digits', unique('a'), T, ['9007199254740993', '9007199254740992'], []],
    [
      'bounds of moments to the minute',
      momentBetween('a', { min: '2026-03-01T12:00' }),
      S,
      ['2026-03-01T11:59:59Z', '2026-03-01T12:00Z'],
      [0],
    ],
  ] as const)('compares %s by the kind of the column', async (_, expectation, columns, rows, bad) => {
    expect((await check(expectation, { columns, rows })).bad).toEqual(bad);
  });

  it.each([
    ['numbers', containsAll('a', { values: ['1', '2'], severity: 'fail' }), N, ['1', '2.0'], ['1', '3']],
    [
      'days',
      containsAll('a', { values: ['2026-03-01'], severity: 'fail' }),
      D,
      ['2026-03-01 00:00:00'],
      ['2026-03-02'],
    ],
    [
      'truths',
      categoryShares('a', { shares: { true: 0.5 }, tolerance: 0.1, severity: 'fail' }),
      B,
      ['1', '0'],
      ['0', '0'],
    ],
    [
      'numbers',
      categoryShares('a', { shares: { 1: 1 }, tolerance: 0.1, severity: 'fail' }),
      N,
      ['1.0', '01'],
      ['1', '2'],
    ],
  ] as const)(
    'compares %s of the whole file by the kind of the column',
    async (_, expectation, columns, fine, wrong) => {
      expect((await check(expectation, { columns, rows: fine })).verdict).toBe('pass');
      expect((await check(expectation, { columns, rows: wrong })).verdict).toBe('fail');
    },
  );

  it('refuses a value that no cell of the column can hold', () => {
    const define = (expectation: Expectation) =>
      defineContract({ name: 'one', columns: { ...N, d: date() }, expectations: [expectation] });
    expect(() => define(inSet('a', { values: ['1', 'one'] }))).toThrow(/column "a" can hold by its kind; got "one"/);
    expect(() => define(containsAll('d', { values: ['2026-02-30'] }))).toThrow(/"d".*got "2026-02-30"/);
  });

  it('finds a text that is no value of the kind where it names what must not be there', async () => {
    const columns = { a: number({ ...free, severity: 'warn' }) };
    const { bad } = await check(notInSet('a', { values: ['n/a', 0] }), { columns, rows: ['n/a', '0.0', '-', '1'] });
    expect(bad).toEqual([0, 1]);
  });
});

describe('ofType', () => {
  it('asks for the kind that it names, whichever the column has', async () => {
    const rows = ['1', '1.0', '1.5', 'x', ''];
    expect((await check(ofType('a', { kind: 'integer' }), { columns: T, rows })).bad).toEqual([2, 3]);
    expect((await check(ofType('a', { kind: 'number' }), { columns: T, rows })).bad).toEqual([3]);
    expect((await check(ofType('a', { kind: 'integer' }), { columns: N, rows: ['1', '1.5'] })).bad).toEqual([1]);
    expect(
      (await check(ofType('a', { kind: 'date' }), { columns: T, rows: ['2026-03-01', '2026-02-30'] })).bad,
    ).toEqual([1]);
  });

  it('leaves the count of empty cells alone', async () => {
    const contract = defineContract({ name: 'one', columns: T, expectations: [ofType('a', { kind: 'date' })] });
    const file = path.join(folder, 'nulls.csv');
    await writeFile(file, 'a\nx\ny\n""\n');
    const { result } = await checkFile({ path: file, contract, folder: path.join(folder, 'out'), duckdb });
    expect(result.columns).toEqual([{ name: 'a', nulls: 1 }]);
  });
});

describe('multipleOf', () => {
  it.each([
    [
      0.01,
      ['1234567.89', '-1234567.89', '0.01', '0', '98765432109876.53', '1e15', '1e22', '1e300'],
      ['1234567.895', '0.005', '12345678901234.565'],
    ],
    [0.1, ['0.3', '-12.7', '1e15', '123456789012.3', '0.30000000000000004'], ['0.35', '1e-9', '123456789012.34']],
    [3, ['9007199254740990', '-3', '3e10'], ['9007199254740991', '1', '3.5']],
    [0.25, ['1e10', '-0.75', '2.50'], ['0.3', '0.125']],
    [1e-7, ['0.0000003', '12.3456789'], ['0.00000005']],
    [1000, ['1e15', '-5000.0'], ['500']],
  ])('of %f takes %j and refuses %j', async (step, fine, wrong) => {
    const { bad } = await check(multipleOf('a', { step }), { columns: N, rows: [...fine, ...wrong] });
    expect(bad).toEqual(wrong.map((_, at) => fine.length + at));
  });

  it('is exact for whole numbers', async () => {
    const { bad } = await check(multipleOf('a', { step: 7 }), {
      columns: { a: integer(free) },
      rows: ['9007199254740987', '9007199254740988', '14.0'],
    });
    expect(bad).toEqual([0]);
  });
});

describe('addsUp', () => {
  it('adds decimal digits, so that large amounts add up as small ones do', async () => {
    const columns = { a: number(free), b: number(free), c: number(free) };
    const rows = ['1234567.1,7654321.2,8888888.3', '0.1,0.2,0.3', '1234567.1,7654321.2,8888888.31', '1e30,1,1e30'];
    expect((await check(addsUp('c', { parts: ['a', 'b'] }), { columns, rows })).bad).toEqual([2]);
  });
});

describe('SQL that people write', () => {
  const AB: Columns = { a: integer(free), b: integer(free), d: text(free) };
  const huge = '9007199254740991,9007199254740991,x';

  it.each([
    ['overflows', row('r', { holds: 'a * b > 0' }), [huge, '2,3,x', '2,-3,x', ',1,x'], [0, 2]],
    ['casts', row('r', { holds: 'd::integer > 0' }), ['1,1,5', '1,1,five', '1,1,-5', '1,1,'], [1, 2]],
    ['makes a date', row('r', { holds: "make_date(2026, a, b) > date '2020-01-01'" }), ['2,28,', '2,30,', ',,'], [1]],
    ['takes a root', row('r', { holds: 'sqrt(a) < 3' }), ['4,,', '-4,,', '16,,'], [1, 2]],
    ['overflows in when', requiredWhen('d', { when: 'a * b > 0' }), [huge, '2,3,', '2,-3,'], [0, 1]],
    ['ends in a comment', row('r', { holds: 'a > 0 -- positive' }), ['1,,', '0,,'], [1]],
    ['ends in a semicolon', row('r', { holds: 'a > 0 ; /* done; */ ' }), ['1,,', '0,,'], [1]],
    [
      'holds what looks like an end',
      row('r', { holds: `d <> ';--' and d <> '/*'` }),
      ['1,1,x', '1,1,;--', '1,1,/*'],
      [1, 2],
    ],
  ] as const)(
    'that %s for a row makes that row bad, and leaves the others as they are',
    async (_, expectation, rows, bad) => {
      const found = await check(expectation, { columns: AB, rows });
      expect(found.bad).toEqual(bad);
      expect(found.verdict).toBe('fail');
    },
  );

  it('says for how many rows a condition cannot be computed', async () => {
    const { sentences } = await check(row('r', { holds: 'a * b > 0' }), { columns: AB, rows: [huge, huge, '-1,1,x'] });
    expect(sentences).toEqual(['a * b > 0; in 2 rows it cannot be computed']);
  });

  it('may hold a subquery or chance, without which no row can be told apart', async () => {
    const { bad } = await check(row('r', { holds: 'a in (select unnest([1, 2])) and random() >= 0' }), {
      columns: AB,
      rows: ['1,,', '3,,'],
    });
    expect(bad).toEqual([1]);
  });

  it.each([
    ['a CTE', `with few as (select * from rows where a > 1) select count(*) = 1 as ok, count(*) as observed from few`],
    ['a semicolon at its end', `select count(*) = 2 as ok, count(*) as observed from rows;`],
    ['a comment at its end', `select count(*) = 2 as ok, count(*) as observed from rows -- of all`],
    ['from before select', `from rows select count(*) = 2 as OK, count(*) as Observed`],
    ['other columns', `select 'x' as x, count(*) as observed, count(*) = 2 as ok, sum(a) as total from rows ; -- done`],
    ['no observed', `select count(*) = 2 as ok from rows`],
    ['comments before and within', `-- how many\nselect count(*) = 2 /* two; */ as ok from rows`],
    ['order and limit', `select a = 2 as ok, a as observed from rows order by a desc limit 1`],
  ])('is asked of the whole file with %s', async (_, sql) => {
    const { verdict, sentences } = await check(query('q', { sql, sentence: 'q' }), {
      columns: AB,
      rows: ['1,,', '2,,'],
    });
    expect({ verdict, sentences }).toEqual({ verdict: 'pass', sentences: [] });
  });

  it.each([
    ['query', query('q', { sql: 'select sum(a * b) > 0 as ok from rows', sentence: 'q' }), 'numbers too large'],
    [
      'query',
      query('q', { sql: 'select max(d::integer) > 0 as ok from rows', sentence: 'q' }),
      'values that cannot be conv',
    ],
    [
      'share',
      shareBetween('q', { where: 'd::date > current_date', min: 0, severity: 'fail' }),
      'values that cannot be conv',
    ],
  ])('that stumbles over the values in a %s is not met, and says why', async (_, expectation, found) => {
    const { verdict, sentences } = await check(expectation, { columns: AB, rows: [huge] });
    expect(verdict).toBe('fail');
    expect(sentences).toEqual([expect.stringContaining(`; found ${found}`)]);
  });

  const SEEN: Columns = { a: integer(free), d: text(free), seen: timestamp(free) };
  it.each([
    ['query', query('q', { sql: `select max(D) = 'y' as ok from rows`, sentence: 'q', columns: ['a'] })],
    [
      'query',
      query('q', {
        sql: `select min("seen") = timestamptz '2026-01-01T00:00:00Z' as ok from rows`,
        sentence: 'q',
        columns: [],
      }),
    ],
    [
      'share',
      shareBetween('q', {
        where: `seen >= timestamptz '2026-01-01T00:00:00Z'`,
        columns: ['a'],
        min: 1,
        severity: 'fail',
      }),
    ],
    ['row', row('q', { holds: `seen >= timestamptz '2026-01-01T00:00:00Z'`, columns: ['a'] })],
  ])('in a %s may look at columns that it does not name', async (_, expectation) => {
    const moments = ['2026-01-01T00:00:00Z', '2026-01-01T12:00:00+02:00'];
    const rows = [`1,x,${moments[0]}`, `2,y,${moments[1]}`];
    expect((await check(expectation, { columns: SEEN, rows })).verdict).toBe('pass');
    const worse = [`1,x,${moments[0]}`, '2,z,2026-01-01T01:00:00+02:00'];
    expect((await check(expectation, { columns: SEEN, rows: worse })).verdict).toBe('fail');
  });

  it.each([
    [
      'no such column',
      query('q', { sql: 'select nosuch = 1 as ok from rows', sentence: 'q' }),
      /"q" does not run. It uses "nosuch", which is no column of the contract/,
    ],
    ['no answer', query('q', { sql: 'select count(*) as n from rows', sentence: 'q' }), /column "ok".*it gave n 2/],
    ['many answers', query('q', { sql: 'select a > 0 as ok from rows', sentence: 'q' }), /it gave more than one row/],
    ['an answer that is no truth', query('q', { sql: 'select count(*) as ok from rows', sentence: 'q' }), /gave ok 2/],
    ['no such column in a row', row('r', { holds: 'nosuch > 1' }), /do not run.*nosuch/],
  ])('that asks for %s is an error of its author', async (_, expectation, message) => {
    await expect(check(expectation, { columns: AB, rows: ['1,,', '2,,'] })).rejects.toThrow(message);
  });

  it.each([
    [
      'two statements',
      () => query('q', { sql: 'select true as ok; drop table x', sentence: 'q' }),
      /one statement of SQL/,
    ],
    ['nothing but a comment', () => row('r', { holds: '-- later' }), /expects in holds SQL/],
    ['nothing', () => requiredWhen('a', { when: ' ;' }), /expects in when SQL/],
  ])('is refused when it is %s', (_, make, message) => {
    expect(make).toThrow(message);
    expect(make).toThrow(expect.objectContaining({ code: 'expectation_invalid' }));
  });
});

describe('names of expectations', () => {
  const AB: Columns = { a: integer(free), b: integer(free), c: integer(free) };

  it('are told apart by number when a maker made several for a column', async () => {
    const expectations = [
      uniqueTogether(['a', 'b']),
      uniqueTogether(['a', 'c']),
      inRange('a', { max: 90, severity: 'warn' }),
      inRange('a', { max: 120 }),
      inRange('b', { max: 1 }),
    ];
    const { names, bad } = await check(expectations, { columns: AB, rows: ['100,1,1', '130,1,2', '100,2,1'] });
    expect(names.filter((name) => name !== 'not-null' && name !== 'of-type')).toEqual([
      'unique-together',
      'unique-together-2',
      'in-range',
      'in-range-2',
      'in-range',
    ]);
    expect(bad).toEqual([1, 2]);
  });

  it('are what their author says', async () => {
    const expectations = [
      uniqueTogether(['a', 'b'], { name: 'one-each' }),
      uniqueTogether(['a', 'c']),
      inRange('a', { max: 9, name: 'few' }),
      multipleOf('a', { step: 2, name: 'even' }),
    ];
    const { names } = await check(expectations, { columns: AB, rows: ['1,1,1'] });
    expect(names.filter((name) => name !== 'not-null' && name !== 'of-type')).toEqual([
      'one-each',
      'unique-together',
      'few',
      'even',
    ]);
  });

  it.each([
    ['the same expectation twice', [inRange('a', { max: 1 }), inRange('a', { max: 1 })], /"in-range a" twice/],
    [
      'one name twice',
      [row('r', { holds: 'a > 1' }), row('r', { holds: 'a > 2' })],
      /"r" twice. Give one another name/,
    ],
    [
      'a given name twice',
      [inRange('a', { max: 1, name: 'x' }), multipleOf('a', { step: 2, name: 'x' })],
      /"x a" twice/,
    ],
  ])('do not hide %s', (_, expectations, message) => {
    expect(() => defineContract({ name: 'one', columns: AB, expectations })).toThrow(message);
  });

  it('keep away from a number that somebody gave', () => {
    const expectations = [
      inRange('a', { max: 1 }),
      inRange('a', { max: 2 }),
      inRange('a', { max: 3, name: 'in-range-2' }),
    ];
    const { expectations: named } = defineContract({ name: 'one', columns: AB, expectations });
    expect(named.map(({ name }) => name)).toEqual(['in-range', 'in-range-3', 'in-range-2']);
    expect(defineContract({ name: 'one', columns: AB, expectations: named }).expectations).toEqual(named);
  });

  it('are in kebab case', () => {
    expect(() => inRange('a', { max: 1, name: 'My rule' })).toThrow(/small letters, digits and dashes.*"My rule"/);
  });
});

describe('columns that are called like what the SQL of expectations uses', () => {
  it('are read all the same', async () => {
    const names = [
      'q1',
      'q3',
      'v',
      'before',
      'ok',
      'observed',
      'rows',
      'part',
      'n',
      'm0',
      'bit',
      'row_number',
      'n0',
      'a0',
    ];
    const columns = Object.fromEntries(names.map((name) => [name, number(free)]));
    const expectations = names.flatMap((name) => [
      outlierShareBetween(name, { max: 1, severity: 'fail' }),
      containsAll(name, { values: [1], severity: 'fail' }),
      unique(name),
    ]);
    const cells = (value: string) => names.map(() => value).join(',');
    const { verdict, bad } = await check(expectations, { columns, rows: [cells('1'), cells('2'), cells('1')] });
    expect({ verdict, bad }).toEqual({ verdict: 'fail', bad: [2] });
  });
});
