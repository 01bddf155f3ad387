import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  boolean,
  type CheckFileOptions,
  type Contract,
  category,
  checkFile,
  date,
  defineContract,
  integer,
  number,
  renderReport,
  text,
  timestamp,
} from '#contracts';
import type { DuckdbPool } from '#store';
import { inProcessDuckdb } from '../duckdb-in-process.ts';

const people = defineContract({
  name: 'people',
  columns: {
    id: integer({ role: 'id' }),
    age: number({ nullable: true }),
    name: text({ nullable: true }),
  },
});
const GOOD_ROWS = Array.from({ length: 20 }, (_, index) => `${index},${index}.5,n${index}`);

let duckdb: DuckdbPool;
let folder: string;
beforeAll(async () => {
  duckdb = await inProcessDuckdb();
  folder = await mkdtemp(path.join(tmpdir(), 'weir-hostile-'));
});
afterAll(async () => {
  await duckdb.close();
  await rm(folder, { recursive: true, force: true });
});

async function check(content: string | Buffer, options: Partial<CheckFileOptions> = {}) {
  const file = path.join(folder, 'in.csv');
  await writeFile(file, content);
  const outcome = await checkFile({
    path: file,
    contract: people,
    folder: path.join(folder, 'out'),
    duckdb,
    ...options,
  });
  const { rows, verdict } = outcome.result;
  expect(verdict === 'quarantined' || rows.in === rows.good + rows.bad + rows.rejected).toBe(true);
  const read = async (part: string | undefined) => (part === undefined ? '' : readFile(part, 'utf8'));
  const [good, bad, rejected] = [
    await read(outcome.files.good),
    await read(outcome.files.bad),
    await read(outcome.files.rejected),
  ];
  const names = outcome.result.violations.map(({ expectation }) => expectation);
  return { ...outcome, rows, verdict, good, bad, rejected, names };
}

const withLines = (...lines: readonly string[]): string => ['id,age,name', ...lines, ''].join('\n');

describe('structure', () => {
  it('an empty file fails, and of high criticality', async () => {
    const { result, verdict, names } = await check('');
    expect({ verdict, criticality: result.criticality }).toEqual({ verdict: 'fail', criticality: 'high' });
    expect(names).toContain('not-empty');
  });

  it('a header without a row is a warning', async () => {
    const { verdict, names } = await check('id,age,name\n');
    expect({ verdict, names }).toEqual({ verdict: 'warn', names: ['not-empty'] });
  });

  it('a header with a trailing comma makes every row too short', async () => {
    const { rows, names } = await check(`id,age,name,\n${GOOD_ROWS.join('\n')}\n`);
    expect(rows).toEqual({ in: 20, good: 0, bad: 0, rejected: 20 });
    expect(names).toEqual(['too-few-fields', 'no-extra-column']);
  });

  it('no final line end loses no row', async () => {
    expect((await check(withLines(...GOOD_ROWS).trimEnd())).rows.good).toBe(20);
  });

  it('mixed line ends are all line ends', async () => {
    const { rows, good } = await check('id,age,name\r\n1,2,a\n2,3,b\r\n3,4,c');
    expect(rows.good).toBe(3);
    expect(good).toBe(withLines('1,2,a', '2,3,b', '3,4,c'));
  });

  it('carriage returns alone are line ends where there is no other', async () => {
    expect((await check(withLines(...GOOD_ROWS).replaceAll('\n', '\r'))).rows.good).toBe(20);
  });

  it('a carriage return within a record of a file with line feeds rejects that record', async () => {
    const { rows, names } = await check(withLines('1,2,a', '2,3,b\rc', '3,4,"d\re"'));
    expect(rows).toEqual({ in: 3, good: 2, bad: 0, rejected: 1 });
    expect(names).toEqual(['stray-carriage-return']);
  });

  it('blank lines are no rows, and lines below them keep their number', async () => {
    const { rows, bad } = await check(withLines('1,2,a', '', '', 'x,3,b'));
    expect(rows.in).toBe(2);
    expect(bad).toContain('\n5,x,3,b,id: of-type\n');
  });

  it('NUL bytes reject their record only', async () => {
    const { rows, rejected } = await check(withLines('1,2,a', '2,3,b\0c', '3,4,d'));
    expect(rows).toEqual({ in: 3, good: 2, bad: 0, rejected: 1 });
    expect(JSON.parse(rejected)).toMatchObject({ line: 3, reason: 'nul-byte' });
  });

  it('a single line longer than the limit is unreadable as a header, and kept whole', async () => {
    const { verdict, result } = await check(Buffer.alloc(9 << 20, 'x'));
    expect({ verdict, criticality: result.criticality }).toEqual({ verdict: 'quarantined', criticality: 'high' });
  });

  it('a record longer than the limit is rejected with all its bytes, without holding them', async () => {
    const long = `2,3,${'y'.repeat(9 << 20)}`;
    const { rows, rejected } = await check(withLines('1,2,a', long, '3,4,b'));
    expect(rows).toEqual({ in: 3, good: 2, bad: 0, rejected: 1 });
    const kept: { base64: string; reason: string } = JSON.parse(rejected);
    expect(kept.reason).toBe('record-too-long');
    expect(Buffer.from(kept.base64, 'base64').toString() === long).toBe(true);
  });

  it('a quoted field of megabytes is read when the limit allows it', async () => {
    const long = `2,3,"${'y\n'.repeat(3 << 20)}"`;
    const { rows, good } = await check(withLines('1,2,a', long), { recordBytesMax: 8 << 20 });
    expect(rows.good).toBe(2);
    expect(good === withLines('1,2,a', long)).toBe(true);
  });

  it('ten thousand columns are checked', async () => {
    const names = Array.from({ length: 10_000 }, (_, index) => `c${index}`);
    const contract = defineContract({ name: 'wide', columns: { c0: integer(), c9999: integer() } });
    const { rows } = await check([names.join(','), names.map((_, index) => index).join(','), ''].join('\n'), {
      contract,
    });
    expect(rows.good).toBe(1);
  });

  it('quoted line ends and quotes stay as they are', async () => {
    const lines = ['1,2,"a\nb"', '2,3,"c ""d"", e"', '3,4,"\n"'];
    const { rows, good } = await check(withLines(...lines));
    expect(rows.good).toBe(3);
    expect(good).toBe(withLines(...lines));
  });

  it('a quote that is closed before the end of its field rejects the record', async () => {
    const { rows, names } = await check(withLines('1,2,"F"R"', '2,3,x'));
    expect(rows).toEqual({ in: 2, good: 1, bad: 0, rejected: 1 });
    expect(names).toEqual(['text-after-quote']);
  });

  it('a quote within a bare field is a character like another', async () => {
    const { rows, good } = await check(withLines('1,2,5" pipe'));
    expect(rows.good).toBe(1);
    expect(good).toBe(withLines('1,2,"5"" pipe"'));
  });

  it.each([
    ['at the start', [0]],
    ['in the middle', [10]],
    ['at the end', [19]],
    ['three times', [3, 9, 15]],
  ])('an unterminated quote %s costs its own line and no other', async (_, places) => {
    const lines = GOOD_ROWS.map((line, index) => (places.includes(index) ? line.replace('n', '"n') : line));
    const { rows, rejected } = await check(withLines(...lines));
    expect(rows).toEqual({ in: 20, good: 20 - places.length, bad: 0, rejected: places.length });
    expect(
      rejected
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).line),
    ).toEqual(places.map((place) => place + 2));
  });

  it('rows too short and too long are rejected by what they are', async () => {
    const { rows, names } = await check(withLines('1,2', '1,2,a', '1,2,a,b'));
    expect(rows).toEqual({ in: 3, good: 1, bad: 0, rejected: 2 });
    expect(names).toEqual(['too-few-fields', 'too-many-fields']);
  });

  it('as many open quotes as rows reject each row by itself', async () => {
    const { rows, names } = await check(
      withLines(...Array.from({ length: 20_000 }, (_, index) => `${index},1,"${index}`)),
    );
    expect(rows).toEqual({ in: 20_000, good: 0, bad: 0, rejected: 20_000 });
    expect(names).toEqual(['unterminated-quote']);
  });

  it.each([
    ['with a field too many', 'too-many-fields', ['2,3,"x', '7,7,y', 'end",extra']],
    ['with a field too few', 'too-few-fields', ['2,"x', '7,7,y', 'end"']],
    ['with text behind its quote', 'text-after-quote', ['2,3,"x', '7,7,y', 'end"more']],
    ['with text behind a quote, and another quoted field', 'text-after-quote', ['2,"x', '7,7,y"z,"a', '7,7,y', 'b"']],
    ['with a NUL byte', 'nul-byte', ['2,3,"x', '7,7,y', '\0end"']],
    ['with a carriage return behind its quote', 'text-after-quote', ['2,"x', '7,7,y"\r,z']],
    ['with a carriage return in another field', 'stray-carriage-return', ['2\r,3,"x', '7,7,y', 'end"']],
    ['that is too long', 'record-too-long', ['2,3,"x', '7,7,y', `${'y'.repeat(88)}"`]],
    ['that is too long before its quote', 'record-too-long', [`2,${'y'.repeat(200)},"x`, '7,7,y', 'end"']],
    ['with a quote that is never closed behind one that is', 'unterminated-quote', ['2,"x', '7,7,y', 'end","z']],
  ])('a record of several lines %s is rejected whole, and no line of it is a row', async (_, reason, lines) => {
    const { rows, good, rejected, names } = await check(withLines('1,2,a', ...lines, '3,4,b'), { recordBytesMax: 100 });
    expect({ rows, names }).toEqual({ rows: { in: 3, good: 2, bad: 0, rejected: 1 }, names: [reason] });
    expect(good).toBe(withLines('1,2,a', '3,4,b'));
    const { line, base64 }: { line: number; base64: string } = JSON.parse(rejected);
    expect({ line, text: Buffer.from(base64, 'base64').toString() }).toEqual({ line: 3, text: lines.join('\n') });
  });

  it('a lost quote costs its own line, whatever quotes come on the lines below', async () => {
    const others = ['3,"4","b"', '"4",5,"c, d"', '5,"","e"', '6,7,"f', 'g"', '7,8,"""h"""'];
    const { rows, rejected, bad } = await check(withLines('1,2,a', '2,3,"lost', ...others, 'x,9,i'));
    expect(rows).toEqual({ in: 8, good: 6, bad: 1, rejected: 1 });
    expect(JSON.parse(rejected)).toMatchObject({ line: 3, reason: 'unterminated-quote', text: '2,3,"lost' });
    expect(bad).toContain('\n10,x,9,i,id: of-type\n');
  });
});

describe('encodings', () => {
  const row = 'id,age,name\n1,2,Zoë\n';
  it.each([
    ['UTF-8 with a mark', Buffer.from(`\ufeff${row}`)],
    ['UTF-16 LE', Buffer.from(`\ufeff${row}`, 'utf16le')],
    ['UTF-16 BE', Buffer.from(`\ufeff${row}`, 'utf16le').swap16()],
    ['UTF-16 LE without a mark', Buffer.from(row, 'utf16le')],
    ['gzip', gzipSync(row)],
    ['gzip in two members', Buffer.concat([gzipSync(row.slice(0, 14)), gzipSync(Buffer.from(row).subarray(14))])],
    ['gzip of UTF-16', gzipSync(Buffer.from(`\ufeff${row}`, 'utf16le'))],
  ])('%s is read, and given as UTF-8', async (_, content) => {
    const { rows, good } = await check(content);
    expect(rows.good).toBe(1);
    expect(good).toBe(row);
  });

  it('Latin-1 is read when it is declared, and its records rejected when it is not', async () => {
    const content = Buffer.from(`${row}2,3,plain\n`, 'latin1');
    expect((await check(content, { encoding: 'latin-1' })).good).toBe(`${row}2,3,plain\n`);
    const { rows, names } = await check(content);
    expect(rows).toEqual({ in: 2, good: 1, bad: 0, rejected: 1 });
    expect(names).toEqual(['invalid-utf-8']);
  });

  it('a gzip of any size is read', async () => {
    const rows = Array.from({ length: 100_000 }, (_, index) => `${index},1,a`);
    expect((await check(gzipSync(withLines(...rows)))).rows).toEqual({
      in: 100_000,
      good: 100_000,
      bad: 0,
      rejected: 0,
    });
  });

  it.each([
    ['UTF-16 that is cut', Buffer.concat([Buffer.from(`\ufeff${row}`, 'utf16le'), Buffer.of(0xd8, 0xd8)])],
    ['gzip that is cut', gzipSync(row.repeat(100)).subarray(0, 40)],
    ['gzip with a flipped bit', flipped(gzipSync(row.repeat(100)), 30)],
  ])('%s is quarantined whole', async (_, content) => {
    const { verdict, files } = await check(content);
    expect(verdict).toBe('quarantined');
    expect(files).toEqual({});
  });
});

function flipped(content: Buffer, at: number): Buffer {
  const copy = Buffer.from(content);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

describe('headers', () => {
  it('columns in another order are the same columns', async () => {
    const { verdict, good } = await check('name,id,age\nx,1,2\n');
    expect(verdict).toBe('pass');
    expect(good).toBe('name,id,age\nx,1,2\n');
  });

  it('a column of which there are two makes every row bad, since nobody knows which is meant', async () => {
    const { rows, names } = await check('id,age,name,age\n1,2,x,3\n');
    expect(rows.bad).toBe(1);
    expect(names).toEqual(['column-once']);
  });

  it('a column too many is a warning, and its cells are kept', async () => {
    const { verdict, good, names } = await check('id,age,name,more\n1,2,x,y\n');
    expect({ verdict, names }).toEqual({ verdict: 'warn', names: ['no-extra-column'] });
    expect(good).toBe('id,age,name,more\n1,2,x,y\n');
  });

  it('a missing column makes every row bad', async () => {
    const { rows, result, names } = await check('id,age\n1,2\n2,3\n');
    expect(rows.bad).toBe(2);
    expect(result.criticality).toBe('high');
    expect(names).toEqual(['column-present']);
  });

  it('a blank name is a column too many', async () => {
    const { names, result } = await check('id,age,name,\n1,2,x,y\n');
    expect(names).toEqual(['no-extra-column']);
    expect(result.violations[0]?.sentence).toContain('(without a name)');
  });

  it('another case, outer spaces and another Unicode form are read with a warning', async () => {
    const contract = defineContract({ name: 'accents', columns: { age: number(), prénom: text() } });
    const { verdict, good, names } = await check(`${'Age ,prénom'.normalize('NFD')}\n1,x\n`, { contract });
    expect({ verdict, names }).toEqual({ verdict: 'warn', names: ['column-spelling', 'column-spelling'] });
    expect(good).toBe('age,prénom\n1,x\n');
  });

  it.each([';', '\t', '|'] as const)(
    'a file is read with the delimiter that its first line shows, and its parts have that of the contract: %j',
    async (delimiter) => {
      const { rows, good, bad, verdict } = await check(
        `${['id', 'age', 'name'].join(delimiter)}\n${['1', '2', 'a,b'].join(delimiter)}\n${['y', '', ''].join(delimiter)}\n`,
      );
      expect({ rows, verdict }).toEqual({ rows: { in: 2, good: 1, bad: 1, rejected: 0 }, verdict: 'fail' });
      expect(good).toBe('id,age,name\n1,2,"a,b"\n');
      expect(bad.split('\n')[1]).toMatch(/^3,y,,,/);
    },
  );

  it('a file whose first line fits the contract no better with another delimiter is read with that of the contract', async () => {
    const { names } = await check('id;x,age,name\n1,2,x\n');
    expect(names).toEqual(['column-present', 'no-extra-column']);
  });

  it('spaces, underscores and hyphens in a name do not matter, nor does a label in its place', async () => {
    const columns = { cabin_class: text(), age: number({ label: 'Age in years' }) };
    const contract = defineContract({ name: 'spellings', columns });
    const { verdict, good, names } = await check('Cabin Class,age-in-years\n1st,3\n', { contract });
    expect({ verdict, names }).toEqual({ verdict: 'warn', names: ['column-spelling', 'column-spelling'] });
    expect(good).toBe('cabin_class,age\n1st,3\n');
  });

  it('semicolons, tabs and bars are delimiters when the contract says so', async () => {
    for (const delimiter of [';', '\t', '|'] as const) {
      const contract = defineContract({ ...people, delimiter });
      const content = withLines('1,2,x', 'y,3,z').replaceAll(',', delimiter);
      const { rows, good, bad } = await check(content, { contract });
      expect(rows).toEqual({ in: 2, good: 1, bad: 1, rejected: 0 });
      expect(good.split('\n')[1]).toBe(['1', '2', 'x'].join(delimiter));
      expect(bad.split('\n')[0]).toBe(['line', 'id', 'age', 'name', 'violations'].join(delimiter));
    }
  });
});

describe('values', () => {
  async function fine(column: Contract['columns'][string], cells: readonly string[]): Promise<readonly string[]> {
    const contract = defineContract({ name: 'one', columns: { id: integer(), cell: column } });
    const { good } = await check(
      ['id,cell', ...cells.map((cell, index) => `${index},${quoted(cell)}`), ''].join('\n'),
      { contract },
    );
    const lines = good.trimEnd().split('\n').slice(1);
    return lines.map((line) => cells[Number(line.split(',', 1)[0])] ?? '');
  }
  const quoted = (cell: string): string => (/[",\n]/.test(cell) ? `"${cell}"` : cell);

  it('numbers are decimal, finite and without decoration', async () => {
    const numbers = ['-0', '1.5', '+2', '.5', '5.', '1e3', '1E-400', '007'];
    const others = [
      '1,5',
      '1_000',
      '0x1A',
      '1e400',
      '-1e400',
      'NaN',
      'inf',
      '-inf',
      ' 12 ',
      '12 ',
      '１２',
      '1 000',
      '12%',
      '--1',
      'e5',
      '.',
    ];
    expect(await fine(number(), [...numbers, ...others])).toEqual(numbers);
  });

  it('whole numbers are those that JSON can carry', async () => {
    const numbers = ['0', '-0', '+7', '9007199254740991', '-9007199254740991', '007', '1.0', '1e3'];
    const others = [
      '1.5',
      '1e-3',
      '9007199254740990.5',
      '9007199254740992',
      '99999999999999999999',
      '0x1A',
      '1_000',
      ' 1',
      '１',
    ];
    expect(await fine(integer(), [...numbers, ...others])).toEqual(numbers);
  });

  it('true and false have few spellings', async () => {
    const booleans = ['true', 'FALSE', 'True', '1', '0', '1.0'];
    expect(await fine(boolean(), [...booleans, 'yes', 't', '2', ' true', '1.5'])).toEqual(booleans);
  });

  it('dates are days of the calendar', async () => {
    const days = ['2024-02-29', '0001-01-01', '9999-12-31'];
    expect(
      await fine(date(), [
        ...days,
        '2026-02-29',
        '2026-13-01',
        '0000-01-01',
        '2026-1-1',
        '01/02/2026',
        'today',
        'infinity',
      ]),
    ).toEqual(days);
  });

  it('moments may have an offset, and no day has an hour 24', async () => {
    const moments = [
      '2026-01-01T10:00:00+02:00',
      '2026-01-01 10:00:00',
      '2026-01-01T10:00',
      '2026-01-01T10:00Z',
      '2024-02-29T23:59:59.999999Z',
      '2026-01-01T00:00:00-0330',
    ];
    const others = [
      '2026-01-01T24:00:00',
      '2026-02-29T00:00:00Z',
      '2026-01-01',
      '2026-01-01T10:00:60Z',
      '2026-01-01T10:00:00+25:00',
      'epoch',
      'now',
      '10:00',
    ];
    expect(await fine(timestamp(), [...moments, ...others])).toEqual(moments);
  });

  it('categories are spelled exactly so', async () => {
    expect(await fine(category(['a', "o'b"]), ['a', "o'b", 'A', ' a', 'ob'])).toEqual(['a', "o'b"]);
  });

  it('a formula is text in the rows, and text in the report', async () => {
    const formula = `=cmd|' /C calc'!A0`;
    const contract = defineContract({ name: 'one', columns: { id: integer(), cell: text({ pattern: '[a-z]+' }) } });
    const { bad, result } = await check(`id,cell\n1,${formula}\n`, { contract });
    expect(bad).toContain(formula);
    expect(renderReport(result)).toContain('=cmd|&#39; /C calc&#39;!A0');
  });
});

describe('files', () => {
  it.each(['../../etc/passwd', `a"b'c`, 'line\nend.csv', `${'x'.repeat(300)}.csv`, '<script>alert(1)</script>.csv'])(
    'a name like %j is only ever shown',
    async (name) => {
      const { result, files } = await check(withLines('1,2,a'), { name });
      expect(result.file).toBe(name);
      expect(path.dirname(files.good ?? '')).toBe(path.join(folder, 'out'));
      expect(renderReport(result)).not.toContain('<script>');
    },
  );

  it('equal content under two names is checked twice with equal results', async () => {
    const [first, second] = [
      await check(withLines('1,2,a'), { name: 'a' }),
      await check(withLines('1,2,a'), { name: 'b' }),
    ];
    expect(first.result.digest).toBe(second.result.digest);
    expect(first.result.rows).toEqual(second.result.rows);
  });

  it('what is no plain file is refused at once, and leaves nothing', async () => {
    const nowhere = path.join(folder, 'nowhere');
    const fifo = path.join(folder, 'fifo');
    const dangling = path.join(folder, 'dangling');
    await mkdir(path.join(folder, 'a-folder'));
    execFileSync('mkfifo', [fifo]);
    await symlink(nowhere, dangling);
    for (const file of [nowhere, fifo, dangling, path.join(folder, 'a-folder'), '/dev/zero']) {
      const into = path.join(folder, 'refused');
      await expect(checkFile({ path: file, contract: people, folder: into, duckdb })).rejects.toMatchObject({
        code: 'file_unreadable',
      });
      expect(await readdir(into)).toEqual([]);
    }
  });
});
