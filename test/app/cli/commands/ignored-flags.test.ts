import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runWeir, STACK } from './run-weir.ts';

const CSV = `a,b\n${'1,x\n'.repeat(100)}`;
const CONTRACT = `import { defineContract, integer, text } from 'weir';
export const contract = defineContract({ name: 'ab', columns: { a: integer({ unique: true }), b: text() } });
`;

let folder: string;
const at = (name: string): string => path.join(folder, name);
const weir = (...args: readonly string[]) => runWeir(args, folder);

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'weir-flags-'));
  await writeFile(at('ab.ts'), CONTRACT);
  await writeFile(at('f.csv'), CSV);
  await writeFile(at('f.ndjson'), '{"a":1,"b":"x"}\n');
  await writeFile(at('cut.csv.gz'), gzipSync(CSV).subarray(0, -9));
  await writeFile(at('f.parquet'), 'PAR1 and nothing more');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a file that is damaged', () => {
  it.each([
    ['split', '--into', 'nothing', '--files', '2'],
    ['corrupt', '--out', 'nothing.csv', '--contract', 'ab.ts'],
  ])('is refused in words, as a check does: weir %s', async (command, ...flags) => {
    const { code, err, out } = await weir(command, 'cut.csv.gz', ...flags);
    expect([code, out]).toEqual([3, '']);
    expect(err).toMatch(/cannot be decompressed/);
    expect(err).not.toMatch(STACK);
    expect((await readdir(folder)).filter((name) => name.startsWith('nothing'))).toEqual([]);
  });
});

describe('a flag that would be ignored', () => {
  it.each([
    [['check', 'f.csv', '--contract', 'ab.ts', '--project', '.'], /--contract or --project; got both/],
    [['check', 'f.csv', '--suggest', '--project', '.'], /Expected no --project: "weir check --suggest"/],
    [['profile', 'f.parquet', '--compare', 'f.ndjson', '--delimiter', ';'], /which are Parquet and NDJSON/],
    [['profile', 'f.csv', '--show-values'], /Expected --html <file>/],
    [['split', 'f.parquet', '--into', 'x', '--files', '2', '--encoding', 'utf-8'], /f\.parquet, which is Parquet/],
    [['split', 'f.csv', '--into', 'x', '--files', '2', '--project', '.'], /Expected no --project: "weir split"/],
    [['check', 'f.parquet', '--contract', 'ab.ts', '--delimiter', ';'], /f\.parquet, which is Parquet/],
    [['explain', 'fit-model(seed=1)', 'fit-model'], /Expected a goal alone/],
    [['gc', '--plan', '1', '--grace-hours', '0'], /'--plan <id>' cannot be used with option '--grace-hours/],
    [['corrupt', 'f.csv', '--list'], /--list or a file/],
    [['corrupt', '--list', '--seed', '2'], /'--list' cannot be used with option '--seed/],
    [['corrupt', 'f.csv', '--out', 'x.parquet'], /Expected a name for CSV/],
    [
      ['corrupt', 'f.csv', '--out', 'x.csv', '--kinds', 'extra-column', '--share', '0.5'],
      /Expected --share with kinds/,
    ],
  ])('is refused in words: %j', async (args, words) => {
    const { code, out, err } = await weir(...args);
    expect([code, out]).toEqual([64, '']);
    expect(err).toMatch(words);
    expect((await readdir(folder)).filter((name) => name.startsWith('x'))).toEqual([]);
  });

  it('is none where it is obeyed', async () => {
    await writeFile(at('latin.csv'), Buffer.from('a;b\n1;é\n2;"ü\n"\n', 'latin1'));
    const flags = ['--into', 'latin', '--files', '1', '--encoding', 'latin-1', '--delimiter', ';'];
    expect((await weir('split', 'latin.csv', ...flags)).out).toContain('2 rows in 1 file');
    expect(await readFile(at('latin/latin-1.csv'), 'utf8')).toBe('a;b\n1;é\n2;"ü\n"\n');
  });

  it('is obeyed beside a contract: --delimiter decides how the file is read', async () => {
    await writeFile(at('semicolons.csv'), 'a;b\n1;x\n');
    const check = ['check', 'semicolons.csv', '--contract', 'ab.ts'];
    expect((await weir(...check)).out).toContain('1 rows: 1 good');
    expect((await weir(...check, '--delimiter', ';')).out).toContain('1 rows: 1 good');
    expect((await weir(...check, '--delimiter', ',')).out).toContain('1 rows: 0 good, 1 bad');
    const profile = await weir('profile', 'semicolons.csv', '--contract', 'ab.ts', '--delimiter', ';', '--json');
    expect(JSON.parse(profile.out).columns).toHaveLength(2);
  });
});
