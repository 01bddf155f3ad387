import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  category,
  checkFile,
  corruptFile,
  date,
  defineContract,
  ERROR_KINDS,
  type InjectedError,
  integer,
  meanBetween,
  number,
  text,
} from '#contracts';
import type { DuckdbPool } from '#store';
import { inProcessDuckdb } from '../duckdb-in-process.ts';

const people = defineContract({
  name: 'people',
  columns: {
    id: integer({ role: 'id', min: 1, unique: true }),
    age: number({ min: 0, max: 100, nullable: true }),
    sex: category(['female', 'male']),
    born: date(),
    code: text({ pattern: '[a-z]{2}', lengthMax: 2 }),
    deck: text({ alwaysNull: true }),
  },
  expectations: [meanBetween('age', { max: 80, severity: 'fail' })],
});
const ROWS = 200;

let folder: string;
let duckdb: DuckdbPool;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'weir-corrupt-'));
  duckdb = await inProcessDuckdb();
  const rows = Array.from(
    { length: ROWS },
    (_, index) => `${index + 1},${index % 100},${index % 3 ? 'male' : 'female'},2026-01-02,ab,`,
  );
  await writeFile(path.join(folder, 'clean.csv'), `id,age,sex,born,code,deck\n${rows.join('\n')}\n`);
});
afterAll(async () => {
  await duckdb.close();
  await rm(folder, { recursive: true, force: true });
});

async function corrupt(options: { seed: number; share: number; kinds?: readonly string[] }) {
  const out = path.join(folder, `broken-${options.seed}.csv`);
  const made = await corruptFile({ path: path.join(folder, 'clean.csv'), out, contract: people, duckdb, ...options });
  const truth = (await readFile(made.truth, 'utf8')).trim();
  const errors: InjectedError[] = truth === '' ? [] : truth.split('\n').map((line) => JSON.parse(line));
  return { ...made, out, errors, content: await readFile(out, 'utf8') };
}

describe('corruptFile', () => {
  it('corrupts the requested share of rows, and records each', async () => {
    const {
      rows,
      errors,
      content: broken,
    } = await corrupt({ seed: 1, share: 0.1, kinds: ['missing-value', 'out-of-range'] });
    expect(rows).toBe(ROWS);
    expect(errors).toHaveLength(20);
    const clean = (await readFile(path.join(folder, 'clean.csv'), 'utf8')).split('\n');
    const lines = broken.split('\n');
    expect(lines.filter((line, index) => line !== clean[index])).toHaveLength(20);
    for (const { row, column, before, after } of errors) {
      const position = Object.keys(people.columns).indexOf(column);
      expect(clean[row]?.split(',')[position]).toBe(before);
      expect(lines[row]?.split(',')[position]).toBe(after);
    }
  });

  it('does the same again for the same seed, and something else for another', async () => {
    const { content } = await corrupt({ seed: 2, share: 0.5 });
    expect((await corrupt({ seed: 2, share: 0.5 })).content).toBe(content);
    expect((await corrupt({ seed: 3, share: 0.5 })).content).not.toBe(content);
  });

  it.each(ERROR_KINDS.filter(({ level }) => level !== 'file'))(
    'the check finds every row with $kind, and no other',
    async ({ kind }) => {
      const { out, errors } = await corrupt({ seed: 4, share: 0.25, kinds: [kind] });
      const { result, files } = await checkFile({
        path: out,
        contract: people,
        folder: path.join(folder, 'out'),
        duckdb,
      });
      const bad = files.bad === undefined ? [] : (await readFile(files.bad, 'utf8')).trim().split('\n').slice(1);
      const rejected = files.rejected === undefined ? [] : (await readFile(files.rejected, 'utf8')).trim().split('\n');
      const lines = [
        ...bad.map((line) => Number(line.split(',', 1)[0])),
        ...rejected.map((line) => JSON.parse(line).line),
      ];
      expect(errors.length).toBeGreaterThan(40);
      expect(lines.sort((a, b) => a - b)).toEqual(errors.map(({ row }) => row + 1));
      expect(new Set(errors.map((error) => error.kind))).toEqual(new Set([kind]));
      expect(result.rows.good).toBe(ROWS - errors.length);
    },
  );

  it.each([
    ['missing-column', 'fail', 'missing-column'],
    ['extra-column', 'warn', 'schema'],
    ['swapped-columns', 'fail', 'wrong-type'],
    ['shifted-distribution', 'fail', 'distribution'],
    ['empty-file', 'fail', 'structure'],
  ])('the check finds a file with %s', async (kind, verdict, found) => {
    for (let seed = 1; seed <= 4; seed += 1) {
      const { out, errors } = await corrupt({ seed, share: 0, kinds: [kind] });
      expect(errors).toEqual([expect.objectContaining({ row: 0, kind })]);
      const { result } = await checkFile({ path: out, contract: people, folder: path.join(folder, 'out'), duckdb });
      const aboutNothing = kind === 'missing-column' && errors[0]?.column === 'deck';
      expect(result.verdict).toBe(aboutNothing ? 'warn' : verdict);
      if (kind !== 'swapped-columns') expect(result.violations.map(({ category: about }) => about)).toContain(found);
    }
  });

  it('knows at least twelve kinds', () => {
    expect(ERROR_KINDS.length).toBeGreaterThanOrEqual(12);
  });

  it('corrupts only in the requested ways', async () => {
    const { errors } = await corrupt({ seed: 5, share: 1, kinds: ['out-of-range'] });
    expect(errors).toHaveLength(200);
    expect(new Set(errors.map(({ kind }) => kind))).toEqual(new Set(['out-of-range']));
    await expect(corrupt({ seed: 5, share: 1, kinds: ['typo'] })).rejects.toThrow(/among missing-value.*got "typo"/);
  });

  it('breaks one row at least, unless none is asked for', async () => {
    expect((await corrupt({ seed: 6, share: 0.0001 })).errors).toHaveLength(1);
    expect((await corrupt({ seed: 7, share: 0 })).errors).toHaveLength(0);
  });

  it.each([
    [['wrong-date'], /no column .* wrong-date/],
    [['missing-value', 'unexpected-value'], /no column .* unexpected-value\./],
    [['swapped-columns'], /no column .* swapped-columns/],
    [['extra-column', 'ragged-row', 'missing-value'], /ragged-row breaks rows, which extra-column changes/],
    [['empty-file', 'missing-value'], /empty file leaves nothing else/],
  ])('refuses %j instead of leaving out a requested kind', async (kinds, words) => {
    const names = defineContract({ name: 'names', columns: { id: text(), name: text() } });
    const file = path.join(folder, 'names.csv');
    await writeFile(file, 'id,name\n1,a\n2,b\n');
    const out = path.join(folder, 'refused.csv');
    const corrupting = corruptFile({ path: file, out, contract: names, duckdb, seed: 1, share: 1, kinds });
    await expect(corrupting).rejects.toMatchObject({ code: 'corrupt_failed', message: expect.stringMatching(words) });
    expect((await readdir(folder)).filter((name) => name.startsWith('refused'))).toEqual([]);
  });

  it('reports its progress, and leaves nothing when it is stopped', async () => {
    const shares: number[] = [];
    const out = path.join(folder, 'stopped.csv');
    const options = { path: path.join(folder, 'clean.csv'), out, contract: people, duckdb, seed: 1, share: 0.1 };
    await corruptFile({ ...options, onProgress: (share) => shares.push(share) });
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(shares.at(-1)).toBe(1);

    await rm(out);
    // More than is kept in memory: it is stopped when some of it has been written.
    const large = path.join(folder, 'large.csv');
    const [header = '', ...rows] = (await readFile(options.path, 'utf8')).split(/(?<=\n)/);
    await writeFile(large, header + rows.join('').repeat(800));
    const stop = new AbortController();
    const onProgress = (): void => {
      if (existsSync(`${out}.2.writing`)) stop.abort(new Error('enough'));
    };
    const stopped = { ...options, path: large, out: `${out}.2`, signal: stop.signal, onProgress };
    await expect(corruptFile(stopped)).rejects.toThrow('enough');
    const left = (await readdir(folder)).filter((name) => name.startsWith('stopped.csv.2'));
    expect(left).toEqual([]);
  });
});

describe('files of other formats', () => {
  const lines = ['id,name', '1,"a\n""b"""', '2,c', '3,d'];
  const contract = defineContract({ name: 'x', columns: { id: integer({ min: 0, max: 9 }), name: text() } });
  const corruptOf = async (name: string, { content, out }: { content?: string | Buffer; out: string }) => {
    const file = path.join(folder, name);
    if (content !== undefined) await writeFile(file, content);
    const target = path.join(folder, out);
    const options = { contract, duckdb, seed: 1, share: 0.3, kinds: ['out-of-range'] };
    const made = await corruptFile({ path: file, out: target, ...options });
    const { row } = JSON.parse((await readFile(made.truth, 'utf8')).split('\n', 1)[0] ?? '');
    const text_ = out.endsWith('.gz') ? gunzipSync(await readFile(target)).toString() : await readFile(target, 'utf8');
    return { made, row, text: text_ };
  };

  it.each([
    ['compressed', 'in.csv.gz', gzipSync(`${lines.join('\n')}\n`)],
    ['of lines that end with CR', 'in.csv', lines.join('\r').replace('\n', '\r')],
    ['of UTF-16', 'in.csv', Buffer.from(`\ufeff${lines.join('\n')}`, 'utf16le')],
    ['of JSON objects', 'in.ndjson', '{"id":1,"name":"a\\n\\"b\\""}\n{"id":2,"name":"c"}\n{"name":"d","id":3}\n'],
  ])('are copied as CSV with every row once: %s', async (_, name, content) => {
    for (const out of ['copy.csv', 'copy.csv.gz']) {
      const { made, row, text: copied } = await corruptOf(name, { content, out });
      expect(made).toMatchObject({ rows: 3, errors: 1 });
      const sound = [...lines.slice(1, row), ...lines.slice(row + 1)];
      for (const line of ['id,name', ...sound]) expect(copied).toContain(`${line}\n`);
    }
  });

  it('of Parquet too, which may be damaged', async () => {
    const sql = `select i as id, 'n' || i as name from range(1, 9) r(i)`;
    const file = path.join(folder, 'in.parquet');
    await duckdb.use((connection) => connection.run(`copy (${sql}) to '${file}' (format parquet)`));
    const { made, text: copied } = await corruptOf('in.parquet', { out: 'parquet.csv' });
    expect(made.rows).toBe(8);
    expect(copied.match(/^[1-8],n[1-8]$/gm)).toHaveLength(8 - made.errors);
    const damaged = corruptOf('cut.parquet', { content: (await readFile(file)).subarray(0, -9), out: 'cut.csv' });
    await expect(damaged).rejects.toMatchObject({ code: 'file_unreadable' });
  });

  it.each([
    ['nothing', 'in.csv', '', /The file is empty/],
    ['a header that is broken', 'in.csv', 'id,"name\n1,a\n', /cannot be read as a header/],
    ['half a gzip', 'in.csv', gzipSync('id,name\n1,a\n'.repeat(99)).subarray(0, -9), /cannot be decompressed/],
    ['lines that are no objects', 'in.ndjson', '{"id":1,"name":"a"}\n{"id":\n', /1 of its lines cannot be read/],
  ])('are refused where a check could not tell their rows: %s', async (_, name, content, words) => {
    const corrupting = corruptOf(name, { content, out: 'none.csv' });
    await expect(corrupting).rejects.toMatchObject({ code: 'file_unreadable', message: expect.stringMatching(words) });
    expect((await readdir(folder)).filter((each) => each.startsWith('none'))).toEqual([]);
  });
});
