import { appendFileSync, truncateSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { checkFile, defineContract, type SplitFileOptions, splitFile, text } from '#contracts';
import type { DuckdbPool } from '#store';
import { inProcessDuckdb } from '../duckdb-in-process.ts';
import { hostileFile } from '../scan/hostile-file.ts';

let folder: string;
let duckdb: DuckdbPool;
beforeAll(async () => {
  duckdb = await inProcessDuckdb();
});
afterAll(() => duckdb.close());
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'weir-split-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

interface Asked extends Partial<Omit<SplitFileOptions, 'path'>> {
  readonly name?: string;
}

async function split(content: string | Buffer, files: number, { name = 'people.csv', ...more }: Asked = {}) {
  const file = path.join(folder, name);
  await writeFile(file, content);
  const made = await splitFile({ path: file, into: path.join(folder, 'parts'), files, duckdb, ...more });
  const contents = await Promise.all(made.files.map(({ path: part }) => readFile(part)));
  const texts = contents.map((bytes) => bytes.toString());
  return {
    made,
    names: made.files.map(({ path: part }) => path.basename(part)),
    contents,
    texts,
    bodies: texts.map((part) => part.slice(part.indexOf('\n') + 1)),
  };
}

describe('splitFile', () => {
  it('makes the asked number of files, equal in rows within one', async () => {
    const rows = Array.from({ length: 1000 }, (_, index) => `${index},x${index}`);
    const { made, texts, bodies } = await split(`id,x\n${rows.join('\n')}\n`, 7);
    expect(made.rows).toBe(1000);
    expect(made.files.map(({ rows: count }) => count)).toEqual([142, 143, 143, 143, 143, 143, 143]);
    expect(texts.every((part) => part.startsWith('id,x\n'))).toBe(true);
    expect(bodies.join('')).toBe(`${rows.join('\n')}\n`);
    expect(bodies.map((body) => body.split('\n').length - 1)).toEqual(made.files.map(({ rows: count }) => count));
  });

  it('cuts neither in quoted line ends nor drops a broken record', async () => {
    const records = ['1,"a\nb"', '2,"c\n\nd"', '3,"open', '4,"e\nf",g', '5', '6,f'];
    const { bodies } = await split(`id,x\r\n${records.join('\r\n')}`, 3);
    expect(bodies).toEqual(['1,"a\nb"\n2,"c\n\nd"\n', '3,"open\r\n4,"e\nf",g\r\n', '5\r\n6,f\n']);
  });

  it('gives a header to files that have no row left', async () => {
    const { texts } = await split('id\n1\n2\n', 4);
    expect(texts).toEqual(['id\n', 'id\n1\n', 'id\n', 'id\n2\n']);
  });

  it.each([
    ['UTF-16', Buffer.from('\ufeffid,x\n1,é\n', 'utf16le'), {}],
    ['Latin-1 that is declared', Buffer.from('id,x\n1,é\n', 'latin1'), { encoding: 'latin-1' }],
    ['lines that end with CR alone', 'id,x\r1,é\r', {}],
  ] as const)('writes UTF-8 with LF whatever the file was: %s', async (_, content, more) => {
    const { texts } = await split(content, 1, more);
    expect(texts).toEqual(['id,x\n1,é\n']);
  });

  it('leaves nothing behind when it cannot', async () => {
    await expect(split('', 2)).rejects.toThrow('Expected a header in');
    await expect(split('', 2, { name: 'people.ndjson' })).rejects.toThrow('Expected JSON objects in');
    await expect(split('id\n1\n', 0)).rejects.toThrow('from 1 to 10000; got 0');
    for (const broken of ['id,"x\n1,2\n', gzipSync('id\n1\n'.repeat(99)).subarray(0, -9)])
      await expect(split(broken, 2)).rejects.toMatchObject({ code: 'file_unreadable' });
    await expect(splitFile({ path: folder, into: path.join(folder, 'parts'), files: 2, duckdb })).rejects.toThrow(
      'a plain file',
    );
    expect((await readdir(folder)).sort()).toEqual(['people.csv', 'people.ndjson']);
  });

  it('puts its files among those that are there already', async () => {
    await mkdir(path.join(folder, 'parts'));
    await writeFile(path.join(folder, 'parts', 'other.csv'), 'kept');
    await split('id\n1\n2\n', 2);
    expect((await readdir(path.join(folder, 'parts'))).sort()).toEqual(['other.csv', 'people-1.csv', 'people-2.csv']);
    expect((await readdir(folder)).sort()).toEqual(['parts', 'people.csv']);
  });

  it.each([
    ['grows', (file: string) => appendFileSync(file, '3\n')],
    ['shrinks', (file: string) => truncateSync(file, 5)],
  ])('says so, and leaves nothing, when the file %s between its two readings', async (_, change) => {
    const file = path.join(folder, 'people.csv');
    const onProgress = (done: number): void => {
      if (done === 0.4) change(file);
    };
    await expect(split('id\n1\n2\n', 2, { onProgress })).rejects.toThrow('changed while it was read');
    expect(await readdir(folder)).toEqual(['people.csv']);
  });
});

describe('other formats', () => {
  it('are compressed where the file is', async () => {
    const rows = Array.from({ length: 2000 }, (_, index) => `${index}`);
    const { names, contents } = await split(gzipSync(`id\n${rows.join('\n')}\n`), 2, { name: 'people.csv.gz' });
    expect(names).toEqual(['people-1.csv.gz', 'people-2.csv.gz']);
    expect(contents.map((bytes) => gunzipSync(bytes).toString())).toEqual([
      `id\n${rows.slice(0, 1000).join('\n')}\n`,
      `id\n${rows.slice(1000).join('\n')}\n`,
    ]);
  });

  it('of JSON objects keep each line as it is, and have no header', async () => {
    const lines = ['{"id":1.0}', '{"id": 12345678901234567891 }', '{"broken":', '{"id":3}'];
    const { names, made, texts } = await split(`${lines.join('\n\n')}`, 3, { name: 'people.ndjson' });
    expect({ names, rows: made.rows }).toEqual({
      names: ['people-1.ndjson', 'people-2.ndjson', 'people-3.ndjson'],
      rows: 4,
    });
    expect(texts).toEqual([`${lines[0]}\n`, `${lines[1]}\n`, `${lines[2]}\n${lines[3]}\n`]);
  });

  it('of Parquet keep their columns, types and order, and say when the file is damaged', async () => {
    const whole = path.join(folder, 'whole.parquet');
    const sql = `select i::bigint as id, {'a': i} as s, timestamp '2026-01-01' as t from range(7000) r(i)`;
    await duckdb.use((connection) =>
      connection.run(`copy (${sql}) to '${whole}' (format parquet, row_group_size 2048)`),
    );
    const content = await readFile(whole);
    const { made } = await split(content, 4, { name: 'people.parquet' });
    expect(made.files.map(({ rows }) => rows)).toEqual([1750, 1750, 1750, 1750]);
    for (const [index, { path: part }] of made.files.entries()) {
      const found = `(select *, id - ${index * 1750} as place from read_parquet('${part}', file_row_number = true))`;
      const facts = `select count(*) as rows, count(*) filter (where place = file_row_number and s.a = id) as same from ${found}`;
      expect(await duckdb.use((connection) => connection.all(facts))).toEqual([{ rows: 1750, same: 1750 }]);
    }
    content.fill(0xff, 40, 400);
    await expect(split(content, 4, { name: 'damaged.parquet' })).rejects.toMatchObject({ code: 'file_unreadable' });
  });
});

describe('the rows of the parts', () => {
  it('are together those that a check of the whole counts, good, bad and rejected', async () => {
    const contract = defineContract({
      name: 'any',
      columns: { a: text({ nullable: true }), b: text({ pattern: '[a-m].*' }) },
    });
    const rowsOf = async (file: string) => {
      const { result } = await checkFile({ path: file, contract, folder: path.join(folder, 'out'), duckdb });
      return result.verdict === 'quarantined' ? undefined : result.rows;
    };
    for (let seed = 0; seed < 20; seed += 1) {
      const content = hostileFile(seed);
      await rm(path.join(folder, 'parts'), { recursive: true, force: true });
      const made = await split(content, 3).catch(() => undefined);
      const whole = await rowsOf(path.join(folder, 'people.csv'));
      const parts = { in: 0, good: 0, bad: 0, rejected: 0 };
      for (const { path: part } of made?.made.files ?? [])
        for (const [kind, rows] of Object.entries((await rowsOf(part)) ?? {}))
          parts[kind as keyof typeof parts] += rows; // The names are those of `rows`.
      expect(made?.made.rows, `seed ${seed}`).toBe(whole?.in);
      if (whole !== undefined) expect(parts, `seed ${seed}`).toEqual(whole);
    }
  });
});
