import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runWeir } from './run-weir.ts';

const CONTRACT = `import { boolean, date, defineContract, integer, number, text } from 'weir';
export const contract = defineContract({
  name: 'payments',
  columns: { id: integer({ role: 'id' }), amount: number({ nullable: true }), day: date(), paid: boolean(), note: text() },
  format: { nulls: ['NA'] },
});
`;
const LINES = [
  'Report of a day',
  'id|amount|day|paid|note|',
  '% a comment',
  " 1 | 1.234,5 | 31.01.2026 | ja | 'a \\' | é' |",
  ' 2 | NA | 1. February 2026 | nein | b |',
];

let folder: string;
const weir = (...args: readonly string[]) => runWeir(args, folder);
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'weir-format-flag-'));
  await writeFile(path.join(folder, 'payments.ts'), CONTRACT);
  const text = `${LINES.join('\n')}\n`;
  await writeFile(path.join(folder, 'payments.csv'), Buffer.from(text, 'latin1'));
  await writeFile(path.join(folder, 'good.ndjson'), '{"id":1}\n');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const SETTINGS = [
  ...['delimiter=bar', "quote='", 'escape=backslash', 'skipLines=1', 'comment=%', 'hasTrailingDelimiter=true'],
  ...['blanks=trimmed', 'encoding=windows-1252', 'decimal=,', 'thousands=.', 'dates=dd.MM.yyyy,d. MMMM yyyy'],
  ...['booleans=ja,wahr/nein', 'nulls=["NA","-"]'],
].flatMap((setting) => ['--format', setting]);

describe('--format', () => {
  it('says for one check how the file is written, in place of the contract', async () => {
    const { code, out, err } = await weir(
      'check',
      'payments.csv',
      '--contract',
      'payments.ts',
      ...SETTINGS,
      '--into',
      'out',
    );
    expect({ code, err, out: out.split('\n')[1] }).toEqual({
      ...{ code: 0, err: '' },
      out: '  2 rows: 2 good, 0 bad, 0 rejected',
    });
    expect(await readFile(path.join(folder, 'out', 'good.csv'), 'utf8')).toBe(
      "id,amount,day,paid,note\n1,1234.5,2026-01-31,true,a ' | é\n2,,2026-02-01,false,b\n",
    );
  });

  it('decides what a suggested contract says, and says so', async () => {
    const { out } = await weir('check', 'payments.csv', '--suggest', ...SETTINGS);
    expect(out).toContain("decimal: ','");
    expect(out).toContain("dates: ['dd.MM.yyyy', 'd. MMMM yyyy']");
    expect(out).toContain('// booleans: as it was given');
    expect(out).toMatch(/day: date\(/);
  });

  it('is obeyed by profile, split and corrupt', async () => {
    const profile = await weir('profile', 'payments.csv', ...SETTINGS, '--json');
    expect(JSON.parse(profile.out)).toMatchObject({ rows: 2, rejected: 0 });
    await weir('split', 'payments.csv', '--files', '2', '--into', 'parts', ...SETTINGS);
    const [part = ''] = await readdir(path.join(folder, 'parts'));
    expect(await readFile(path.join(folder, 'parts', part), 'utf8')).toContain("'a \\' | é'");
    const made = await weir('corrupt', 'payments.csv', '--out', 'broken.csv', ...SETTINGS, '--kinds', 'missing-value');
    expect({ code: made.code, err: made.err }).toEqual({ code: 0, err: '' });
    const broken = await readFile(path.join(folder, 'broken.csv'), 'utf8');
    expect(broken).toMatch(/^\ufeffReport of a day\nid\|/);
  });

  it.each([
    ['skipLines', 'Expected a value behind skipLines=, as in skipLines=3'],
    ['skipLines=two', 'Expected a whole number; got "two"'],
    ['lines=2', 'a setting being delimiter, quote, escape'],
    ['hasTrailingDelimiter=yes', 'Expected true or false; got "yes"'],
    ['booleans=yes', 'Expected the words for true and false, as in yes/no'],
    ['nulls=["NA"', 'or a list in JSON'],
    ['delimiter=123456789', 'Expected one to eight characters'],
    ['decimal=x', 'format expects as decimal one character that no number has otherwise; got "x"'],
    ['headerRows=11', 'format expects headerRows from 0 to 10; got 11'],
    ['encoding=klingon', 'format expects as encoding a name such as utf-8'],
  ])('refuses %s with a reason', async (setting, reason) => {
    const { code, err } = await weir('check', 'payments.csv', '--contract', 'payments.ts', '--format', setting);
    expect(code).toBeGreaterThan(3);
    expect(err).toContain(reason);
  });

  it('is refused twice for one setting, beside a flag for the same, and for what is no CSV', async () => {
    const twice = await weir(
      'check',
      'payments.csv',
      '--suggest',
      '--format',
      'skipLines=1',
      '--format',
      'skipLines=2',
    );
    expect(twice.err).toContain('Expected skipLines once; got it again with "skipLines=2"');
    const both = await weir('check', 'payments.csv', '--suggest', '--delimiter', ';', '--format', 'delimiter=|');
    expect(both.err).toContain('Expected --delimiter or --format delimiter=…; got both. Leave one out.');
    const json = await weir('profile', 'good.ndjson', '--format', 'skipLines=1');
    expect(json.err).toContain(
      'Expected --format for CSV only; got it for good.ndjson, which is NDJSON. Leave it out.',
    );
  });
});
