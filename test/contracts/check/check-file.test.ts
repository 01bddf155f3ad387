import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Contract,
  category,
  checkFile,
  defineContract,
  distinctCountBetween,
  integer,
  meanBetween,
  number,
  row,
  text,
} from '#contracts';
import type { DuckdbPool } from '#store';
import { inProcessDuckdb } from '../duckdb-in-process.ts';

const people = defineContract({
  name: 'people',
  columns: {
    id: integer({ role: 'id', unique: true }),
    age: number({ min: 0, max: 120, nullable: true }),
    sex: category(['female', 'male']),
    note: text({ nullable: true, role: 'meta' }),
  },
});

let duckdb: DuckdbPool;
let folder: string;
beforeAll(async () => {
  duckdb = await inProcessDuckdb();
  folder = await mkdtemp(path.join(tmpdir(), 'weir-check-'));
});
afterAll(async () => {
  await duckdb.close();
  await rm(folder, { recursive: true, force: true });
});

async function check(content: string | Buffer, contract: Contract = people) {
  const file = path.join(folder, 'in.csv');
  await writeFile(file, content);
  const outcome = await checkFile({ path: file, contract, folder: path.join(folder, 'out'), duckdb });
  const read = async (part: string | undefined) => (part === undefined ? undefined : readFile(part, 'utf8'));
  const { good, bad, rejected } = outcome.files;
  return { ...outcome, good: await read(good), bad: await read(bad), rejected: await read(rejected) };
}

describe('checkFile', () => {
  it('passes a file that meets its contract and gives its rows as they were', async () => {
    const content = 'id,age,sex,note\n1,22.50,male,\n2,,female,"a, ""b""\nc"\n';
    const { result, good, files } = await check(content);
    expect(result).toMatchObject({
      verdict: 'pass',
      rows: { in: 2, good: 2, bad: 0, rejected: 0 },
      violations: [],
      digest: createHash('sha256').update(content).digest('hex'),
      sizeBytes: content.length,
    });
    expect(result).not.toHaveProperty('criticality');
    expect(good).toBe(content);
    expect(files).not.toHaveProperty('bad');
  });

  it('parts good rows from bad ones and gives these all their reasons and their line', async () => {
    const { result, good, bad } = await check(
      'id,age,sex,note\n1,22,male,"two\nlines"\n2,abc,unknown,\n3,121,,\n1,30,female,again\n5,1_000,male,x\n',
    );
    expect(result.rows).toEqual({ in: 5, good: 1, bad: 4, rejected: 0 });
    expect(result.verdict).toBe('fail');
    expect(result.criticality).toBe('high');
    expect(good).toBe('id,age,sex,note\n1,22,male,"two\nlines"\n');
    expect(bad).toBe(
      [
        'line,id,age,sex,note,violations',
        '4,2,abc,unknown,,age: of-type; sex: in-set',
        '5,3,121,,,age: in-range; sex: not-null',
        '6,1,30,female,again,id: unique',
        '7,5,1_000,male,x,age: of-type',
        '',
      ].join('\n'),
    );
    expect(result.violations.map(({ expectation, column, rows }) => [expectation, column, rows])).toEqual([
      ['unique', 'id', 1],
      ['of-type', 'age', 2],
      ['in-range', 'age', 1],
      ['not-null', 'sex', 1],
      ['in-set', 'sex', 1],
    ]);
    expect(result.columns).toEqual([
      { name: 'id', nulls: 0, mean: 2.4 },
      { name: 'age', nulls: 0, mean: 173 / 3 },
      { name: 'sex', nulls: 1 },
      { name: 'note', nulls: 2 },
    ]);
  });

  it('keeps the bytes of what is no row, with line, offset and reason', async () => {
    const { result, good, rejected } = await check('id,age,sex,note\n1,2,male,\n2,"3,male,\n4,5,male\n6,7,male,ok');
    expect(result.rows).toEqual({ in: 4, good: 2, bad: 0, rejected: 2 });
    expect(good).toBe('id,age,sex,note\n1,2,male,\n6,7,male,ok\n');
    expect(
      rejected
        ?.trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([
      { line: 3, offset: 26, reason: 'unterminated-quote', text: '2,"3,male,', base64: 'MiwiMyxtYWxlLA==', bytes: 10 },
      { line: 4, offset: 37, reason: 'too-few-fields', text: '4,5,male', base64: 'NCw1LG1hbGU=', bytes: 8 },
    ]);
  });

  it('finds every row of a file bad that lacks a column', async () => {
    const { result, bad, files } = await check('id,age,note\n1,2,\n2,300,\n');
    expect(result).toMatchObject({
      verdict: 'fail',
      criticality: 'high',
      rows: { in: 2, good: 0, bad: 2, rejected: 0 },
    });
    expect(files).not.toHaveProperty('good');
    expect(bad).toBe(
      'line,id,age,note,violations\n2,1,2,,sex: column-present\n3,2,300,,sex: column-present; age: in-range\n',
    );
  });

  it('gives rows that are bad only as every row is no reason of their own', async () => {
    const columns = { a: integer({ max: 5, severity: 'warn' }), b: integer({ max: 5 }) };
    const expectations = [meanBetween('b', { max: 1, severity: 'fail' })];
    const { result, bad } = await check(
      'a,b\n1,2\n9,2\n9,9\n',
      defineContract({ name: 'late', columns, expectations }),
    );
    expect(bad).toBe(
      'line,a,b,violations\n2,1,2,b: mean-between\n3,9,2,b: mean-between\n4,9,9,b: mean-between; a: in-range; b: in-range\n',
    );
    expect(result.violations.map(({ expectation, rows }) => [expectation, rows])).toEqual([
      ['mean-between', 3],
      ['in-range', 2],
      ['in-range', 1],
    ]);
  });

  it('keeps apart more expectations than a number has bits', async () => {
    const columns = Object.fromEntries(
      Array.from({ length: 40 }, (_, at) => [`c${at}`, integer({ unique: true, max: 1000 })]),
    );
    const contract = defineContract({ name: 'many', columns });
    const names = Object.keys(columns);
    const cells = (row: number) => names.map((_, at) => row * 100 + at);
    const rows = [cells(1), cells(2).with(39, 139), cells(3).with(20, 9999), cells(4).with(0, 100).with(39, 5000)];
    const { bad, result } = await check([names, ...rows].map((fields) => fields.join(',')).join('\n'), contract);
    const reasons = bad
      ?.trim()
      .split('\n')
      .slice(1)
      .map((line) => [line.split(',')[0], line.split(',').at(-1)]);
    expect(reasons).toEqual([
      ['3', 'c39: unique'],
      ['4', 'c20: in-range'],
      ['5', 'c0: unique; c39: in-range'],
    ]);
    expect(result.expectations).toHaveLength(160);
    expect(result.violations.map(({ column, expectation, rows: count }) => [column, expectation, count])).toEqual([
      ['c0', 'unique', 1],
      ['c20', 'in-range', 1],
      ['c39', 'in-range', 1],
      ['c39', 'unique', 1],
    ]);
  });

  it('lets a row that only breaks warnings be good', async () => {
    const contract = defineContract({ name: 'soft', columns: { a: integer({ severity: 'warn', max: 1 }) } });
    const { result, good } = await check('a\n1\n2\n', contract);
    expect(result).toMatchObject({ verdict: 'warn', criticality: 'low', rows: { good: 2, bad: 0 } });
    expect(good).toBe('a\n1\n2\n');
  });

  it('says which expectation of a contract does not run, and leaves nothing', async () => {
    const contract = defineContract({
      name: 'wrong',
      columns: { a: integer() },
      expectations: [row('odd', { holds: 'no_such > 1' })],
    });
    await expect(check('a\n1\n', contract)).rejects.toThrow(/contract "wrong" do not run.*no_such/s);
  });

  it('moves the bounds of criticality as the contract says', async () => {
    const rules = { name: 'x', columns: { a: integer() } };
    const content = `a\n${'1\n'.repeat(80)}${'x\n'.repeat(20)}`;
    expect((await check(content, defineContract(rules))).result.criticality).toBe('medium');
    expect(
      (await check(content, defineContract({ ...rules, criticality: { highShare: 0.2 } }))).result.criticality,
    ).toBe('high');
    expect(
      (await check(content, defineContract({ ...rules, criticality: { mediumShare: 0.3 } }))).result.criticality,
    ).toBe('low');
  });

  it.each([
    ['in one pass', []],
    ['in DuckDB', [row('whole', { holds: 'id % 1 = 0' })]],
    ['in a second pass, as the whole file fails', [distinctCountBetween('note', { max: 0, severity: 'fail' })]],
  ] as const)('reports its progress, from nothing to all, %s', async (_, expectations) => {
    const file = path.join(folder, 'progress.csv');
    const rows = Array.from({ length: 50_000 }, (_, id) => `${id},${id % 130},male,some note that makes it longer`);
    await writeFile(file, ['id,age,sex,note', ...rows, ''].join('\n'));
    const shares: number[] = [];
    const onProgress = (share: number): void => void shares.push(share);
    const contract = defineContract({ ...people, expectations });
    await checkFile({ path: file, contract, folder: path.join(folder, 'out'), duckdb, onProgress });
    expect(shares.length).toBeGreaterThan(3);
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect([shares[0]! > 0, shares.at(-1)]).toEqual([true, 1]);
  });

  it('names in bad rows nothing that only counts for the whole file', async () => {
    const contract = defineContract({ ...people, expectations: [distinctCountBetween('note', { max: 9 })] });
    const { bad } = await check('id,age,sex,note\n1,22,male,a\n2,121,male,a\n', contract);
    expect(bad).toBe('line,id,age,sex,note,violations\n3,2,121,male,a,age: in-range\n');
  });

  it.each([
    ['in one pass', []],
    ['in DuckDB', [row('whole', { holds: 'id % 1 = 0' })]],
  ] as const)('tells the warnings of a row only beside a failure of its own, %s', async (_, expectations) => {
    const { id, note } = people.columns;
    const columns = { id, age: number({ max: 120, severity: 'warn' }), sex: category(['male']), note };
    const contract = defineContract({ name: 'people', columns, expectations });
    const { bad } = await check('id,age,note\n1,121,\n1,121,\n', contract);
    const all = 'sex: column-present';
    expect(bad).toBe(`line,id,age,note,violations\n2,1,121,,${all}\n3,1,121,,${all}; id: unique; age: in-range\n`);
  });
});
