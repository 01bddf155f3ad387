import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  boolean,
  type Contract,
  category,
  checkFile,
  date,
  defineContract,
  fromOdcs,
  integer,
  number,
  profileFile,
  splitFile,
  text,
  timestamp,
  toOdcs,
} from '#contracts';
import type { DuckdbPool } from '#store';
import { inProcessDuckdb } from '../duckdb-in-process.ts';

const columns = {
  id: integer({ role: 'id', unique: true }),
  amount: number({ nullable: true, max: 10_000, header: 'Betrag' }),
  day: date({ nullable: true, header: 'Tag' }),
  at: timestamp({ nullable: true }),
  paid: boolean({ nullable: true }),
  kind: category(['a', 'é'], { nullable: true }),
  note: text({ nullable: true }),
};
const german = defineContract({
  name: 'german',
  columns,
  format: {
    delimiter: ';',
    skipLines: 2,
    hasTrailingDelimiter: true,
    blanks: 'trimmed',
    comment: '#',
    encoding: 'windows-1252',
    nulls: ['NA', '-'],
    decimal: ',',
    thousands: '.',
    dates: ['dd.MM.yyyy', 'd. MMMM yyyy'],
    timestamps: ['dd.MM.yyyy HH:mm[:ss][.S]', 'yyyy-MM-dd HH:mm:ss[.S]X', 'M/d/yy h:mm a'],
    booleans: { true: ['ja', 'wahr'], false: ['nein'] },
  },
});

let duckdb: DuckdbPool;
let folder: string;
beforeAll(async () => {
  duckdb = await inProcessDuckdb();
  folder = await mkdtemp(path.join(tmpdir(), 'weir-format-'));
});
afterAll(async () => {
  await duckdb.close();
  await rm(folder, { recursive: true, force: true });
});

async function checked(contract: Contract, content: string | Buffer) {
  const file = path.join(folder, 'f.csv');
  await writeFile(file, content);
  const { result, files } = await checkFile({ path: file, contract, folder: path.join(folder, 'out'), duckdb });
  const [good, bad, rejected] = await Promise.all(
    [files.good, files.bad, files.rejected].map((part) => (part === undefined ? '' : readFile(part, 'utf8'))),
  );
  const problems = result.violations.map(({ expectation, column, rows }) => [expectation, column, rows]);
  return { rows: result.rows, good, bad, rejected, result, problems };
}

const LINES = [
  'Export of 30.11.2026',
  '',
  'id;Betrag;Tag;at;paid;kind;note;',
  '# the first rows',
  '1; 1.234,50 ;24.12.2025;24.12.2025 18:30;ja;a;"x; ""y""";',
  '2;-,5;1. March 2026;2024-01-01 12:00:00+00;NEIN;é;Größe;',
  '3;NA;-;2024-01-01 12:00:00.25-0330;Wahr;NA;;',
  '4;1234567,8e-3;;1/2/69 12:05 AM;;;"two\nlines";',
];
const GOOD = [
  'id,Betrag,Tag,at,paid,kind,note',
  '1,1234.50,2025-12-24,2025-12-24T18:30:00,true,a,"x; ""y"""',
  '2,-.5,2026-03-01,2024-01-01T12:00:00+00:00,false,é,Größe',
  '3,,,2024-01-01T12:00:00.25-03:30,true,,',
  '4,1234567.8e-3,,1969-01-02T00:05:00,,,"two\nlines"',
];

describe('a file in the format of its contract', () => {
  it('is checked as if it were in the default form, and its good rows are', async () => {
    const { rows, good, problems } = await checked(german, Buffer.from(`${LINES.join('\r\n')}\r\n`, 'latin1'));
    expect(problems).toEqual([]);
    expect(rows).toEqual({ in: 4, good: 4, bad: 0, rejected: 0 });
    const names = 'id,amount,day,at,paid,kind,note';
    expect(good).toBe(`${[names, ...GOOD.slice(1)].join('\n')}\n`);
  });

  it('has bad rows and examples with the texts of the file, on their lines', async () => {
    const lines = [
      ...LINES,
      '5;1.5;31.02.2026;24.12.2025 24:00;true;b;kept;',
      '6;12.34,5;2026-03-01;2026-03-01T12:00:00Z;1;a;"q""q";',
      '7; 10.000,01 ;01.01.2026;;;;  -;',
      '8;1,2;3;',
      '9;;;;;;"open;',
    ];
    const { rows, bad, rejected, problems, result } = await checked(
      german,
      Buffer.from(`${lines.join('\n')}\n`, 'latin1'),
    );
    expect(rows).toEqual({ in: 9, good: 4, bad: 3, rejected: 2 });
    expect(problems).toEqual([
      ['too-few-fields', undefined, 1],
      ['unterminated-quote', undefined, 1],
      ['of-type', 'amount', 2],
      ['in-range', 'amount', 1],
      ['of-type', 'day', 2],
      ['of-type', 'at', 2],
      ['of-type', 'paid', 2],
      ['in-set', 'kind', 1],
    ]);
    expect(bad).toBe(
      [
        'line,id,amount,day,at,paid,kind,note,violations',
        '10,5,1.5,31.02.2026,24.12.2025 24:00,true,b,kept,amount: of-type; day: of-type; at: of-type; paid: of-type; kind: in-set',
        '11,6,"12.34,5",2026-03-01,2026-03-01T12:00:00Z,1,a,"q""q",amount: of-type; day: of-type; at: of-type; paid: of-type',
        '12,7," 10.000,01 ",01.01.2026,,,,  -,amount: in-range',
        '',
      ].join('\n'),
    );
    expect(
      (rejected ?? '')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line)),
    ).toMatchObject([
      { line: 13, reason: 'too-few-fields', text: '8;1,2;3;' },
      { line: 14, reason: 'unterminated-quote', text: '9;;;;;;"open;' },
    ]);
    const range = result.violations.find(({ expectation }) => expectation === 'in-range');
    expect(range?.examples).toEqual([{ at: 'line', number: 12, values: [{ column: 'amount', text: ' 10.000,01 ' }] }]);
  });

  it('never takes a number of the default form for another: 1.500 is no number where the comma is decimal', async () => {
    const contract = defineContract({
      name: 'strict',
      columns: { a: number({ severity: 'warn' }), b: date({ nullable: true, severity: 'warn' }) },
      format: { delimiter: ';', decimal: ',', dates: ['dd.MM.yyyy'] },
    });
    const { good, problems } = await checked(contract, 'a;b\n1.500;2026-01-01\n1,500;01.01.2026\n');
    expect(problems).toEqual([
      ['of-type', 'a', 1],
      ['of-type', 'b', 1],
    ]);
    expect(good).toBe('a,b\n\ufffd1.500,\ufffd2026-01-01\n1.500,2026-01-01\n');
  });

  it("may have no header: the columns are the contract's in its order", async () => {
    const contract = defineContract({
      name: 'bare',
      columns: { key: text({ role: 'id', generated: true }), a: integer(), b: text() },
      format: { headerRows: 0, delimiter: '|' },
    });
    const { rows, good, result } = await checked(contract, '1|x\n2|y\n3|y|z\n');
    expect(rows).toEqual({ in: 3, good: 2, bad: 0, rejected: 1 });
    const id = result.digest.slice(0, 16);
    expect(good).toBe(`key,a,b\n${id}-1,1,x\n${id}-2,2,y\n`);
  });

  it('may have several header rows, quotes of another kind, and a delimiter of several bytes', async () => {
    const contract = defineContract({
      name: 'stacked',
      columns: { speed: number({ header: 'Speed km/h' }), place: text() },
      format: { headerRows: 2, delimiter: '→', quote: '«', escape: 'backslash' },
    });
    const { rows, good } = await checked(contract, 'Speed→«place«\nkm/h→\n1→«a→b\\« \\\\«\n2→c\\→d\n');
    expect(rows).toEqual({ in: 2, good: 2, bad: 0, rejected: 0 });
    expect(good).toBe('speed,place\n1,a→b« \\\n2,c→d\n');
  });

  it.each([
    ['utf-32le', (content: string) => wide(content, true)],
    ['utf-32be', (content: string) => wide(content, false)],
    ['iso-8859-7', () => Buffer.from([0x61, 0x0a, 0xe1, 0x0a])],
    ['windows-1251', () => Buffer.from([0x61, 0x0a, 0xe0, 0x0a])],
    ['utf-16be', (content: string) => Buffer.from(content, 'utf16le').swap16()],
  ])('may be in %s', async (encoding, encode) => {
    const letter = { 'iso-8859-7': 'α', 'windows-1251': 'а' }[encoding] ?? '𝄞é';
    const contract = defineContract({ name: 'encoded', columns: { a: text() }, format: { encoding } });
    const { rows, good } = await checked(contract, encode(`a\n${letter}\n`));
    expect(rows).toEqual({ in: 1, good: 1, bad: 0, rejected: 0 });
    expect(good).toBe(`a\n${letter}\n`);
  });

  it('is split into files of the same format, each with what is before the table', async () => {
    const file = path.join(folder, 'parted.csv');
    await writeFile(file, Buffer.from(`${LINES.join('\n')}\n`, 'latin1'));
    const into = path.join(folder, 'parts');
    const { format } = german;
    const { files } = await splitFile({ path: file, into, files: 2, duckdb, format, delimiter: ';' });
    expect(files.map(({ rows }) => rows)).toEqual([2, 2]);
    const parts = await Promise.all(files.map(({ path: part }) => readFile(part, 'utf8')));
    expect(parts.map((part) => part.split('\n')[0])).toEqual([
      '\ufeffExport of 30.11.2026',
      '\ufeffExport of 30.11.2026',
    ]);
    for (const part of parts)
      expect((await checked(german, part)).rows).toEqual({ in: 2, good: 2, bad: 0, rejected: 0 });
  });

  it('is profiled by its values', async () => {
    const file = path.join(folder, 'profiled.csv');
    await writeFile(file, Buffer.from(`${LINES.join('\n')}\n`, 'latin1'));
    const profile = await profileFile({ path: file, duckdb, contract: german });
    expect(profile).toMatchObject({ rows: 4, rejected: 0 });
    expect(profile.columns.map(({ kind, nulls }) => [kind, nulls])).toEqual([
      ['integer', 0],
      ['number', 1],
      ['date', 2],
      ['timestamp', 0],
      ['boolean', 1],
      ['category', 2],
      ['text', 1],
    ]);
    expect(profile.columns[1]?.numbers).toMatchObject({ min: -0.5, max: 1234.5678 });
  });
});

function wide(content: string, isLittle: boolean): Buffer {
  const codes = [...content].map((character) => character.codePointAt(0) ?? 0);
  const bytes = Buffer.alloc(codes.length * 4);
  for (const [at, code] of codes.entries())
    if (isLittle) bytes.writeUInt32LE(code, at * 4);
    else bytes.writeUInt32BE(code, at * 4);
  return bytes;
}

describe('the format of a contract', () => {
  it('is frozen data without what is as in the default form', () => {
    const plain = defineContract({ name: 'p', columns, format: { headerRows: 1, decimal: '.', delimiter: ',' } });
    expect(plain).not.toHaveProperty('format');
    expect(german.format).toMatchObject({ skipLines: 2 });
    expect(Object.isFrozen(german.format) && Object.isFrozen(german.format?.nulls)).toBe(true);
  });

  it('comes back from a data contract in YAML', () => {
    const contract = defineContract({ ...german, format: { ...german.format, quote: null, escape: 'backslash' } });
    expect(fromOdcs(toOdcs(contract)).format).toEqual(contract.format);
  });

  it.each([
    [{ delimiter: '"' }, 'cannot have "\\"" both as quote and as delimiter'],
    [{ delimiter: '' }, 'expects as delimiter one to 8 characters'],
    [{ delimiter: 'a\nb' }, 'expects as delimiter one to 8 characters'],
    [{ quote: ',' }, 'cannot have "," both as quote and as delimiter'],
    [{ quote: 'ab' }, 'expects as quote one character'],
    [{ quote: '\\', escape: 'backslash' }, 'cannot have a backslash both to escape and as the quote'],
    [{ delimiter: '\\', escape: 'backslash' }, 'cannot have a backslash both to escape and as the delimiter'],
    [{ escape: 'tripled' }, 'expects as escape doubled or backslash'],
    [{ headerRows: 11 }, 'expects headerRows from 0 to 10'],
    [{ skipLines: -1 }, 'expects skipLines from 0 to 10000'],
    [{ comment: ',#' }, 'cannot have ",#" both as comment and as delimiter'],
    [{ comment: '"#' }, 'begins with the quote'],
    [{ blanks: 'gone' }, 'expects as blanks kept, skipped or trimmed'],
    [{ blanks: 'skipped', delimiter: ' ' }, 'cannot have blanks skipped and a blank in the delimiter'],
    [{ hasTrailingDelimiter: 'yes' }, 'expects hasTrailingDelimiter to be true or false'],
    [{ encoding: 'latin-99' }, 'expects as encoding a name such as'],
    [{ nulls: [''] }, 'expects in nulls texts of 1 to 100 characters'],
    [{ nulls: ['a', 'a'] }, 'names "a" twice in nulls'],
    [{ nulls: [' a'], blanks: 'trimmed' }, 'cannot have blanks trimmed and the null text " a"'],
    [{ decimal: ',', thousands: ',' }, 'cannot have "," both as decimal and as thousands'],
    [{ thousands: '.' }, 'cannot have "." both as decimal and as thousands'],
    [{ decimal: '5' }, 'expects as decimal one character'],
    [{ decimal: ',', quote: null }, 'cannot have "," as decimal and in the delimiter without quotes'],
    [{ dates: [] }, 'expects as dates a list of 1 to 20 patterns'],
    [{ dates: ['dd.MM.yyyy', 'MM.dd.yyyy'] }, 'a cell that fits one fits the other'],
    [{ dates: ['dd.MM'] }, 'has no year'],
    [{ dates: ['dd.MM.yyyy '.repeat(9)] }, 'has more than 60 characters'],
    [{ dates: ['dMyyyy'] }, 'nobody knows where it ends'],
    [{ dates: ['dd.MM.yyyy dd'] }, 'names the day twice'],
    [{ dates: ['DD.MM.yyyy'] }, 'has DD, which is none of'],
    [{ timestamps: ['yyyy-MM-dd mm'] }, 'has a minute without hour'],
    [{ timestamps: ['yyyy-MM-dd hh'] }, 'has only one of h and a'],
    [{ timestamps: ['yyyy-MM-dd [HH'] }, 'a bracket that is never closed'],
    [{ timestamps: ["yyyy-MM-dd 'T"] }, 'a quote that is never closed'],
    [{ booleans: { true: ['ja'], false: ['JA'] } }, 'has "ja" both for true and for false'],
    [{ booleans: { true: ['ja'] } }, 'expects booleans such as'],
    [{ booleans: { true: ['-'], false: ['x'] }, nulls: ['-'] }, 'has "-" both among nulls and booleans'],
    [{ quotes: "'" }, 'does not know the setting "quotes"'],
  ])('is refused where it contradicts itself: %j', (format, message) => {
    // What people write may be wrong, which the types would say.
    expect(() => defineContract({ name: 'c', columns, format: format as object })).toThrow(message);
  });
});
