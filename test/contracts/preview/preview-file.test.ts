import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { previewFile } from '#contracts';
import type { DuckdbPool } from '#store';
import { inProcessDuckdb } from '../duckdb-in-process.ts';

let folder: string;
let duckdb: DuckdbPool;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'weir-preview-'));
  duckdb = await inProcessDuckdb();
});
afterAll(async () => {
  await duckdb.close();
  await rm(folder, { recursive: true, force: true });
});

async function previewOf(content: string | Uint8Array) {
  // Stored bytes have no name.
  const file = path.join(folder, 'content');
  await writeFile(file, content);
  return previewFile(file, duckdb);
}

const table = (columns: string[], rows: string[][], rowCount = rows.length) => ({
  ...{ kind: 'table', format: 'csv', columns, columnCount: columns.length, rows, rowCount },
});

describe('the preview of a file', () => {
  it.each([
    [
      'commas',
      'a,b\n1,"x, y"\n2,\n',
      table(
        ['a', 'b'],
        [
          ['1', 'x, y'],
          ['2', ''],
        ],
      ),
    ],
    [
      'semicolons and CRLF',
      'a;b\r\n1;2\r\n3;4\r\n',
      table(
        ['a', 'b'],
        [
          ['1', '2'],
          ['3', '4'],
        ],
      ),
    ],
    ['a byte order mark and no line end', '\ufeffa,b\n1,2', table(['a', 'b'], [['1', '2']])],
    ['gzip', gzipSync('a\tb\n1\t2\n'), table(['a', 'b'], [['1', '2']])],
  ])('shows CSV with %s as a table', async (_, content, expected) => {
    expect(await previewOf(content)).toEqual(expected);
  });

  it.each([
    [
      'carets',
      'a^b\n1^2\n3^4\n',
      [
        ['1', '2'],
        ['3', '4'],
      ],
    ],
    [
      'a delimiter behind the last cell',
      'a;b;\n1;2;\n3;4;\n',
      [
        ['1', '2'],
        ['3', '4'],
      ],
    ],
    [
      'lines before it and comments',
      'A report\n\na|b\n# done\n1|2\n3|4\n',
      [
        ['1', '2'],
        ['3', '4'],
      ],
    ],
    [
      'another encoding',
      Buffer.from('a;b\nK\u00f6ln;2,5\nBonn;4,0\n', 'latin1'),
      [
        ['K\u00f6ln', '2,5'],
        ['Bonn', '4,0'],
      ],
    ],
  ])('shows CSV with %s as a table', async (_, content, rows) => {
    expect(await previewOf(content)).toEqual(table(['a', 'b'], rows));
  });

  it('shows prose as text, whatever stands between its words', async () => {
    const prose = 'To: a person\nFrom: another one\nAbout: what is new\n';
    expect(await previewOf(prose)).toEqual({ kind: 'text', text: prose, isCut: false });
  });

  it('shows the first rows and columns of a large table, and counts all', async () => {
    const wide = Array.from({ length: 40 }, (_, at) => `c${at}`);
    const line = `${wide.map(() => 'x'.repeat(200)).join(',')}\n`;
    const shown = await previewOf(`${wide.join(',')}\n${line.repeat(1_000)}`);
    expect(shown).toMatchObject({ kind: 'table', columnCount: 40, rowCount: 1_000 });
    if (shown.kind !== 'table') throw new Error('Expected a table.');
    expect([shown.columns.length, shown.rows.length, shown.rows[0]?.length]).toEqual([30, 20, 30]);
    expect(shown.rows[0]?.[0]).toHaveLength(120);
  });

  it('shows Parquet as a table', async () => {
    const file = path.join(folder, 'made.parquet');
    await duckdb.use((connection) =>
      connection.run(
        `copy (select i as n, null as nothing, [i] as list from range(50) t(i)) to '${file}' (format parquet)`,
      ),
    );
    expect(await previewFile(file, duckdb)).toMatchObject({
      ...{ kind: 'table', format: 'parquet', columns: ['n', 'nothing', 'list'], rowCount: 50 },
      rows: expect.arrayContaining([['7', '', '[7]']]),
    });
    expect(await previewFile(file)).toEqual({ kind: 'none' });
    expect(await previewOf('PAR1 and no more')).toEqual({ kind: 'none' });
  });

  it('formats JSON; JSON of many lines, and what only begins like it, is text', async () => {
    expect(await previewOf('{"a":[1]}')).toEqual({ kind: 'json', text: '{\n  "a": [\n    1\n  ]\n}', isCut: false });
    expect(await previewOf('{"a":1}\n{"a":2}\n')).toMatchObject({ kind: 'text' });
    expect(await previewOf('[not json')).toMatchObject({ kind: 'text' });
  });

  it.each([
    ['image/png', Buffer.from('89504e470d0a1a0a', 'hex')],
    ['image/jpeg', Buffer.from('ffd8ffe0', 'hex')],
    ['image/svg+xml', '<?xml version="1.0"?>\n<!-- drawn -->\n<svg xmlns="http://www.w3.org/2000/svg"/>'],
  ])('recognises %s', async (mediaType, content) => {
    expect(await previewOf(content)).toEqual({ kind: 'image', mediaType });
  });

  it('is not held by a file of comments, each of which might end with any of those behind it', async () => {
    const content = '<!---->'.repeat(146);
    expect(await previewOf(content)).toEqual({ kind: 'text', text: content, isCut: false });
  });

  it.each([
    ['prose with commas', 'Dear reader,\nthis is prose, and no table,\nof course.\n'],
    ['a page', '<!doctype html><title>a,b</title>\n<p>c,d\n'],
    ['one column', 'a\n1\n2\n'],
  ])('shows %s as text', async (_, content) => {
    expect(await previewOf(content)).toEqual({ kind: 'text', text: content, isCut: false });
  });

  it('cuts long text between characters', async () => {
    const shown = await previewOf('ü'.repeat(5_000));
    expect(shown).toEqual({ kind: 'text', text: 'ü'.repeat(2_048), isCut: true });
    expect(await previewOf(`x${'ü'.repeat(5_000)}`)).toMatchObject({ text: `x${'ü'.repeat(2_047)}` });
  });

  it('shows nothing of bytes that are no text', async () => {
    expect(await previewOf('')).toEqual({ kind: 'none' });
    expect(await previewOf(Buffer.from([1, 2, 0, 255]))).toEqual({ kind: 'none' });
    expect(await previewOf(Buffer.from([0x1f, 0x8b, 1, 2]))).toEqual({ kind: 'none' });
  });
});
