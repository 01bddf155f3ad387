import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDuckdbPool } from '#store';
import { runWeir, STACK } from './run-weir.ts';

const ROWS = 100;
const LINES = ['a,b', ...Array.from({ length: ROWS }, (_, row) => `${row},x${row % 3}`)];
const CSV = `${LINES.join('\n')}\n`;
const NDJSON = LINES.slice(1)
  .map((line) => `{"a":${line.replace(',', ',"b":"')}"}\n`)
  .join('');
const CONTRACT = `import { defineContract, integer, text } from 'weir';
export const contract = defineContract({ name: 'ab', columns: { a: integer({ unique: true }), b: text() } });
`;

let folder: string;
const at = (name: string): string => path.join(folder, name);
const weir = (...args: readonly string[]) => runWeir(args, folder);

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'weir-formats-'));
  await writeFile(at('ab.ts'), CONTRACT);
  await writeFile(at('f.csv'), CSV);
  await writeFile(at('f.csv.gz'), gzipSync(CSV));
  await writeFile(at('returns.csv'), CSV.replaceAll('\n', '\r'));
  await writeFile(at('f.ndjson'), NDJSON);
  await writeFile(at('cut.csv.gz'), gzipSync(CSV).subarray(0, -9));
  await writeFile(at('cut.parquet'), 'PAR1 and nothing more');
  const duckdb = openDuckdbPool({ temporaryFolder: at('spill') });
  const rows = `select i as a, 'x' || i % 3 as b from range(${ROWS}) r(i)`;
  await duckdb.use((connection) => connection.run(`copy (${rows}) to '${at('f.parquet')}' (format parquet)`));
  await duckdb.close();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a file of any format', () => {
  it.each(['f.csv.gz', 'returns.csv', 'f.ndjson', 'f.parquet'])(
    'has the same rows for every command: %s',
    async (file) => {
      const check = await weir('check', file, '--contract', 'ab.ts', '--json');
      expect(check.code, check.err).toBe(0);
      expect(JSON.parse(check.out).rows).toEqual({ in: ROWS, good: ROWS, bad: 0, rejected: 0 });

      const profile = await weir('profile', file, '--json');
      expect(JSON.parse(profile.out)).toMatchObject({ rows: ROWS, rejected: 0 });

      const suggested = await weir('check', file, '--suggest');
      expect(suggested.out).toMatch(/a: integer\(.*\n.*b: category\(\['x0', 'x1', 'x2'\]/);

      const split = await weir('split', file, '--into', `parts-${file}`, '--files', '3', '--json');
      expect(split.code, split.err).toBe(0);
      const parts: { rows: number; files: { path: string; rows: number }[] } = JSON.parse(split.out);
      expect(parts.files.map(({ rows }) => rows)).toEqual([33, 33, 34]);
      expect((await readdir(at(`parts-${file}`))).sort()).toEqual(parts.files.map((part) => path.basename(part.path)));

      const out = `copy-of-${file}.csv`;
      const corrupt = await weir(
        'corrupt',
        file,
        '--out',
        out,
        '--contract',
        'ab.ts',
        '--kinds',
        'wrong-type',
        '--json',
      );
      expect(JSON.parse(corrupt.out), corrupt.err).toMatchObject({ rows: ROWS, errors: 10 });
    },
  );

  it.each([
    ['check', 'cut.parquet', '--suggest'],
    ['profile', 'cut.parquet'],
    ['split', 'cut.parquet', '--into', 'nothing', '--files', '2'],
    ['corrupt', 'cut.parquet', '--out', 'nothing.csv'],
    ['split', 'cut.csv.gz', '--into', 'nothing', '--files', '2'],
    ['corrupt', 'cut.csv.gz', '--out', 'nothing.csv', '--contract', 'ab.ts'],
  ])('that is damaged is refused: weir %s %s', async (...args) => {
    const { code, err, out } = await weir(...args);
    expect([code, out]).toEqual([3, '']);
    expect(err).toMatch(/cannot be (read|unfolded)/);
    expect(err).not.toMatch(STACK);
    expect((await readdir(folder)).filter((name) => name.startsWith('nothing'))).toEqual([]);
  });
});

describe('a flag that would be ignored', () => {
  it.each([
    [['check', 'f.csv', '--contract', 'ab.ts', '--delimiter', ';'], /--delimiter or a contract/],
    [['check', 'f.csv', '--contract', 'ab.ts', '--project', '.'], /--contract or --project; got both/],
    [['check', 'f.csv', '--suggest', '--project', '.'], /Expected no --project: "weir check --suggest"/],
    [['profile', 'f.csv', '--contract', 'ab.ts', '--delimiter', ';'], /--delimiter or a contract/],
    [['profile', 'f.parquet', '--compare', 'f.ndjson', '--delimiter', ';'], /which are Parquet and NDJSON/],
    [['profile', 'f.csv', '--show-values'], /Expected --html <file>/],
    [['split', 'f.parquet', '--into', 'x', '--files', '2', '--encoding', 'utf-8'], /f\.parquet, which is Parquet/],
    [['split', 'f.csv', '--into', 'x', '--files', '2', '--project', '.'], /Expected no --project: "weir split"/],
    [['corrupt', 'f.csv', '--out', 'x.csv', '--contract', 'ab.ts', '--delimiter', ';'], /--delimiter or a contract/],
    [['corrupt', 'f.csv', '--list'], /--list or a file/],
    [['corrupt', '--list', '--seed', '2'], /'--list' cannot be used with option '--seed/],
    [['corrupt', 'f.csv', '--out', 'x.parquet'], /Expected a name for CSV/],
    [
      ['corrupt', 'f.csv', '--out', 'x.csv', '--kinds', 'extra-column', '--share', '0.5'],
      /Expected --share beside kinds/,
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
    expect((await weir('split', 'latin.csv', ...flags)).out).toContain('2 rows in 1 file(s)');
    expect(await readFile(at('latin/latin-1.csv'), 'utf8')).toBe('a;b\n1;é\n2;"ü\n"\n');
  });
});
