import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkFile, corruptFile, defineContract, integer, profileFile, splitFile, text } from '#contracts';
import type { DuckdbPool } from '#store';
import { BZIP2, ZSTANDARD, zipOf } from './compressed.ts';
import { inProcessDuckdb } from './duckdb-in-process.ts';

const ROWS = 100;
const LINES = ['a,b', ...Array.from({ length: ROWS }, (_, row) => `${row},x${row % 3}`)];
const CSV = `${LINES.join('\n')}\n`;
const NDJSON = LINES.slice(1)
  .map((line) => `{"a":${line.replace(',', ',"b":"')}"}\n`)
  .join('');
const contract = defineContract({ name: 'ab', columns: { a: integer({ unique: true }), b: text() } });

let folder: string;
let duckdb: DuckdbPool;
const at = (name: string): string => path.join(folder, name);

beforeAll(async () => {
  duckdb = await inProcessDuckdb();
  folder = await mkdtemp(path.join(tmpdir(), 'weir-one-reader-'));
  await writeFile(at('f.csv.gz'), gzipSync(CSV));
  await writeFile(at('f.csv.zst'), ZSTANDARD);
  await writeFile(at('f.csv.bz2'), BZIP2);
  await writeFile(at('f.csv.zip'), zipOf({ 'folder/': Buffer.alloc(0), 'folder/f.csv': Buffer.from(CSV) }));
  await writeFile(at('stored.csv.zip'), zipOf({ 'f.csv': Buffer.from(CSV) }, { isDeflated: false }));
  const objects = NDJSON.trimEnd().split('\n');
  await writeFile(at('f.json'), `[\n${objects.join(',\n').replaceAll('{"a"', '{\n  "a"')}\n]\n`);
  await writeFile(at('one-line.json.gz'), gzipSync(` [${objects.join(',')}]`));
  await writeFile(at('returns.csv'), CSV.replaceAll('\n', '\r'));
  await writeFile(at('f.ndjson'), NDJSON);
  await writeFile(at('f.jsonl.gz'), gzipSync(NDJSON));
  await writeFile(at('utf-16.csv'), Buffer.from(`\ufeff${CSV}`, 'utf16le'));
  const rows = `select i as a, 'x' || i % 3 as b from range(${ROWS}) r(i)`;
  await duckdb.use((connection) => connection.run(`copy (${rows}) to '${at('f.parquet')}' (format parquet)`));
});
afterAll(async () => {
  await duckdb.close();
  await rm(folder, { recursive: true, force: true });
});

/** What a check counts. */
async function rowsOf(file: string) {
  const { result } = await checkFile({ path: file, contract, folder: at('checked'), duckdb });
  return result.rows;
}

describe('a file of any format', () => {
  it.each([
    ...['f.csv.zst', 'f.csv.bz2', 'f.csv.zip', 'stored.csv.zip', 'f.json', 'one-line.json.gz'],
    ...['f.csv.gz', 'returns.csv', 'f.ndjson', 'f.jsonl.gz', 'utf-16.csv', 'f.parquet'],
  ])('has the same rows when it is checked, profiled, split and corrupted: %s', async (name) => {
    const file = at(name);
    expect(await rowsOf(file)).toEqual({ in: ROWS, good: ROWS, bad: 0, rejected: 0 });
    expect(await profileFile({ path: file, duckdb })).toMatchObject({ rows: ROWS, rejected: 0 });

    const split = await splitFile({ path: file, into: at(`parts-of-${name}`), files: 3, duckdb });
    expect(split.files.map(({ rows }) => rows)).toEqual([33, 33, 34]);
    for (const { path: part, rows } of split.files) {
      expect(path.basename(part)).toMatch(/^[a-z0-9-]+-\d\./);
      const ending = file.slice(file.indexOf('.', file.lastIndexOf('/'))).replace(/(zst|bz2|zip)$/, 'gz');
      expect(part.slice(part.lastIndexOf('-') + 2)).toBe(ending);
      expect(await rowsOf(part)).toEqual({ in: rows, good: rows, bad: 0, rejected: 0 });
    }

    const out = at(`copy-of-${name}.csv`);
    const broken = { path: file, out, contract, duckdb, seed: 1, share: 0.1, kinds: ['wrong-type'] };
    expect(await corruptFile(broken)).toMatchObject({ rows: ROWS, errors: 10 });
    expect(await rowsOf(out)).toEqual({ in: ROWS, good: 90, bad: 10, rejected: 0 });
  });
});
