import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CheckResult, category, defineContract, integer, number, toOdcs } from '#contracts';
import { runWeir, STACK } from './run-weir.ts';

const CONTRACT = `import { category, defineContract, integer, number } from 'weir';
import { OLDEST } from './oldest.ts';
export const contract = defineContract({
  name: 'people',
  columns: {
    id: integer({ role: 'id', unique: true }),
    age: number({ min: 0, max: OLDEST, nullable: true }),
    sex: category(['female', 'male'], { severity: 'warn' }),
  },
});
`;
const HEADER = 'id,age,sex';
const GOOD = `${HEADER}\n1,20,female\n2,30,male\n`;

let folder: string;
const at = (name: string): string => path.join(folder, name);
const weir = (...args: readonly string[]) => runWeir(args, folder);
const check = (file: string, ...flags: readonly string[]) => weir('check', file, '--contract', 'people.ts', ...flags);

type Told = Pick<CheckResult, 'rows' | 'verdict' | 'criticality' | 'violations' | 'digest'>;
/** Standard output as the one JSON object that it must be. */
function toldBy(out: string): Told {
  expect(out.trimEnd().split('\n')).toHaveLength(1);
  return JSON.parse(out);
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'weir-check-command-'));
  await writeFile(at('people.ts'), CONTRACT);
  await writeFile(at('oldest.ts'), 'export const OLDEST = 120;\n');
  await writeFile(at('good.csv'), GOOD);
  await writeFile(at('mixed.csv'), `${HEADER}\n1,20,female\n2,300,male\n3,,male\n4,1,male,5\n`);
  await writeFile(at('odd.csv'), `${HEADER}\n1,20,female\n2,30,other\n`);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the exit code of weir check', () => {
  it('is 0 for a pass', async () => {
    const { code, out, err } = await check('good.csv');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toBe('good.csv: pass\n  2 rows: 2 good, 0 bad, 0 rejected\n');
  });

  it('is 1 for a warning', async () => {
    const { code, out } = await check('odd.csv');
    expect(code).toBe(1);
    expect(out).toContain('sex is one of female, male');
  });

  it('is 2 for a failure', async () => {
    const { code, out } = await check('mixed.csv');
    expect(code).toBe(2);
    expect(out).toContain('4 rows: 2 good, 1 bad, 1 rejected');
    expect(out).toContain('age is between 0 and 120\n          line 3: age "300"\n');
    expect(out).toContain('more fields than the header\n          line 5: "4,1,male,5"\n');
  });

  it.each([
    ['an unknown option', ['check', 'good.csv', '--colour'], /unknown option '--colour'/],
    ['no file', ['check'], /missing required argument 'file'/],
    ['an unknown encoding', ['check', 'good.csv', '--encoding', 'ebcdic'], /utf-8, utf-16le/],
    ['no contract anywhere', ['check', 'good.csv'], /there is no project in .*--contract <file>.*--suggest/],
    ['a contract that is not there', ['check', 'good.csv', '--contract', 'no.ts'], /no such file/],
    ['a part of no contract', ['check', 'good.csv', '--schema', 'x'], /Expected --contract with --schema/],
    [
      'a part of a contract in TypeScript',
      ['check', 'good.csv', '--contract', 'people.ts', '--schema', 'x'],
      /in YAML, of which --schema names a part/,
    ],
    ['a file that holds no contract', ['check', 'good.csv', '--contract', 'oldest.ts'], /It exports OLDEST/],
    ['a file of another kind', ['check', 'good.csv', '--contract', 'good.csv'], /TypeScript \(\.ts\) or as ODCS/],
    [
      'a report over the file',
      ['check', 'good.csv', '--contract', 'people.ts', '--report', 'good.csv'],
      /Expected another place/,
    ],
    [
      'its folder for the parts',
      ['check', 'good.csv', '--contract', 'people.ts', '--into', '.'],
      /Expected another place/,
    ],
    ['no command', [], /Usage: weir/],
  ])('is 64 for %s, in words', async (_, args, words) => {
    const { code, out, err } = await weir(...args);
    expect(code).toBe(64);
    expect(out).toBe('');
    expect(err).toMatch(words);
    expect(err).not.toMatch(STACK);
    expect(await readFile(at('good.csv'), 'utf8')).toBe(GOOD);
  });

  it('is 64 for a contract that does not build, with its line', async () => {
    await writeFile(at('broken.ts'), 'export const contract = ;\n');
    const { code, err } = await weir('check', 'good.csv', '--contract', 'broken.ts');
    expect(code).toBe(64);
    expect(err).toMatch(/broken\.ts:1/);
    expect(err).not.toMatch(STACK);
  });
});

describe('a file that cannot be read', () => {
  beforeAll(async () => {
    await mkdir(at('folder.csv'));
    await symlink('nowhere', at('dangling.csv'));
    await symlink('cycle.csv', at('cycle.csv'));
    execFileSync('mkfifo', [at('pipe.csv')]);
    await writeFile(at('torn.csv.gz'), Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3]));
    await writeFile(at('locked.csv'), GOOD);
    await chmod(at('locked.csv'), 0);
  });

  // Root reads what nobody may read.
  const locked = process.getuid?.() === 0 ? [] : ['locked.csv'];
  it.each([
    'missing.csv',
    'folder.csv',
    'dangling.csv',
    'cycle.csv',
    'pipe.csv',
    'good.csv/x',
    'torn.csv.gz',
    ...locked,
  ])('ends with 3 and one object: %s', async (file) => {
    const { code, out, err } = await check(file, '--json');
    expect(code).toBe(3);
    expect(err).not.toMatch(STACK);
    expect(toldBy(out)).toMatchObject({ rows: { in: 0, good: 0, bad: 0, rejected: 0 }, verdict: 'quarantined' });
  });

  it('is named, with what to do about it', async () => {
    const { err, out } = await check('missing.csv');
    expect(out).toBe('');
    expect(err).toMatch(/missing\.csv.*There is no such file\./);
  });
});

describe('hostile files', () => {
  const files: readonly (readonly [string, string | Buffer, { code: number; rows: readonly number[] }])[] = [
    ['nothing', '', { code: 2, rows: [0, 0, 0, 0] }],
    ['a header alone', `${HEADER}\n`, { code: 1, rows: [0, 0, 0, 0] }],
    ['a quote never closed', `${GOOD}3,"4\n4,5,male\n`, { code: 2, rows: [4, 3, 0, 1] }],
    ['UTF-16 with its mark', Buffer.from(`\ufeff${GOOD}`, 'utf16le'), { code: 0, rows: [2, 2, 0, 0] }],
    ['a line of five million bytes', `${GOOD}3,4,${'x'.repeat(5_000_000)}\n`, { code: 2, rows: [3, 2, 0, 1] }],
    ['zero bytes', `${GOOD}3,4,ma\0le\n`, { code: 2, rows: [3, 2, 0, 1] }],
    ['a byte of Latin-1', Buffer.from(`${GOOD}3,4,m\xe4le\n`, 'latin1'), { code: 2, rows: [3, 2, 0, 1] }],
    ['line ends of Windows', GOOD.replaceAll('\n', '\r\n'), { code: 0, rows: [2, 2, 0, 0] }],
  ];

  it.each(files)('%s', async (name, content, { code, rows }) => {
    const file = `${name.replaceAll(' ', '-')}.csv`;
    await writeFile(at(file), content);
    const ended = await check(file, '--json');
    const { in: all, good, bad, rejected } = toldBy(ended.out).rows;
    expect([ended.code, all, good, bad, rejected]).toEqual([code, ...rows]);
    expect(ended.err).toBe('');
  });

  it('may be told its encoding', async () => {
    await writeFile(at('plain-16.csv'), Buffer.from(GOOD, 'utf16le'));
    const { code, out } = await check('plain-16.csv', '--encoding', 'utf-16le', '--json');
    expect([code, toldBy(out).rows.good]).toEqual([0, 2]);
  });

  it('cannot steer the terminal by their names', async () => {
    await writeFile(at('\u001b[2Jgone.csv'), GOOD);
    const { code, out } = await check('\u001b[2Jgone.csv');
    expect(code).toBe(0);
    expect(out).toContain('\ufffd[2Jgone.csv: pass');
  });
});

describe('what weir check gives', () => {
  it('is one object with --json', async () => {
    const { out, err } = await check('mixed.csv', '--json');
    const told = toldBy(out);
    expect(err).toBe('');
    expect(told).toEqual({
      rows: { in: 4, good: 2, bad: 1, rejected: 1 },
      verdict: 'fail',
      criticality: 'high',
      violations: [
        {
          ...{ expectation: 'too-many-fields', column: null, severity: 'fail', rows: 1, share: 0.25 },
          examples: [{ at: 'line', number: 5, values: [{ text: '4,1,male,5' }] }],
        },
        {
          ...{ expectation: 'in-range', column: 'age', severity: 'fail', rows: 1, share: 0.25 },
          examples: [{ at: 'line', number: 3, values: [{ column: 'age', text: '300' }] }],
        },
      ],
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it('is every row once with --into, and the report', async () => {
    const { code, out } = await check('mixed.csv', '--into', 'parts/mixed', '--report', 'pages/mixed.html');
    expect(code).toBe(2);
    const names = (await readdir(at('parts/mixed'))).sort();
    expect(names).toEqual(['bad.csv', 'check.json', 'good.csv', 'rejected.jsonl', 'report.html']);
    expect(await readFile(at('parts/mixed/good.csv'), 'utf8')).toBe(`${HEADER}\n1,20,female\n3,,male\n`);
    expect(await readFile(at('parts/mixed/bad.csv'), 'utf8')).toContain('3,2,300,male,');
    const rejected: unknown = JSON.parse(await readFile(at('parts/mixed/rejected.jsonl'), 'utf8'));
    expect(rejected).toMatchObject({ line: 5, text: '4,1,male,5' });
    const report = await readFile(at('pages/mixed.html'), 'utf8');
    expect(report).toContain('age is between 0 and 120');
    expect(await readFile(at('parts/mixed/report.html'), 'utf8')).toBe(report);
    for (const name of ['good.csv', 'bad.csv', 'rejected.jsonl', 'report.html']) expect(out).toContain(name);
  });

  it('comes from a contract in YAML as from one in TypeScript', async () => {
    const people = defineContract({
      name: 'people',
      columns: {
        id: integer({ role: 'id', unique: true }),
        age: number({ min: 0, max: 120, nullable: true }),
        sex: category(['female', 'male'], { severity: 'warn' }),
      },
    });
    await writeFile(at('people.yaml'), toOdcs(people));
    const yaml = await weir('check', 'mixed.csv', '--contract', 'people.yaml', '--json');
    const typescript = await check('mixed.csv', '--json');
    expect(yaml).toEqual(typescript);
  });

  it('names what the contract asks for and nobody checked', async () => {
    const quality = [{ type: 'text', description: 'people are alive' }];
    const properties = [{ name: 'id', logicalType: 'integer' }, { name: 'age' }, { name: 'sex' }];
    const schema = ['people', 'others'].map((name) => ({ name, properties, quality }));
    const document = { apiVersion: 'v3.1.0', kind: 'DataContract', schema };
    await writeFile(at('several.yaml'), JSON.stringify(document));
    const args = ['check', 'good.csv', '--contract', 'several.yaml'];
    const { code, out } = await weir(...args, '--schema', 'people');
    expect({ code, out }).toEqual({
      code: 0,
      out: [
        'good.csv: pass',
        '  2 rows: 2 good, 0 bad, 0 rejected',
        '  1 rule of the contract is not checked:',
        '    people.quality[0]: text: people are alive; it is written for people\n',
      ].join('\n'),
    });
    const json = await weir(...args, '--schema', 'others', '--json');
    expect(JSON.parse(json.out)).toMatchObject({
      verdict: 'pass',
      unchecked: [{ path: 'others.quality[0]', rule: 'text: people are alive', reason: 'it is written for people' }],
    });
    expect(await weir(...args)).toMatchObject({
      err: expect.stringMatching(/schema objects \(people, others\): weir check --schema <name>/),
    });
  });

  it('checks against the environment of the contract that the file is for', async () => {
    const own = (value: unknown) => [{ property: 'weir.environments', value }];
    const properties = [{ name: 'id', customProperties: own(['training']) }, { name: 'age' }, { name: 'sex' }];
    const schema = [{ name: 'people', properties, customProperties: own(['training', 'serving']) }];
    await writeFile(at('two.yaml'), JSON.stringify({ apiVersion: 'v3.1.0', kind: 'DataContract', schema }));
    await writeFile(at('serving.csv'), 'age,sex\n29,female\n');
    const args = ['check', 'serving.csv', '--contract', 'two.yaml'];
    expect((await weir(...args)).code).toBe(2);
    expect((await weir(...args, '--environment', 'serving')).code).toBe(0);
    expect(await weir(...args, '--environment', 'production')).toMatchObject({
      err: expect.stringMatching(/got "production", and it has training, serving/),
    });
  });

  it('is a contract with --suggest, which the file then meets', async () => {
    const { code, out } = await weir('check', 'good.csv', '--suggest');
    expect(code).toBe(0);
    await writeFile(at('suggested.ts'), out);
    const { verdict } = toldBy((await weir('check', 'good.csv', '--contract', 'suggested.ts', '--json')).out);
    expect(verdict).toBe('pass');
  });

  it('says with --suggest how a file in another form is written, and why', async () => {
    const rows = Array.from(
      { length: 30 },
      (_, row) => `${row};1.0${10 + row},50;${10 + (row % 18)}.03.2026;${row % 2 ? 'ja' : 'nein'};`,
    );
    await writeFile(at('german.csv'), `Export of March\n\nid;amount;day;paid;\n${rows.join('\n')}\n`);
    const { code, out } = await weir('check', 'german.csv', '--suggest');
    expect(code).toBe(0);
    const settings = [...out.matchAll(/^\/\/ (\w+): .*\d/gm)].map(([, setting]) => setting);
    const known = ['delimiter', 'skipLines', 'hasTrailingDelimiter', 'decimal', 'thousands', 'dates', 'booleans'];
    expect(settings).toEqual(['amount', ...known]);
    expect(out).toContain('// amount: its numbers have 1 digit behind the point; decimal({ precision: 18, scale: 1 })');
    expect(out).toContain('// delimiter: with semicolons 31 of 32 lines have 5 cells');
    await writeFile(at('german.ts'), out);
    const { verdict, rows: counted } = toldBy(
      (await weir('check', 'german.csv', '--contract', 'german.ts', '--json')).out,
    );
    expect([verdict, counted]).toEqual(['pass', { in: 30, good: 30, bad: 0, rejected: 0 }]);
  });
});

describe('weir check with another dataset', () => {
  const ORDERS = `import { defineContract, integer, keysIn, rowCountMatches, text } from 'weir';
export const contract = defineContract({
  name: 'orders',
  columns: { id: integer({ role: 'id' }), person: integer() },
  expectations: [keysIn('person', { dataset: 'people', columnsThere: 'id' }), rowCountMatches({ dataset: 'people', severity: 'warn' })],
});
`;
  const checkOrders = (...flags: readonly string[]) => weir('check', 'orders.csv', '--contract', 'orders.ts', ...flags);
  beforeAll(async () => {
    await writeFile(at('orders.ts'), ORDERS);
    await writeFile(at('orders.csv'), 'id,person\n1,2\n2,3\n');
  });

  it('finds keys that it does not have, with their lines, and says what it was', async () => {
    const { code, out } = await checkOrders('--reference', 'people=good.csv');
    expect(code).toBe(2);
    expect(out).toMatch(
      /^orders\.csv: fail, criticality high\n {2}2 rows: 1 good, 1 bad, 0 rejected\n {2}fail {2}1 \(50\.0 %\) {2}person is in people as id\n {10}line 3: person "?3"?\n {2}compared with people: 2 rows, version [0-9a-f]{12}\n$/,
    );
    const told = await checkOrders('--reference', 'people=good.csv', '--json', '--report', 'orders.html');
    expect(toldBy(told.out)).toMatchObject({
      references: [{ dataset: 'people', rows: 2, digest: expect.stringMatching(/^[0-9a-f]{64}$/) }],
    });
    expect(await readFile(at('orders.html'), 'utf8')).toContain('Compared with people');
  });

  it.each([
    [[], 'Give it by --reference people=<file>'],
    [['--reference', 'persons=good.csv'], 'the contract names people'],
    [['--reference', 'people'], 'such as --reference people=file.csv; got "people"'],
  ])('is refused with %j, and says what to give', async (flags, message) => {
    const { code, err } = await checkOrders(...flags);
    expect(code).toBe(64);
    expect(err).toContain(message);
  });

  it('checks the relationships of a document with it', async () => {
    const properties = [
      { name: 'id', logicalType: 'integer' },
      { name: 'person', logicalType: 'integer', relationships: [{ to: 'people.id' }] },
    ];
    const document = { apiVersion: 'v3.1.0', kind: 'DataContract', schema: [{ name: 'orders', properties }] };
    await writeFile(at('orders.yaml'), JSON.stringify(document));
    const checkBy = (...flags: readonly string[]) => weir('check', 'orders.csv', '--contract', 'orders.yaml', ...flags);
    const alone = await checkBy();
    expect([alone.code, alone.out]).toEqual([0, expect.stringContaining('--reference people=<file> checks it')]);
    const { code, out } = await checkBy('--reference', 'people=good.csv');
    expect([code, out]).toEqual([2, expect.stringContaining('person is in people as id')]);
    expect(out).not.toContain('not checked');
  });

  it('overwrites no file that it is compared with', async () => {
    const { code, err } = await checkOrders('--reference', 'people=good.csv', '--report', 'good.csv');
    expect(code).toBe(64);
    expect(err).toContain('good.csv');
  });
});
