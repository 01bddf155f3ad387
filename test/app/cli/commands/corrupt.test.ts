import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ERROR_KINDS } from '#contracts';
import { runWeir, STACK } from './run-weir.ts';

let folder: string;
const at = (name: string): string => path.join(folder, name);
const weir = (...args: readonly string[]) => runWeir(args, folder);
const LINES = ['id,age,sex', ...Array.from({ length: 200 }, (_, row) => `${row},${row % 60},${row % 2 ? 'm' : 'f'}`)];

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'weir-corrupt-command-'));
  await writeFile(at('clean.csv'), `${LINES.join('\n')}\n`);
  await writeFile(
    at('contract.ts'),
    `import { category, defineContract, integer } from 'weir';
export default defineContract({
  name: 'people',
  columns: { id: integer({ role: 'id', unique: true }), age: integer({ min: 0, max: 100 }), sex: category(['f', 'm']) },
});
`,
  );
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('weir corrupt', () => {
  it('lists every kind of error', async () => {
    const { code, out } = await weir('corrupt', '--list');
    expect(code).toBe(0);
    expect(out.trimEnd().split('\n')).toEqual(
      ERROR_KINDS.map(({ kind, level }) => expect.stringMatching(new RegExp(`^${kind} +${level}$`))),
    );
  });

  it('corrupts the requested share in the requested ways, records it, and is the same for the same seed', async () => {
    const flags = ['--contract', 'contract.ts', '--kinds', 'out-of-range,unknown-category', '--share', '0.25'];
    const { code, out } = await weir('corrupt', 'clean.csv', '--out', 'one.csv', ...flags, '--seed', '7', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual({ rows: 200, errors: 50, truth: 'one.csv.truth.jsonl' });
    const broken = (await readFile(at('one.csv'), 'utf8')).trimEnd().split('\n');
    const truth = (await readFile(at('one.csv.truth.jsonl'), 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(new Set(truth.map(({ kind }) => kind))).toEqual(new Set(['out-of-range', 'unknown-category']));
    expect(broken.flatMap((line, row) => (line === LINES[row] ? [] : [row]))).toEqual(truth.map(({ row }) => row));
    await weir('corrupt', 'clean.csv', '--out', 'two.csv', ...flags, '--seed', '7');
    expect(await readFile(at('two.csv'), 'utf8')).toBe(await readFile(at('one.csv'), 'utf8'));
    const check = await weir('check', 'one.csv', '--contract', 'contract.ts', '--json');
    expect(check.code).toBe(2);
    expect(JSON.parse(check.out).rows).toEqual({ in: 200, good: 150, bad: 50, rejected: 0 });
  });

  it('needs no contract: an error is then what the file itself never does', async () => {
    const { code, out } = await weir('corrupt', 'clean.csv', '--out', 'free.csv');
    expect(code).toBe(0);
    expect(out).toMatch(/^200 rows, \d+ errors?\n {2}→ free\.csv\n {2}→ free\.csv\.truth\.jsonl\n$/);
    expect(await readFile(at('free.csv'))).not.toEqual(await readFile(at('clean.csv')));
  });

  it.each([
    [['missing.csv', '--out', 'x.csv', '--contract', 'contract.ts'], 3, /no such file/],
    [['.', '--out', 'x.csv'], 3, /Expected a plain file/],
    [['clean.csv', '--out', 'clean.csv'], 64, /Expected another place/],
    [['clean.csv'], 64, /Expected --out/],
    [[], 64, /Expected a file to corrupt/],
    [['clean.csv', '--out', 'x.csv', '--kinds', 'typo'], 64, /missing-value.*got "typo"/],
    [['clean.csv', '--out', 'x.csv', '--share', '1.5'], 64, /from 0 to 1; got "1.5"/],
    [['clean.csv', '--out', 'x.csv', '--seed', '-1'], 64, /whole number/],
  ])('refuses %j with %d, and leaves what was there', async (args, code, words) => {
    const ended = await weir('corrupt', ...args);
    expect([ended.code, ended.out]).toEqual([code, '']);
    expect(ended.err).toMatch(words);
    expect(ended.err).not.toMatch(STACK);
    expect((await readdir(folder)).filter((name) => name.startsWith('x.csv'))).toEqual([]);
    expect(await readFile(at('clean.csv'), 'utf8')).toBe(`${LINES.join('\n')}\n`);
  });
});
