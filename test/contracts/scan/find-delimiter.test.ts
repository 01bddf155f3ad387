import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findDelimiter } from '#contracts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'weir-delimiter-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function found(content: string | Buffer, name = 'f.csv') {
  const file = path.join(folder, name);
  await writeFile(file, content);
  return findDelimiter(file);
}

describe('findDelimiter', () => {
  it.each([
    ['commas', 'a,b\n1;2;3,4\n', ','],
    ['semicolons before decimal commas', 'a;b\n1,5;2,5\n', ';'],
    ['tabs', 'a\tb c\n', '\t'],
    ['semicolons after a quoted line end and commas', '"a,\n,,,";b\n', ';'],
    ['lines that end with CR', 'a;b\r1;2\r', ';'],
    ['gzip', gzipSync(`a;b\n${'1;2\n'.repeat(99)}`), ';'],
    ['UTF-16', Buffer.from('\ufeffa;b\n', 'utf16le'), ';'],
    ['none in the first line', 'a\n1;2\n', ','],
    ['as many of each', 'a,b;c\n', ','],
    ['an empty file', '', ','],
    ['a quote that is never closed', '"a;b,c\n', ','],
    ['gzip that is cut', gzipSync('a;b\n'.repeat(99)).subarray(0, 12), ','],
  ])('finds %s', async (_, content, delimiter) => {
    expect(await found(content)).toBe(delimiter);
  });

  it('goes by the name where that says it, and looks at text alone', async () => {
    expect(await found('a,b\n', 'f.tsv.gz')).toBe('\t');
    expect(await found('{"a":1;;;\n', 'f.ndjson')).toBe(',');
    expect(await found('PAR1;;;', 'f.parquet')).toBe(',');
  });

  it('says that a file is not there', async () => {
    await expect(findDelimiter(path.join(folder, 'none.csv'))).rejects.toMatchObject({ code: 'file_unreadable' });
  });
});
