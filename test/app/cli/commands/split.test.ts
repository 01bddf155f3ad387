import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runWeir, STACK } from './run-weir.ts';

let folder: string;
const at = (name: string): string => path.join(folder, name);
const weir = (...args: readonly string[]) => runWeir(args, folder);

// Every tenth row holds a line end within quotes: a cut by lines would tear it.
const ROWS = Array.from({ length: 1000 }, (_, row) => `${row},"${row % 10 === 0 ? 'two\nlines' : 'one'}"`);

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'weir-split-command-'));
  await writeFile(at('rows.csv'), `number,text\n${ROWS.join('\n')}\n`);
  await writeFile(at('empty.csv'), '');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('weir split', () => {
  it('cuts 1,000 rows into 7 files, equal within one row, that hold the same rows', async () => {
    const { code, out, err } = await weir('split', 'rows.csv', '--into', 'parts', '--files', '7', '--json');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const made: { rows: number; files: { path: string; rows: number }[] } = JSON.parse(out);
    expect(made.rows).toBe(1000);
    expect(made.files.map(({ rows }) => rows).sort()).toEqual([142, 143, 143, 143, 143, 143, 143]);
    expect((await readdir(at('parts'))).sort()).toEqual(made.files.map((part) => path.basename(part.path)).sort());
    const bodies: string[] = [];
    for (const part of made.files) {
      const [header, ...rest] = (await readFile(at(part.path), 'utf8')).split(/(?<=^number,text\n)/);
      expect(header).toBe('number,text\n');
      expect(rest.join('').match(/^\d+,/gm)).toHaveLength(part.rows);
      bodies.push(rest.join(''));
    }
    expect(bodies.join('')).toBe(`${ROWS.join('\n')}\n`);
  });

  it('says in words what it made', async () => {
    const { code, out } = await weir('split', 'rows.csv', '--into', 'three', '--files', '3');
    expect(code).toBe(0);
    expect(out).toBe('1000 rows in 3 files of 333 or 334 rows → three\n');
  });

  it('says how many files have no rows', async () => {
    const { out } = await weir('split', 'rows.csv', '--into', 'many', '--files', '1200');
    expect(out).toBe(
      '1000 rows in 1,200 files of 0 or 1 rows → many\n200 of the files have no rows: there are more files than rows\n',
    );
  });

  it('replaces no file, and says which is in the way', async () => {
    await weir('split', 'rows.csv', '--into', 'twice', '--files', '2');
    const names = await readdir(at('twice'));
    await Promise.all(names.map((name) => writeFile(path.join(at('twice'), name), 'mine')));
    const again = await weir('split', 'rows.csv', '--into', 'twice', '--files', '2');
    expect(again).toMatchObject({ out: '', err: expect.stringMatching(/twice holds 2 of them, such as rows/) });
    expect(again.code).not.toBe(0);
    const texts = await Promise.all(names.map((name) => readFile(path.join(at('twice'), name), 'utf8')));
    expect(texts).toEqual(['mine', 'mine']);
  });

  it.each([
    ['missing.csv', ['--into', 'x', '--files', '2'], 3, /no such file/],
    ['empty.csv', ['--into', 'x', '--files', '2'], 3, /the file is empty/],
    ['.', ['--into', 'x', '--files', '2'], 3, /Expected a plain file/],
    ['rows.csv', ['--into', 'x', '--files', '0'], 64, /from 1 to 10000; got "0"/],
    ['rows.csv', ['--into', 'x', '--files', '2.5'], 64, /from 1 to 10000; got "2.5"/],
    ['rows.csv', ['--files', '2'], 64, /--into/],
  ])('refuses %s %j with %d, and makes nothing', async (file, flags, code, words) => {
    const ended = await weir('split', file, ...flags);
    expect([ended.code, ended.out]).toEqual([code, '']);
    expect(ended.err).toMatch(words);
    expect(ended.err).not.toMatch(STACK);
    expect(await readdir(folder)).not.toContain('x');
  });
});
