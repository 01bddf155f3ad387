import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Contract,
  category,
  checkFile,
  checkPartitions,
  defineContract,
  distinctCountBetween,
  integer,
  maybeFindPartitions,
  meanBetween,
  number,
  quantileBetween,
  row,
  rowCountBetween,
  text,
  uniqueTogether,
} from '#contracts';
import type { DuckdbPool } from '#store';
import { inProcessDuckdb } from '../duckdb-in-process.ts';

let duckdb: DuckdbPool;
let folder: string;
beforeAll(async () => {
  duckdb = await inProcessDuckdb();
  folder = await mkdtemp(path.join(tmpdir(), 'weir-partitions-'));
});
afterAll(async () => {
  await duckdb.close();
  await rm(folder, { recursive: true, force: true });
});

const columns = {
  id: integer({ role: 'id', unique: true }),
  code: text({ unique: true, nullable: true }),
  age: number({ min: 0, max: 120, nullable: true }),
  sex: category(['female', 'male']),
};
const plain = defineContract({ name: 'people', columns });
const asking = defineContract({
  name: 'people',
  columns,
  expectations: [
    uniqueTogether(['age', 'sex'], { severity: 'warn' }),
    meanBetween('age', { min: 10, max: 90 }),
    distinctCountBetween('id', { min: 1 }),
    quantileBetween('age', { quantile: 0.5, min: 5, max: 100 }),
    row('even', { holds: 'id % 7 <> 3' }),
    row('mostly-young', { holds: 'age < 100', atLeast: 0.9 }),
  ],
});

const HEADER = 'id,code,age,sex';

/** Rows of which some repeat keys of others, by a fixed sequence. */
function rowsOf(count: number): readonly string[] {
  return Array.from({ length: count }, (_, row) => {
    const id = row % 41 === 40 ? row - 40 : row;
    const code = row % 53 === 52 ? `c${row - 52}` : row % 10 === 0 ? '' : `c${row}`;
    const age = row % 97 === 5 ? 'old' : ((row * 7) % 110) + (row % 3) / 10;
    return `${id},"${code}",${age},${row % 89 === 1 ? 'none' : row % 2 === 0 ? 'male' : 'female'}`;
  });
}

async function writeParts(name: string, parts: Readonly<Record<string, string>>): Promise<string> {
  const into = path.join(folder, name);
  await rm(into, { recursive: true, force: true });
  for (const [part, content] of Object.entries(parts)) {
    await mkdir(path.dirname(path.join(into, part)), { recursive: true });
    await writeFile(path.join(into, part), content);
  }
  return into;
}

async function checkFolder(from: string, contract: Contract, options: { readonly keyBytesMax?: number } = {}) {
  const found = await maybeFindPartitions(from);
  if (found === undefined) throw new Error('Expected a folder.');
  const into = `${from}-out`;
  const outcome = await checkPartitions({ ...found, contract, folder: into, duckdb, ...options });
  const read = async (of: 'good' | 'bad' | 'rejected') => {
    const files = outcome.manifest?.partitions.flatMap(({ files }) => files[of]?.file ?? []) ?? [];
    return Promise.all(files.map((file) => readFile(path.join(into, file), 'utf8')));
  };
  return { ...outcome, into, good: await read('good'), bad: await read('bad'), rejected: await read('rejected') };
}

const bodyOf = (contents: readonly string[]): readonly string[] =>
  contents.flatMap((content) => content.split('\n').slice(1, -1));
const withoutLines = (rows: readonly string[]) => rows.map((each) => each.slice(each.indexOf(',') + 1));

describe('checkPartitions', () => {
  it.each([
    ['by counts and keys alone', plain],
    ['with SQL over all rows', asking],
    ['of which none is good, as there are too few', { ...plain, expectations: [rowCountBetween({ min: 5000 })] }],
  ])('gives the result of the one file with all rows, %s', async (_, contract) => {
    const rows = rowsOf(1000);
    const file = path.join(folder, 'whole.csv');
    await writeFile(file, `${HEADER}\n${rows.join('\n')}\n`);
    const whole = await checkFile({ path: file, contract, folder: path.join(folder, 'whole'), duckdb });
    const cuts = [0, 300, 300, 310, 700, 1000];
    const parts = Object.fromEntries(
      cuts.slice(1).map((end, index) => {
        const own = rows.slice(cuts[index], end);
        return [`part-${index}.csv`, `${[HEADER, ...own].join('\n')}\n`];
      }),
    );
    const set = await checkFolder(await writeParts('same', parts), contract);
    const comparable = ({ violations, ...result }: typeof whole.result) => {
      const { durationMs, file: __, digest, sizeBytes, partitions, ...same } = result;
      const told = violations.map(({ examples, ...violation }) => ({
        ...violation,
        examples: examples?.map(({ values }) => values),
      }));
      return { ...same, violations: told };
    };
    expect(comparable(set.result)).toEqual(comparable(whole.result));
    const written = async (part: string | undefined) => (part === undefined ? [] : [await readFile(part, 'utf8')]);
    expect(bodyOf(set.good)).toEqual(bodyOf(await written(whole.files.good)));
    expect(withoutLines(bodyOf(set.bad))).toEqual(withoutLines(bodyOf(await written(whole.files.bad))));
    expect(set.result.partitions?.map((part) => part.rows.in)).toEqual([300, 0, 10, 390, 300]);
  });

  it('keeps the first of rows with equal keys, by file and row, and names the others', async () => {
    const from = await writeParts('keys', {
      'a.csv': `${HEADER}\n1,x,1,male\n2,y,1,male\n`,
      'b/c.csv': `${HEADER}\n3,x,1,male\n1,z,1,male\n4,w,1,male\n`,
      'd.csv': `sex,age,code,id\nmale,1,x,5\nmale,1,w,6\nmale,1,q,7\n`,
    });
    for (const keyBytesMax of [undefined, 64 * 64 * 9]) {
      const { result, good, bad, manifest } = await checkFolder(
        from,
        plain,
        keyBytesMax === undefined ? {} : { keyBytesMax },
      );
      expect(result.rows).toEqual({ in: 8, good: 4, bad: 4, rejected: 0 });
      expect(bodyOf(good)).toEqual(['1,x,1,male', '2,y,1,male', '4,w,1,male', 'male,1,q,7']);
      expect(bodyOf(bad)).toEqual([
        '2,3,x,1,male,code: unique',
        '3,1,z,1,male,id: unique',
        '2,male,1,x,5,code: unique',
        '3,male,1,w,6,code: unique',
      ]);
      expect(result.violations.find(({ column }) => column === 'code')?.examples).toEqual([
        { partition: 'b/c.csv', at: 'line', number: 2, values: [{ column: 'code', text: 'x' }] },
        { partition: 'd.csv', at: 'line', number: 2, values: [{ column: 'code', text: 'x' }] },
        { partition: 'd.csv', at: 'line', number: 3, values: [{ column: 'code', text: 'w' }] },
      ]);
      expect(manifest?.partitions.map(({ files }) => Object.keys(files))).toEqual([
        ['good'],
        ['good', 'bad'],
        ['good', 'bad'],
      ]);
    }
  });

  it('reads files of several formats, and keeps records that are no rows', async () => {
    const from = await writeParts('formats', {
      'a.csv': `${HEADER}\n1,x,1,male\nbroken\n`,
      'b.ndjson': '{"id":2,"code":"y","age":3,"sex":"male"}\n{"id":1,"sex":"male"}\nnothing\n',
      'c.csv': '',
      'readme.md': 'no data',
    });
    const { result, good, bad, rejected } = await checkFolder(from, plain);
    expect(result.rows).toEqual({ in: 5, good: 2, bad: 1, rejected: 2 });
    expect(result.violations.map(({ sentence, severity }) => [severity, sentence])).toEqual([
      ['warn', 'c.csv is empty: there is not even a header'],
      ['fail', 'a record has fewer fields than the header'],
      ['fail', 'a line is not a JSON object'],
      ['fail', 'id is different in every row'],
    ]);
    expect([bodyOf(good).length, bodyOf(bad).length, rejected.length]).toEqual([2, 1, 2]);
    expect((await maybeFindPartitions(from))?.ignored).toEqual(['readme.md']);
  });

  it('says of files of which none has a header that they are empty', async () => {
    const from = await writeParts('empty', { 'a.csv': '', 'b.csv': '' });
    const { result, manifest } = await checkFolder(from, asking);
    expect([result.verdict, result.summary]).toEqual([
      'fail',
      'no rows; a.csv, b.csv are empty: there is not even a header',
    ]);
    expect(manifest?.rows.in).toBe(0);
  });

  it('gives bad rows the texts of the file, where values are written in another way', async () => {
    const columns = { id: text({ unique: true }), weight: number() };
    const contract = defineContract({ name: 'x', columns, format: { decimal: ',', delimiter: ';' } });
    const from = await writeParts('form', { 'a.csv': 'id;weight\nx;1,5\n', 'b.csv': 'id;weight\nx;2,5\ny;3,5\n' });
    const { good, bad } = await checkFolder(from, contract);
    expect([bodyOf(good), bodyOf(bad)]).toEqual([['x,1.5', 'y,3.5'], ['2,x,"2,5",id: unique']]);
  });

  it('writes nothing of a dataset of which a file cannot be read, and removes what was there', async () => {
    const from = await writeParts('unreadable', { 'a.csv': `${HEADER}\n1,x,1,male\n` });
    await checkFolder(from, plain);
    await writeFile(path.join(from, 'b.csv'), `"${HEADER}\n1,x\n`);
    const { result, manifest, into } = await checkFolder(from, plain);
    expect([result.verdict, manifest]).toEqual(['quarantined', undefined]);
    expect(result.violations[0]?.sentence).toMatch(/^b\.csv: The first line cannot be read as a header/);
    expect(await readdir(into)).toEqual(['check.json']);
  });

  it('finds the good rows of an earlier check by its manifest, and files by a pattern', async () => {
    const from = await writeParts('again', {
      'a.csv': `${HEADER}\n1,x,1,male\n1,y,1,male\n`,
      '2026/b.csv': `${HEADER}\n2,z,1,male\n`,
      '2026/c.txt': `${HEADER}\n3,q,1,male\n`,
    });
    const { into } = await checkFolder(from, plain);
    expect((await checkFolder(into, plain)).result.rows).toEqual({ in: 3, good: 3, bad: 0, rejected: 0 });
    const names = async (pattern: string) =>
      (await maybeFindPartitions(path.join(from, pattern)))?.partitions.map(({ name }) => name);
    expect(await names('**/*.csv')).toEqual(['2026/b.csv', 'a.csv']);
    expect(await names('2026/?.{csv,txt}')).toEqual(['b.csv', 'c.txt']);
    await expect(names('2025/*')).rejects.toThrow(/there is none. Name their folder/);
  });
});
