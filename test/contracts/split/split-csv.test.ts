import { appendFileSync, truncateSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { splitCsv } from '#contracts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'weir-split-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function split(content: string | Buffer, files: number) {
  const file = path.join(folder, 'people.csv');
  const into = path.join(folder, 'parts');
  await writeFile(file, content);
  const made = await splitCsv({ path: file, into, files });
  const texts = await Promise.all(made.files.map(({ path: part }) => readFile(part, 'utf8')));
  return { made, texts, bodies: texts.map((text) => text.slice(text.indexOf('\n') + 1)) };
}

describe('splitCsv', () => {
  it('makes the asked number of files, equal in rows within one', async () => {
    const rows = Array.from({ length: 1000 }, (_, index) => `${index},x${index}`);
    const { made, texts, bodies } = await split(`id,x\n${rows.join('\n')}\n`, 7);
    expect(made.rows).toBe(1000);
    expect(made.files.map(({ rows: count }) => count)).toEqual([142, 143, 143, 143, 143, 143, 143]);
    expect(texts.every((text) => text.startsWith('id,x\n'))).toBe(true);
    expect(bodies.join('')).toBe(`${rows.join('\n')}\n`);
    expect(bodies.map((body) => body.split('\n').length - 1)).toEqual(made.files.map(({ rows: count }) => count));
  });

  it('cuts neither in quoted line ends nor drops a broken line', async () => {
    const records = ['1,"a\nb"', '2,"c\n\nd"', '3,"open', '4,e', '5', '6,f'];
    const { bodies } = await split(`id,x\r\n${records.join('\r\n')}`, 3);
    expect(bodies).toEqual(['1,"a\nb"\n2,"c\n\nd"\n', '3,"open\r\n4,e\n', '5\r\n6,f\n']);
  });

  it('gives a header to files that have no row left', async () => {
    const { texts } = await split('id\n1\n2\n', 4);
    expect(texts).toEqual(['id\n', 'id\n1\n', 'id\n', 'id\n2\n']);
  });

  it('writes UTF-8 whatever the file was', async () => {
    const { texts } = await split(Buffer.from('\ufeffid,x\n1,é\n', 'utf16le'), 1);
    expect(texts).toEqual(['id,x\n1,é\n']);
  });

  it('leaves nothing behind when it cannot', async () => {
    await expect(split('', 2)).rejects.toThrow('Expected a header in');
    await expect(split('id\n1\n', 0)).rejects.toThrow('from 1 to 10000; got 0');
    await expect(splitCsv({ path: folder, into: path.join(folder, 'parts'), files: 2 })).rejects.toThrow(
      'a plain file',
    );
    expect(await readdir(folder)).toEqual(['people.csv']);
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
    await writeFile(file, 'id\n1\n2\n');
    const onProgress = (done: number): void => {
      if (done === 0.4) change(file);
    };
    const splitting = splitCsv({ path: file, into: path.join(folder, 'parts'), files: 2, onProgress });
    await expect(splitting).rejects.toThrow('changed while it was read');
    expect(await readdir(folder)).toEqual(['people.csv']);
  });
});
