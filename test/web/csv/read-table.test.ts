import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readTable } from '../../../src/web/csv/read-table.ts';
import { BZIP2, ZIPS_OF_PYTHON, ZSTANDARD, zipOf } from '../../contracts/compressed.ts';

const OPTIONS = {
  delimiterOf: () => ',',
  whenTooLarge: 'Put it into the folder instead.',
  whenEmpty: 'Choose another file.',
};
const CSV = Buffer.from(`a,b\n${Array.from({ length: 100 }, (_, row) => `${row},x${row}`).join('\n')}\n`);

const read = (bytes: Uint8Array, name = 'f.csv') => readTable(new File([Uint8Array.from(bytes)], name), OPTIONS);

describe('readTable', () => {
  it.each([
    ['plain', CSV],
    ['gzip', gzipSync(CSV)],
    ['Zstandard', ZSTANDARD],
    ['bzip2', BZIP2],
    ['a zip', ZIPS_OF_PYTHON.forced],
    ['a zip that was written into a pipe', ZIPS_OF_PYTHON.streamed],
    ['a zip of a file that is not compressed', zipOf({ 'a.csv': CSV }, { isDeflated: false })],
  ])('reads a file that is %s in the browser, as a check reads it', async (_, bytes) => {
    const { header, records } = await read(bytes);
    expect(header).toEqual(['a', 'b']);
    expect(records.map(({ cells }) => Number(cells[0]))).toEqual(Array.from({ length: 100 }, (_, row) => row));
  });

  const damaged = Buffer.from(ZIPS_OF_PYTHON.forced);
  damaged.fill(0x55, damaged.lastIndexOf('PK\u0001\u0002', undefined, 'latin1') + 16, damaged.length - 50);

  it.each([
    ['half of gzip', gzipSync(CSV).subarray(0, -9), 'The file starts like gzip but cannot be decompressed to its end.'],
    ['half of Zstandard', ZSTANDARD.subarray(0, -20), 'Zstandard'],
    ['half of bzip2', BZIP2.subarray(0, -20), 'bzip2 but cannot be decompressed to its end'],
    ['half a zip', ZIPS_OF_PYTHON.forced.subarray(0, 200), 'its list of files is missing'],
    ['a zip of two files', zipOf({ 'a.csv': CSV, 'b.csv': CSV }), 'it has 2 files (a.csv, b.csv …); one is expected'],
    ['an encrypted zip', zipOf({ 'a.csv': CSV }, { flags: 9 }), 'its file is encrypted'],
    ['a zip with a damaged list', damaged, 'The file is a zip that cannot be read'],
    ['a small file of much', gzipSync(Buffer.alloc(21 << 20)), 'got gzip that expands to more. Put it into the folder'],
    [
      'a zip of much',
      zipOf({ 'a.csv': Buffer.alloc(21 << 20) }),
      'got zip that expands to more. Put it into the folder',
    ],
  ])('says why %s cannot be read', async (_, bytes, reason) => {
    await expect(read(bytes)).rejects.toThrow(reason);
  });
});
