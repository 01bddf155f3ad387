import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runWeir, STACK } from './run-weir.ts';

let folder: string;
const weir = (...args: readonly string[]) => runWeir(args, folder);

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'weir-check-dataset-'));
  const contract = `import { defineContract, integer } from 'weir';
export const contract = defineContract({ name: 'orders', columns: { id: integer({ unique: true }), pieces: integer({ min: 1 }) } });
`;
  await writeFile(path.join(folder, 'orders.ts'), contract);
  await mkdir(path.join(folder, 'orders'));
  await mkdir(path.join(folder, 'empty'));
  const files = {
    'a.csv': 'id,pieces\n1,1\n2,0\n',
    'b.ndjson': '{"id":3,"pieces":2}\n{"id":1,"pieces":2}\n',
    'notes.md': '# Orders',
  };
  for (const [name, content] of Object.entries(files)) await writeFile(path.join(folder, 'orders', name), content);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('weir check of a folder', () => {
  it('checks its files as one dataset and says what is in which file', async () => {
    const { code, out } = await weir('check', 'orders', '--contract', 'orders.ts', '--into', 'out');
    expect(code).toBe(2);
    expect(out).toBe(
      [
        'orders: fail, criticality high',
        '  4 rows: 2 good, 2 bad, 0 rejected',
        '  in 2 files, of which 2 files with bad or rejected rows: a.csv, b.ndjson',
        '  not read, as their names are those of no data: notes.md',
        '  fail  1 (25.0 %)  id is different in every row',
        '          b.ndjson, line 2: id "1"',
        '  fail  1 (25.0 %)  pieces is at least 1',
        '          a.csv, line 3: pieces "0"',
        ...['good', 'bad', 'manifest.json', 'report.html'].map((name) => `  → ${path.join('out', name)}`),
        '',
      ].join('\n'),
    );
    const into = path.join(folder, 'out');
    expect((await readdir(into)).sort()).toEqual([
      'bad',
      'check.json',
      'good',
      'manifest.json',
      'rejected',
      'report.html',
    ]);
    expect(await readFile(path.join(into, 'good', 'b.csv'), 'utf8')).toBe('id,pieces\n3,2\n');
    expect(await readFile(path.join(into, 'report.html'), 'utf8')).toContain('b.ndjson, line 2');
  });

  it('takes a pattern, and tells the files in its JSON', async () => {
    const { code, out } = await weir('check', 'orders/*.csv', '--contract', 'orders.ts', '--json');
    expect(code).toBe(2);
    expect(JSON.parse(out)).toMatchObject({
      rows: { in: 2, good: 1, bad: 1, rejected: 0 },
      partitions: [{ name: 'a.csv', rows: { in: 2, good: 1, bad: 1, rejected: 0 } }],
    });
  });

  it.each([
    ['a folder without data', ['empty'], 3, /Expected files of CSV, Parquet or NDJSON in "empty"; there is none/],
    ['a place within the dataset', ['orders', '--into', 'orders/out'], 64, /neither in it nor around it/],
  ])('refuses %s in words', async (_, args, exitCode, words) => {
    const { code, err } = await weir('check', ...args, '--contract', 'orders.ts');
    expect(code).toBe(exitCode);
    expect(err).toMatch(words);
    expect(err).not.toMatch(STACK);
  });
});

describe('weir profile of a folder', () => {
  it('summarises its files as one dataset, and compares it with a file', async () => {
    const { code, out } = await weir('profile', 'orders', '--compare', 'orders/a.csv', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      file: 'orders',
      rows: 4,
      rejected: 0,
      reference: { file: 'a.csv', rows: 2 },
    });
  });

  it('takes no format of a dataset without a contract, and says why', async () => {
    const { code, err } = await weir('profile', 'orders', '--format', 'decimal=,');
    expect(code).toBe(64);
    expect(err).toMatch(/Expected --contract with --format for a folder/);
  });
});
