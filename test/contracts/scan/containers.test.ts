import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkFile, defineContract, integer, text } from '#contracts';
import type { DuckdbPool } from '#store';
import { openSource } from '../../../src/contracts/scan/source.ts';
import { BZIP2, ZIPS_OF_PYTHON, ZSTANDARD, zipOf } from '../compressed.ts';
import { inProcessDuckdb } from '../duckdb-in-process.ts';

const contract = defineContract({ name: 'ab', columns: { a: integer(), b: text({ nullable: true }) } });
const CSV = Buffer.from('a,b\n1,x\n');

let folder: string;
let duckdb: DuckdbPool;
beforeAll(async () => {
  duckdb = await inProcessDuckdb();
  folder = await mkdtemp(path.join(tmpdir(), 'weir-containers-'));
});
afterAll(async () => {
  await duckdb.close();
  await rm(folder, { recursive: true, force: true });
});

async function checked(name: string, bytes: string | Buffer) {
  const file = path.join(folder, name);
  await writeFile(file, bytes);
  const { result } = await checkFile({ path: file, contract, folder: path.join(folder, 'out'), duckdb });
  return { rows: result.rows, verdict: result.verdict, sentence: result.violations[0]?.sentence ?? '', result };
}

/** A zip with another byte so many behind the last such mark. */
function damaged(zip: Buffer, mark: string, offset: number): Buffer {
  const at = zip.lastIndexOf(mark, undefined, 'latin1') + offset;
  return Buffer.from(zip).fill((zip[at] ?? 0) ^ 0x55, at, at + 1);
}

function withComment(zip: Buffer, comment: string): Buffer {
  const bytes = Buffer.concat([zip, Buffer.from(comment)]);
  bytes.writeUInt16LE(comment.length, zip.length - 2);
  return bytes;
}

describe('a compressed file', () => {
  it.each([
    ['an empty zip', zipOf({}), 'it is empty'],
    ['a zip of two files', zipOf({ 'a.csv': CSV, 'b.csv': CSV }), 'it has 2 files (a.csv, b.csv …)'],
    ['an encrypted zip', zipOf({ 'a.csv': CSV }, { flags: 9 }), 'its file is encrypted'],
    ['half a zip', zipOf({ 'a.csv': CSV }).subarray(0, -30), 'its list of files is missing'],
    ['half of Zstandard', ZSTANDARD.subarray(0, -20), 'Zstandard'],
    ['Zstandard with a wrong checksum', Buffer.concat([ZSTANDARD.subarray(0, -1), Buffer.of(0)]), 'Zstandard'],
    ['half of bzip2', BZIP2.subarray(0, -20), 'bzip2 but cannot be decompressed to its end'],
    ['bzip2 with a wrong byte', Buffer.from(BZIP2).fill(7, 60, 61), 'bzip2 but cannot be decompressed to its end'],
    ['half of gzip', gzipSync(CSV).subarray(0, -9), 'gzip but cannot be decompressed to its end'],
  ])('that cannot be read is kept whole, with the reason: %s', async (_, bytes, reason) => {
    const { verdict, sentence } = await checked('f.csv', bytes);
    expect([verdict, sentence]).toEqual(['quarantined', expect.stringContaining(reason)]);
  });

  const { forced, streamed, large } = ZIPS_OF_PYTHON;
  // Sizes and places that need more than 32 bits stand elsewhere.
  const elsewhere = Buffer.from(large).fill(0xff, large.length - 10, large.length - 2);

  it.each([
    ['with sizes of 64 bits', forced],
    ['that was written into a pipe, of a file called ../rows.csv', streamed],
    ['with all records of 64 bits', large],
    ['whose end says that its list stands beyond 4 GB', elsewhere],
    ['with a comment behind its end', withComment(forced, 'PK by hand')],
  ])('may be a zip %s', async (_, bytes) => {
    expect((await checked('f.csv.zip', bytes)).rows).toEqual({ in: 100, good: 100, bad: 0, rejected: 0 });
  });

  it.each([
    [
      'a checksum that is another',
      damaged(forced, 'PK\u0001\u0002', 16),
      'the checksum of its file is wrong: it was damaged',
    ],
    ['a size that is another', damaged(forced, 'PK\u0001\u0002', 24), 'bytes where its list says'],
    ['data that are damaged', Buffer.from(forced).fill(7, 90, 99), 'zip'],
    [
      'no bytes where they are said to be',
      damaged(streamed, 'PK\u0001\u0002', 42),
      'its file is not where its list says',
    ],
    [
      'another list than its end says',
      damaged(elsewhere, 'PK\u0006\u0006', 0),
      'its list of files is not where its end says',
    ],
    ['an end that points nowhere', damaged(elsewhere, 'PK\u0006\u0007', 0), 'does not say where its list of files is'],
    ['a damaged list', damaged(forced, 'PK\u0001\u0002', 0), 'its list of files is damaged'],
    ['half of its bytes', forced.subarray(0, 200), 'its list of files is missing'],
    ['a method that nobody knows', damaged(forced, 'PK\u0001\u0002', 10), 'deflate is expected'],
    ['names of the terminal', zipOf({ 'a\u001b[2J': CSV, '../b': CSV }), 'it has 2 files (a?[2J, ../b …)'],
  ])('that is a zip with %s is kept whole, with the reason', async (_, bytes, reason) => {
    const { verdict, sentence, rows } = await checked('f.csv.zip', bytes);
    expect([verdict, rows.good, sentence]).toEqual(['quarantined', 0, expect.stringContaining(reason)]);
  });

  it.each([
    ['gzip', gzipSync(Buffer.alloc(5000))],
    ['zip', zipOf({ 'a.csv': Buffer.alloc(5000) })],
    ['Zstandard', ZSTANDARD],
    ['bzip2', BZIP2],
  ])('expands to no more than it may: %s', async (kind, bytes) => {
    const file = path.join(folder, 'bomb');
    await writeFile(file, bytes);
    const read = async (): Promise<void> => {
      for await (const _ of openSource(file, { decompressedBytesMax: 100 }).blocks());
    };
    await expect(read()).rejects.toThrow(`The file is ${kind} that expands to more than 100 bytes.`);
  });

  it('may be text that begins like bzip2', async () => {
    expect((await checked('f.csv', 'BZh,b\n1,x\n')).result.columns.length).toBeGreaterThan(0);
  });
});

describe('a JSON array', () => {
  it('is read object by object, each on its line, with the others rejected', async () => {
    const elements = '[\n{"a": 1, "b": "],{\\"["},\n\n{"a":\n2}, 7, [{}], {"a":3,"a":4}\n]\n';
    const { rows, result } = await checked('f.json', elements);
    expect(rows).toEqual({ in: 5, good: 2, bad: 0, rejected: 3 });
    const lines = result.violations.flatMap(({ examples = [] }) => examples.map(({ number }) => number));
    expect(lines).toEqual([5, 5, 5]);
  });

  it('may be empty', async () => {
    expect((await checked('f.json', ' [ ] ')).rows).toEqual({ in: 0, good: 0, bad: 0, rejected: 0 });
  });

  it.each(['[{"a":1}', '[{"a":1},]', '[{"a":1}] x', '[,{"a":1}]', '[{"a":1}}]', '[{"a":"1]'])(
    'that is broken is kept whole: %s',
    async (content) => {
      expect((await checked('f.json', content)).verdict).toBe('quarantined');
    },
  );

  it('comes in pieces of any length', async () => {
    const elements = Array.from({ length: 30_000 }, (_, row) => `{"a":${row},"b":"${'x'.repeat(row % 90)}"}`);
    const { rows } = await checked('f.json', `[${elements.join(' ,\n')}]`);
    expect(rows).toEqual({ in: 30_000, good: 30_000, bad: 0, rejected: 0 });
  });
});
