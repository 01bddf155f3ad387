import { mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { folderSource } from '#engine';
import { recallDigest } from '../../../src/engine/define/file-digests.ts';
import { digestOf } from '../fixtures/memory-source.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'weir-folder-source-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const put = async (file: string, content: string): Promise<void> => {
  const at = path.join(folder, file);
  await mkdir(path.dirname(at), { recursive: true });
  await writeFile(at, content);
};
const listed = async (pattern: string): Promise<Readonly<Record<string, string>>> => {
  const partitions = await folderSource({ name: 'files', folder, pattern }).list();
  return Object.fromEntries(partitions.map(({ name, digest }) => [name, digest]));
};
const read = async (pattern: string, name: string): Promise<string> => {
  const content = await folderSource({ name: 'files', folder, pattern }).read(name);
  return content instanceof Uint8Array ? Buffer.from(content).toString() : text(content);
};

describe('a folder as a source', () => {
  it('names partitions by what the * stands for, and digests their bytes', async () => {
    await put('a.csv', 'one');
    await put('b c.csv', '');
    await put('ü.csv', 'two');
    await put('a.txt', 'other');
    await put('.hidden.csv', 'being written');
    await put('.csv', 'no name');
    await mkdir(path.join(folder, 'd.csv'));
    expect(await listed('*.csv')).toEqual({ a: digestOf('one'), 'b c': digestOf(''), ü: digestOf('two') });
    expect(await read('*.csv', 'a')).toBe('one');
  });

  it('finds one file in each of many folders, and files below a folder', async () => {
    await put('shops/north/sales.csv', 'n');
    await put('shops/south/sales.csv', 's');
    await put('shops/east/other.csv', 'e');
    await put('shops/notes', 'not a folder');
    expect(await listed('shops/*/sales.csv')).toEqual({ north: digestOf('n'), south: digestOf('s') });
    expect(await read('shops/*/sales.csv', 'south')).toBe('s');
    expect(await listed('shops/north/sa*.csv')).toEqual({ les: digestOf('n') });
  });

  it('follows links to files and leaves out links to nothing', async () => {
    await put('real/a.csv', 'one');
    await symlink(path.join(folder, 'real/a.csv'), path.join(folder, 'a.csv'));
    await symlink(path.join(folder, 'nowhere'), path.join(folder, 'b.csv'));
    expect(await listed('*.csv')).toEqual({ a: digestOf('one') });
  });

  it('cannot be listed without the folder', async () => {
    await expect(
      folderSource({ name: 'files', folder: path.join(folder, 'gone'), pattern: '*' }).list(),
    ).rejects.toThrow('ENOENT');
  });

  it('notices other bytes of the same size and time, and no change where only the time is another', async () => {
    const source = folderSource({ name: 'files', folder, pattern: '*.csv' });
    const at = path.join(folder, 'a.csv');
    const then = new Date('2020-01-01T00:00:00Z');
    await put('a.csv', 'one');
    await utimes(at, then, then);
    expect(await source.list()).toEqual([{ name: 'a', digest: digestOf('one') }]);
    await writeFile(at, 'two');
    await utimes(at, then, then);
    expect(await source.list()).toEqual([{ name: 'a', digest: digestOf('two') }]);
    await utimes(at, new Date(), new Date('2099-01-01T00:00:00Z'));
    expect(await source.list()).toEqual([{ name: 'a', digest: digestOf('two') }]);
  });

  it('reads a file again unless it is certainly the one it remembers', async () => {
    const file = { dev: 1n, ino: 2n, size: 3n, mtimeNs: 4n, ctimeNs: 5_000_000n, ctimeMs: 5n };
    const kind = { isFile: () => true, isDirectory: () => false };
    let reads = 0;
    const world = { stats: { ...file, ...kind }, now: 5_000, digest: 'one' };
    const effects = {
      stat: async () => world.stats,
      digest: async () => {
        reads++;
        return world.digest;
      },
      nowMs: () => world.now,
    };
    const first = await recallDigest('/a', undefined, effects);
    expect(first).toEqual({ digest: 'one', memo: '1:2:3:4:5000000' });
    const known = { digest: 'one', memo: first?.memo ?? '' };
    expect(await recallDigest('/a', known, effects)).toEqual(known);
    expect(reads).toBe(1);
    world.stats = { ...world.stats, ctimeNs: 6_000_000n };
    world.digest = 'two';
    expect(await recallDigest('/a', known, effects)).toEqual({ digest: 'two', memo: '1:2:3:4:6000000' });
    // So soon after a change, another may follow with the same times: nothing is remembered, nor believed.
    world.now = 1_500;
    expect(await recallDigest('/a', { digest: 'one', memo: '1:2:3:4:6000000' }, effects)).toEqual({ digest: 'two' });
    expect(reads).toBe(3);
  });

  it.each(['../outside', 'a/b', '..', '', 'a\0', 'a\\b'])('does not read %j, which is no name', async (name) => {
    await put('sub/a.csv', 'x');
    await expect(folderSource({ name: 'files', folder, pattern: '*' }).read(name)).rejects.toThrow('no partition');
  });

  it.each(['', 'a.csv', '*/*', 'a**', '../*', '/x/*', 'a//*', './*'])('refuses the pattern %j', (pattern) => {
    expect(() => folderSource({ name: 'files', folder, pattern })).toThrow('exactly one "*"');
  });

  it('refuses what is no name, no share and no absolute folder', () => {
    expect(() => folderSource({ name: 'Files', folder, pattern: '*' })).toThrow('kebab-case');
    expect(() => folderSource({ name: 'files', folder: 'data', pattern: '*' })).toThrow('absolute');
    expect(() => folderSource({ name: 'files', folder, pattern: '*', removalShareMax: 20 })).toThrow('from 0 to 1');
  });
});
