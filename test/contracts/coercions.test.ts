import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  boolean,
  category,
  checkFile,
  checkRows,
  date,
  decimal,
  defineContract,
  duration,
  fromOdcs,
  integer,
  number,
  row,
  text,
  time,
  timestamp,
  toOdcs,
} from '#contracts';
import type { DuckdbPool } from '#store';
import { maybeCoerced } from '../../src/contracts/coercions/coerce-text.ts';
import { toField } from '../../src/contracts/scan/fields.ts';
import { inProcessDuckdb } from './duckdb-in-process.ts';

describe('maybeCoerced', () => {
  const price = decimal({ precision: 8, scale: 2, coerce: ['comma', 'percent', 'round', 'trim'] });
  it.each([
    [price, ' 12,5 ', '12.5', ['trim', 'comma']],
    [price, '12,345', '12.35', ['comma', 'round']],
    [price, '-0.005', '-0.01', ['round']],
    [price, '7,5 %', '0.08', ['comma', 'percent', 'round']],
    [price, '1e2', '100.00', ['round']],
    [price, '   ', '', ['trim']],
    [number({ coerce: ['percent'] }), '0.07%', '0.0007', ['percent']],
    [number({ coerce: ['percent'] }), '1e4 %', '100', ['percent']],
    [integer({ coerce: ['round'] }), '2.5', '3', ['round']],
    [integer({ coerce: ['round'] }), '-0.4', '0', ['round']],
    [integer({ min: 0, max: 9, coerce: ['round', 'clip'] }), '9.7', '9', ['round', 'clip']],
    [number({ min: 0, coerce: ['clip'] }), '-1e-9', '0', ['clip']],
    [boolean({ coerce: ['words'] }), 'YES', 'true', ['words']],
    [boolean({ coerce: ['words'] }), 'f', 'false', ['words']],
    [category(['A', 'b'], { coerce: ['case'] }), 'a', 'A', ['case']],
    [text({ coerce: ['upper'] }), 'straße', 'STRASSE', ['upper']],
    [timestamp({ coerce: ['epoch-seconds'] }), '1767225600', '2026-01-01T00:00:00Z', ['epoch-seconds']],
    [timestamp({ coerce: ['epoch-seconds'] }), '1767225600.25', '2026-01-01T00:00:00.250000Z', ['epoch-seconds']],
    [timestamp({ coerce: ['epoch-milliseconds'] }), '-1', '1969-12-31T23:59:59.999000Z', ['epoch-milliseconds']],
    [time({ max: '18:00', coerce: ['clip'] }), '23:00', '18:00', ['clip']],
    [duration({ min: 'PT0S', coerce: ['clip'] }), '-PT5M', 'PT0S', ['clip']],
    [date({ coerce: ['trim'] }), '\u00a02026-03-01\n', '2026-03-01', ['trim']],
  ] as const)('changes %j: %j is %j', (column, given, becomes, by) => {
    expect(maybeCoerced(given, column)).toEqual({ text: becomes, by });
  });

  it.each([
    ['what is a value already', price, '12.50'],
    ['what no coercion makes a value', price, ' 1,2,3 '],
    ['what is too large', price, '1234567,8'],
    ['a comma that was not allowed', number({ coerce: ['trim'] }), '1,5'],
    ['spaces that were not allowed', number({ coerce: ['comma'] }), ' 1,5'],
    ['a fraction that was not to be rounded', integer({ coerce: ['comma'] }), '1,5'],
    ['two categories that differ in case alone', category(['a', 'A'], { coerce: ['case'] }), 'ａ'],
    ['a number beyond all moments', timestamp({ coerce: ['epoch-seconds'] }), '999999999999999'],
    ['a word that is no truth', boolean({ coerce: ['words'] }), 'maybe'],
    ['a column without coercions', number(), ' 1,5'],
  ])('leaves %s', (_, column, given) => {
    expect(maybeCoerced(given, column)).toBeUndefined();
  });
});

describe('coerce', () => {
  const contract = defineContract({
    name: 'orders',
    columns: {
      id: integer({ role: 'id', unique: true, coerce: ['round'] }),
      price: decimal({ precision: 8, scale: 2, nullable: true, coerce: ['trim', 'comma'] }),
      open: boolean({ coerce: ['words'] }),
    },
  });

  it('changes rows of JSON before they are checked, and counts each change', () => {
    const rows = [
      { id: 1.2, price: '12,5', open: true },
      { id: 1, price: '3', open: 'no' },
      { id: 2, price: ' ', open: 'no' },
      { id: 3, price: 'x,5', open: 'no' },
    ];
    const { rows: sound, problems, coerced } = checkRows(contract, rows);
    expect(sound).toEqual([
      { id: 1, price: '12.50', open: true },
      { id: 2, price: null, open: false },
    ]);
    expect(problems.map(({ row, field }) => [row, field])).toEqual([
      [1, 'id'],
      [3, 'price'],
    ]);
    expect(coerced).toEqual({ id: { round: 1 }, price: { comma: 1, trim: 1 }, open: { words: 3 } });
    expect(rows[0]).toEqual({ id: 1.2, price: '12,5', open: true });
    expect(checkRows(contract, [{ id: 1, price: null, open: true }]).coerced).toBeUndefined();
  });

  it('is kept by a document of the contract', () => {
    expect(fromOdcs(toOdcs(contract)).columns).toEqual(contract.columns);
  });

  it.each([
    [
      'one that its kind has not',
      () => number({ coerce: ['words'] }),
      /number\(\{ coerce \}\) expects some of trim, comma/,
    ],
    ['one twice', () => text({ coerce: ['trim', 'trim'] }), /each once/],
    ['a word', () => text({ coerce: 'trim' as never }), /expects some of trim/],
    ['clip without a bound', () => number({ coerce: ['clip'] }), /expects min, max or both/],
  ])('is refused: %s', (_, define, message) => {
    expect(define).toThrow(message);
  });
});

describe('a check of a file whose columns allow changes', () => {
  let duckdb: DuckdbPool;
  let folder: string;
  beforeAll(async () => {
    duckdb = await inProcessDuckdb();
    folder = await mkdtemp(path.join(tmpdir(), 'weir-coercions-'));
  });
  afterAll(async () => {
    await duckdb.close();
    await rm(folder, { recursive: true, force: true });
  });

  const columns = {
    id: integer({ role: 'id', unique: true, coerce: ['round'] }),
    price: decimal({ precision: 8, scale: 2, nullable: true, coerce: ['trim', 'comma'] }),
    open: boolean({ coerce: ['words'] }),
  };
  const plain = defineContract({ name: 'orders', columns });
  // SQL takes the way through DuckDB.
  const withSql = defineContract({ name: 'orders', columns, expectations: [row('known', { holds: 'id < 1000' })] });
  const ROWS = [
    ['1', '12,5', 'yes'],
    ['2', ' 3 ', 'NO'],
    ['3.2', '7.00', 'true'],
    ['4', 'x,5', 'no'],
    ['5', '  ', 'false'],
    ['2.4', '1', 'off'],
  ] as const;
  const COERCED = { id: { round: 2 }, price: { trim: 2, comma: 1 }, open: { words: 4 } };

  async function check(name: string, contract: typeof plain) {
    const checked = { path: path.join(folder, name), contract, folder: path.join(folder, 'out'), duckdb };
    const { result, files } = await checkFile(checked);
    return { result, good: await read(files.good), bad: await read(files.bad) };
  }
  const read = async (file: string | undefined): Promise<string> => (file === undefined ? '' : readFile(file, 'utf8'));

  it.each([
    ['in one pass', plain],
    ['through DuckDB', withSql],
  ])('changes its cells and counts them %s; bad rows keep the texts of the file', async (_, contract) => {
    await writeFile(
      path.join(folder, 'a.csv'),
      `id,price,open\n${ROWS.map((cells) => cells.map((cell) => toField(cell, ',')).join(',')).join('\n')}\n`,
    );
    const { result, good, bad } = await check('a.csv', contract);
    expect(result.coerced).toEqual(COERCED);
    expect(result.summary).toContain('cells of price were changed: trim in 2, comma in 1');
    expect(good).toBe('id,price,open\n1,12.5,true\n2,3,false\n3,7.00,true\n5,,false\n');
    expect(bad).toMatch(/^5,4,"x,5",no,.*\n7,2\.4,1,off,.*\n$/m);
    expect(result.violations.map(({ expectation, column, rows }) => [expectation, column, rows])).toEqual([
      ['unique', 'id', 1],
      ['of-type', 'price', 1],
    ]);
  });

  it('does the same with JSON lines and Parquet', async () => {
    const lines = ROWS.map(([id, price, open]) => JSON.stringify({ id: Number(id), price, open }));
    await writeFile(path.join(folder, 'a.ndjson'), `${lines.join('\n')}\n`);
    const values = ROWS.map((cells) => `(${cells.map((cell) => `'${cell}'`).join(', ')})`).join(', ');
    await duckdb.use((connection) =>
      connection.run(
        `copy (select * from (values ${values}) t(id, price, open)) to '${path.join(folder, 'a.parquet')}' (format parquet)`,
      ),
    );
    for (const name of ['a.ndjson', 'a.parquet'])
      for (const contract of [plain, withSql]) {
        const { result, good } = await check(name, contract);
        expect([name, result.coerced, good]).toEqual([
          ...[name, COERCED, 'id,price,open\n1,12.5,true\n2,3,false\n3,7.00,true\n5,,false\n'],
        ]);
      }
  });
});
