import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as contracts from '#contracts';
import { type Contract, checkFile, contractSource, profileFile, suggestContract } from '#contracts';
import type { DuckdbPool } from '#store';
import { propertyRuns } from '../../kills/choose-kills.ts';
import { inProcessDuckdb } from '../duckdb-in-process.ts';

let duckdb: DuckdbPool;
let folder: string;
beforeAll(async () => {
  duckdb = await inProcessDuckdb();
  folder = await mkdtemp(path.join(tmpdir(), 'weir-suggest-'));
});
afterAll(async () => {
  await duckdb.close();
  await rm(folder, { recursive: true, force: true });
});

/** The contract that the code defines, as a project that imports it has it. */
function loaded(source: string): Contract {
  const body = source.replace(/^import \{.*\} from 'weir';$/m, '').replace('export const contract =', 'return');
  return new Function(...Object.keys(contracts), body)(...Object.values(contracts));
}

async function suggested(file: string) {
  const profile = await profileFile({ path: file, duckdb, provesUnique: true });
  const contract = loaded(contractSource(suggestContract(profile)));
  const { result, files } = await checkFile({ path: file, contract, folder: path.join(folder, 'out'), duckdb });
  const found = result.violations.map(({ sentence }) => sentence);
  return { contract, found, verdict: result.verdict, rows: result.rows, good: files.good };
}

async function suggestedFor(content: string, name = 'data.csv') {
  const file = path.join(folder, name);
  await writeFile(file, content);
  return suggested(file);
}

const csv = (rows: readonly (readonly string[])[]): string =>
  rows.map((row) => `${row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')}\n`).join('');

describe('a suggested contract', () => {
  it('states the decimals that occur in a column of numbers, where they end', async () => {
    const rows = Array.from({ length: 200 }, (_, row) => [
      ...[`${(row * 37) % 1000}.5`, `${row % 90}.${row % 100}`, `${row / 7}`, `${row / 100 + 0.1 + 0.2}`, `${row}`],
    ]);
    const { contract } = await suggestedFor(csv([['half', 'cents', 'ratio', 'computed', 'whole'], ...rows]));
    const decimals = Object.values(contract.columns).map((column) => column.kind === 'number' && column.decimals);
    expect(decimals).toEqual([1, 2, undefined, 2, false]);
  });

  it.each([
    ['an unnamed first column, as pandas and R write it', ['', 'a', 'b'], { 'column 1': '' }],
    ['several unnamed columns', ['', 'a', ' ', ''], { 'column 1': '', 'column 3': ' ', 'column 4': '' }],
    ['a name that stands twice', ['a', 'b', 'a'], { 'a (2)': 'a' }],
    ['a name that stands twice, and its second as well', ['a', 'a', 'a (2)', 'A'], { 'a (3)': 'a', 'A (4)': 'A' }],
    ['names that differ in case', ['id', 'ID', 'Id'], { 'ID (2)': 'ID', 'Id (3)': 'Id' }],
    ['blanks around a name', [' a', 'a ', '\ta\t'], { a: ' a', 'a (2)': 'a ', 'a (3)': '\ta\t' }],
    ['quotes and line ends', ['"a"', 'a\nb', 'a\r\nb'], { a: '"a"', 'a b': 'a\nb', 'a  b': 'a\r\nb' }],
    ['names that objects have', ['__proto__', 'constructor', 'toString'], {}],
    ['names that a check uses', ['rowid', 'weir_m0'], { 'column rowid': 'rowid', 'column weir_m0': 'weir_m0' }],
    ['the two forms of an accent', ['é', 'e\u0301'], { 'e\u0301 (2)': 'e\u0301' }],
    ['code', ["it's", '`x`', '\\', '\u2028', '1', 'select'], { 'column 4': '\u2028' }],
  ])('names %s, and is met by its file and by its good rows', async (_, header, headers) => {
    const rows = Array.from({ length: 30 }, (_row, row) => header.map((_name, column) => `${row}${column}`));
    const { contract, found, verdict, good = '' } = await suggestedFor(csv([header, ...rows]));
    expect(found).toEqual([]);
    expect(verdict).toBe('pass');
    const renamed = Object.entries(contract.columns).filter(([, column]) => column.header !== undefined);
    expect(Object.fromEntries(renamed.map(([name, column]) => [name, column.header]))).toEqual(headers);
    const again = await checkFile({ path: good, contract, folder: path.join(folder, 'again'), duckdb });
    expect(again.result.violations.map(({ sentence }) => sentence)).toEqual([]);
  });

  it.each([
    '_private.csv',
    '.hidden.csv',
    '2026-03.csv',
    '--.csv',
    `${'long'.repeat(40)}.csv`,
    'a;b (1).csv',
    '名前.csv',
    'e\u0301.csv',
    'data.csv.gz.csv',
    ' .csv',
  ])('has a name that a contract can have, whatever the file is called: %s', async (name) => {
    const { found, contract } = await suggestedFor('a\n1\n', name);
    expect(found).toEqual([]);
    expect(contract.name).toMatch(/^[\p{L}\p{N}]/u);
  });

  it('finds an id of 25,000 different values, and none where two are the same', async () => {
    const ids = Array.from({ length: 25_000 }, (_, row) => `u${row * 7}`);
    const columns = (await suggestedFor(`user_id,n\n${ids.map((id) => `${id},1\n`).join('')}`)).contract.columns;
    expect(columns.user_id).toMatchObject({ role: 'id', unique: true });
    const repeated = await suggestedFor(`user_id,n\n${ids.map((id) => `${id},1\n`).join('')}u7,1\n`);
    expect(repeated.contract.columns.user_id).toMatchObject({ unique: false });
    expect(repeated.found).toEqual([]);
  });

  it('expects nothing of the cells of a file that has none', async () => {
    const { contract, found } = await suggestedFor('a,,a\n');
    expect(found).toEqual(['the file has a header and no row']);
    expect(Object.values(contract.columns)).toMatchObject([{ nullable: true }, { nullable: true }, { nullable: true }]);
    expect(Object.values(contract.columns).some(({ alwaysNull }) => alwaysNull)).toBe(false);
  });

  it('holds numbers to the ends of what a double is', async () => {
    const values = [
      ...[
        '1e308',
        '1.7976931348623157e308',
        '5e-324',
        '2.2250738585072014e-308',
        '-1e308',
        '0',
        '-0',
        '9007199254740991',
      ],
      ...['9007199254740993', '123456789012345678901234567890', '1e400', 'NaN', 'inf', '0.1'],
    ];
    const lines = [values.map((_, index) => `n${index}`), values, values.map(() => '1')];
    expect((await suggestedFor(csv(lines.slice(0, 2)))).found).toEqual([]);
    expect((await suggestedFor(csv(lines))).found).toEqual([]);
  });

  it('is met by Parquet with NaN, infinities and years of five digits', async () => {
    const file = path.join(folder, 'odd.parquet');
    const rows = `select case when i = 3 then 'nan'::double when i = 4 then null else i end as n,
      case when i = 3 then 'infinity'::float else i end as f, 'nan'::double as always, i::double as plain,
      case when i = 3 then date 'infinity' else date '2026-01-01' end as d, case when i = 3 then date '20000-01-01' else date '2026-01-01' end as e,
      case when i = 3 then timestamp '20000-01-01' else timestamp '2026-01-01' end as t, {'a': i} as s, [i] as l, i % 12 as few,
      'c' || i % 15 as category, i::hugeint * 10000000000000000000 as huge, '\\x00'::blob as blob, time '12:00' as clock, i::decimal(18, 4) as money
      from range(100) r(i)`;
    await duckdb.use((connection) => connection.run(`copy (${rows}) to '${file}' (format parquet)`));
    const { contract, found } = await suggested(file);
    expect(found).toEqual([]);
    const kinds = Object.entries(contract.columns).map(([name, { kind }]) => [name, kind]);
    expect(Object.fromEntries(kinds)).toMatchObject({
      n: 'text',
      f: 'text',
      always: 'text',
      plain: 'number',
      d: 'text',
      category: 'category',
    });
  });

  const CELLS: Readonly<Record<string, fc.Arbitrary<string>>> = {
    numbers: fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
    integers: fc.maxSafeInteger().map(String),
    decimals: fc.tuple(fc.integer(), fc.nat(99)).map(([whole, part]) => `${whole}.${part}`),
    days: fc
      .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
      .map((day) => day.toISOString().slice(0, 10)),
    moments: fc
      .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
      .map((moment) => moment.toISOString()),
    truths: fc.constantFrom('true', 'false', 'TRUE', '0', '1'),
    categories: fc.nat(14).map((value) => `class ${value}`),
    odd: fc.constantFrom(
      ...[
        '1',
        '01',
        '+1',
        '1.',
        ' 1',
        '1e5',
        '-',
        'NA',
        'null',
        '2026-02-29',
        '12:00',
        '1,5',
        'TRUE ',
        '1_000',
        '0x1A',
      ],
      ...['"', "'", 'é', 'e\u0301', '\n', '\r\n', 'a\rb', '\\', '\t', ';', '\u00a0', 'x'.repeat(300), '\u2028', '`x`'],
    ),
    texts: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }).map((text) => text.replaceAll('\0', '')),
  };
  const header = fc.oneof(
    fc.constantFrom('', ' ', 'id', 'ID', 'a', 'a (2)', 'column 1', 'user_id', 'weir_x', '"', '\n'),
    CELLS.texts!,
  );
  const column = fc.tuple(header, fc.constantFrom(...Object.keys(CELLS)), fc.constantFrom(0, 0, 0.2, 0.9, 1));
  const table = fc.tuple(fc.array(column, { minLength: 1, maxLength: 6 }), fc.constantFrom(1, 2, 7, 120), fc.nat());

  it('is met by the file that it was made from, whatever that holds', async () => {
    for (const [at, [columns, rows, seed]] of fc.sample(table, { numRuns: propertyRuns(30), seed: 12 }).entries()) {
      const cells = columns.map(([, kind, nulls], index) => {
        const drawn = fc.tuple(CELLS[kind]!, fc.double({ min: 0, max: 1, noNaN: true }));
        const some = fc.sample(drawn, { numRuns: rows, seed: seed + index });
        return some.map(([cell, chance]) => (chance < nulls ? '' : cell));
      });
      const names = columns.map(([name]) => name);
      const lines = Array.from({ length: rows }, (_, row) => cells.map((column) => column[row] ?? ''));
      const objects = lines.map(
        (line) => `${JSON.stringify(Object.fromEntries(names.map((name, i) => [name, line[i]])))}\n`,
      );
      const [content, name] = at % 3 === 0 ? [objects.join(''), 'data.ndjson'] : [csv([names, ...lines]), 'data.csv'];
      const { found, verdict } = await suggestedFor(content, name);
      expect({ found, verdict }, content.slice(0, 2000)).toEqual({ found: [], verdict: 'pass' });
    }
  });
});
