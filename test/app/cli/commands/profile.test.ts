import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runWeir, STACK } from './run-weir.ts';

let folder: string;
const at = (name: string): string => path.join(folder, name);
const weir = (...args: readonly string[]) => runWeir(args, folder);
const table = (values: (row: number) => string): string =>
  `id,age,sex\n${Array.from({ length: 200 }, (_, row) => `${row},${values(row)}\n`).join('')}`;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'weir-profile-command-'));
  await writeFile(
    at('then.csv'),
    table((row) => `${20 + (row % 40)},${row % 2 ? 'male' : 'female'}`),
  );
  await writeFile(
    at('now.csv'),
    table((row) => `${row % 4 ? 90 + (row % 10) : ''},${row % 2 ? 'male' : 'other'}`),
  );
  await writeFile(at('tabs.tsv'), 'a\tb\n1\tx\n2\ty\n');
  await writeFile(at('empty.csv'), '');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('weir profile', () => {
  it('summarises each column, without a project and without a contract', async () => {
    const { code, out, err } = await weir('profile', 'then.csv');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('then.csv: 200 rows, 3 columns');
    expect(out).toMatch(/age +integer +0\.0 % +40 +20 to 59, mean 39\.5/);
  });

  it('tells times and durations in hours, also on its page', async () => {
    await writeFile(at('calls.csv'), 'from,lasted\n09:30,PT90M\n17:00,-P1D\n');
    const { out } = await weir('profile', 'calls.csv', '--html', 'calls.html');
    expect(out).toMatch(/from +time +0\.0 % +2 +9\.5 to 17 hours, mean 13\.25\n/);
    expect(out).toMatch(/lasted +duration +0\.0 % +2 +-24 to 1\.5 hours,/);
    expect(await readFile(at('calls.html'), 'utf8')).toContain('9.5 to 17 hours');
  });

  it('is one object with --json, with what changed since another file', async () => {
    const { code, out } = await weir(
      'profile',
      'now.csv',
      '--json',
      '--compare',
      'then.csv',
      '--html',
      'pages/now.html',
    );
    expect(code).toBe(2);
    const told = JSON.parse(out);
    expect(told).toMatchObject({
      file: 'now.csv',
      rows: 200,
      rejected: 0,
      verdict: 'fail',
      reference: { file: 'then.csv', rows: 200 },
    });
    const kinds = told.changes.map(({ column, kind }: { column: string; kind: string }) => `${column} ${kind}`);
    expect(kinds).toEqual(expect.arrayContaining(['age nulls', 'age distribution', 'sex values']));
    const page = await readFile(at('pages/now.html'), 'utf8');
    expect(page).toContain('Profile of now.csv');
    // Values of a text may be personal, so the page keeps them to itself unless asked.
    expect(page).not.toContain('other');
  });

  it('says in words that nothing changed, and shows values when asked', async () => {
    const flags = ['--compare', 'then.csv', '--html', 'then.html', '--show-values'];
    const { code, out } = await weir('profile', 'then.csv', ...flags);
    expect(code).toBe(0);
    expect(out).toMatch(/Compared with then\.csv \(200 rows\): pass\n {2}nothing is different\n/);
    expect(await readFile(at('then.html'), 'utf8')).toContain('female');
  });

  it('ends with the exit code of a verdict, by thresholds', async () => {
    const lax = ['--index-warn', '99', '--nulls-warn', '0.9'];
    const { code, out } = await weir('profile', 'now.csv', '--compare', 'then.csv', ...lax);
    expect(code).toBe(1);
    expect(out).toContain('Compared with then.csv (200 rows): warn\n  warn  sex has new values: other\n');
    const strict = await weir('profile', 'now.csv', '--compare', 'then.csv', '--nulls-fail', '0.2');
    expect(strict.code).toBe(2);
    expect(strict.out).toContain('  fail  age was empty in 0 % of the rows and is in 25 %\n');
  });

  it('reads tabs where the name says so', async () => {
    const { out } = await weir('profile', 'tabs.tsv', '--json');
    expect(JSON.parse(out).columns.map(({ name }: { name: string }) => name)).toEqual(['a', 'b']);
  });

  it.each([
    [['missing.csv'], 3, /no such file/],
    [['empty.csv', '--json'], 3, /the file is empty/],
    [['then.csv', '--compare', 'nowhere/*'], 3, /Expected files of CSV, Parquet or NDJSON in "nowhere\/\*"/],
    [['then.csv', '--html', 'then.csv'], 64, /Expected another place/],
    [['then.csv', '--html', '.'], 64, /Expected a file to write; .* is a folder/],
    [['then.csv', '--delimiter', '"'], 64, /comma, semicolon, tab or bar; got """/],
    [['then.csv', '--index-warn', '0.2'], 64, /Expected --compare <other> with a threshold/],
    [['then.csv', '--compare', 'then.csv', '--index-warn', 'much'], 64, /a number of at least 0; got "much"/],
    [['then.csv', '--compare', 'then.csv', '--nulls-warn', '0.5', '--nulls-fail', '0.1'], 64, /got 0\.5 and 0\.1/],
    [['then.csv', '--project', 'nowhere'], 64, /there is no project in/],
  ])('refuses %j with %d', async (args, code, words) => {
    const ended = await weir('profile', ...args);
    expect([ended.code, ended.out]).toEqual([code, '']);
    expect(ended.err).toMatch(words);
    expect(ended.err).not.toMatch(STACK);
  });

  it.skipIf(process.platform === 'win32')('replaces no device or pipe by the file that it writes', async () => {
    execFileSync('mkfifo', [at('pipe')]);
    const { code, err } = await weir('profile', 'then.csv', '--html', 'pipe');
    expect(code).toBe(64);
    expect(err).toMatch(/Expected a file to write; .*pipe is a device or a pipe\./);
    expect((await stat(at('pipe'))).isFIFO()).toBe(true);
  });
});
