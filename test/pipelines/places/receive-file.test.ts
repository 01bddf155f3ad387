import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { receiveFile } from '#pipelines';
import { ownProcessTag } from '#store';

describe('receiving a file', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'weir-receive-'));
  });
  afterEach(() => rm(folder, { recursive: true }));
  const receive = (name: string, ...blocks: readonly string[]) =>
    receiveFile({ folder, name, content: Readable.from(blocks.map((block) => Buffer.from(block))) });

  it('puts the bytes into the folder, in one step', async () => {
    expect(await receive('a.csv', 'id\n', '1\n')).toEqual({ file: 'a.csv', wanted: 'a.csv', sizeBytes: 5 });
    expect(await readFile(path.join(folder, 'a.csv'), 'utf8')).toBe('id\n1\n');
    expect(await readdir(folder)).toEqual(['a.csv']);
  });

  it('gives a second file of the same name another name, and leaves the first as it is', async () => {
    await receive('a.csv.gz', 'first');
    expect(await receive('a.csv.gz', 'second')).toMatchObject({ file: 'a-2.csv.gz', wanted: 'a.csv.gz' });
    expect(await receive('a.csv.gz', 'third')).toMatchObject({ file: 'a-3.csv.gz' });
    expect(await readFile(path.join(folder, 'a.csv.gz'), 'utf8')).toBe('first');
  });

  it('keeps each of many files of one name that arrive at once', async () => {
    const received = await Promise.all(Array.from({ length: 12 }, (_, index) => receive('a.csv', String(index))));
    const texts = await Promise.all(received.map(({ file }) => readFile(path.join(folder, file), 'utf8')));
    expect(texts).toEqual(received.map((_, index) => String(index)));
  });

  it('leaves nothing when the file does not arrive whole', async () => {
    const broken = Readable.from(
      (function* () {
        yield Buffer.from('id\n');
        throw new Error('the client went away');
      })(),
    );
    await expect(receiveFile({ folder, name: 'a.csv', content: broken })).rejects.toThrow('the client went away');
    expect(await readdir(folder)).toEqual([]);
  });

  it('removes what an ended process left half received', async () => {
    const ended = (await ownProcessTag()).replace(/^\d+/, '999999999');
    const ofAnEndedProcess = `.receiving.${ended}.0123abcd`;
    for (const name of [ofAnEndedProcess, '.of-somebody-else']) await writeFile(path.join(folder, name), 'id\n');
    await receive('a.csv', 'id\n');
    expect((await readdir(folder)).sort()).toEqual(['.of-somebody-else', 'a.csv']);
  });

  it.each(['', '.', '..', '.hidden', 'a/b.csv', '../a.csv', 'a\\b.csv', 'a\0.csv', 'a\n.csv', 'x'.repeat(201)])(
    'refuses the name %j',
    async (name) => {
      await expect(receive(name, 'id\n')).rejects.toMatchObject({ code: 'file_name_unfit' });
      expect(await readdir(folder)).toEqual([]);
    },
  );
});
