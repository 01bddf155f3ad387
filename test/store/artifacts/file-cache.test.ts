import { createHash } from 'node:crypto';
import { chmod, lstat, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { writtenIdentity } from '#store';
import { type FileCache, openFileCache } from '../../../src/store/artifacts/file-cache.ts';

const root = await mkdtemp(path.join(tmpdir(), 'weir-file-cache-'));
afterAll(() => rm(root, { recursive: true }));

const SIZE = 1000;
const DAY_MS = 24 * 60 * 60 * 1000;
const contentOf = (name: string): Buffer => Buffer.alloc(SIZE, name);
const digestOf = (name: string): string => createHash('sha256').update(contentOf(name)).digest('hex');

let folder: string;
let clock: number;
let count = 0;
let fetched: string[];
beforeEach(() => {
  folder = path.join(root, String(count++));
  clock = Date.now();
  fetched = [];
});

/** Each look at the clock is a second later, so that uses have an order. */
const open = (files: number): Promise<FileCache> =>
  openFileCache({ folder, sizeBytesMax: files * SIZE }, { now: () => (clock += 1_000) });
const hold = (cache: FileCache, name: string): Promise<string> =>
  cache.hold(digestOf(name), async (file) => {
    fetched.push(name);
    await writeFile(file, contentOf(name));
  });
const use = async (cache: FileCache, name: string): Promise<void> => cache.release(await hold(cache, name));
const placeOf = (name: string): string => path.join(folder, digestOf(name).slice(0, 2), digestOf(name));

describe('a local file of content elsewhere', () => {
  it('is fetched once, also for those who ask at once and for a later process', async () => {
    const cache = await open(10);
    const files = await Promise.all([hold(cache, 'a'), hold(cache, 'a'), hold(cache, 'a')]);
    for (const file of files) expect(await readFile(file)).toEqual(contentOf('a'));
    await use(await open(10), 'a');
    expect(fetched).toEqual(['a']);
  });

  it('is fetched again when its bytes were damaged in between', async () => {
    await use(await open(10), 'a');
    await chmod(placeOf('a'), 0o600);
    await writeFile(placeOf('a'), Buffer.alloc(SIZE));
    expect(await readFile(await hold(await open(10), 'a'))).toEqual(contentOf('a'));
    expect(fetched).toEqual(['a', 'a']);
  });

  it('that cannot be fetched leaves nothing', async () => {
    const cache = await open(10);
    const broken = cache.hold(digestOf('a'), async (file) => {
      await writeFile(file, 'half');
      throw new Error('it broke off');
    });
    await expect(broken).rejects.toThrow('it broke off');
    expect(await readdir(path.join(folder, 'temporary'))).toEqual([]);
    expect(await readFile(await hold(cache, 'a'))).toEqual(contentOf('a'));
  });
});

describe('when there is too much', () => {
  it('what was used longest ago goes', async () => {
    const cache = await open(3);
    for (const name of ['a', 'b', 'c', 'a', 'd']) await use(cache, name);
    // Nine tenths of three are two.
    for (const [name, isKept] of Object.entries({ a: true, b: false, c: false, d: true }))
      expect(
        await lstat(placeOf(name)).then(
          () => true,
          () => false,
        ),
        name,
      ).toBe(isKept);
    await use(cache, 'b');
    expect(fetched).toEqual(['a', 'b', 'c', 'd', 'b']);
  });

  it('what is in use stays readable until it is released', async () => {
    const cache = await open(2);
    const file = await hold(cache, 'a');
    for (const name of ['b', 'c', 'd']) await use(cache, name);
    await expect(lstat(placeOf('a'))).rejects.toThrow('ENOENT');
    expect(await readFile(file)).toEqual(contentOf('a'));
    await cache.release(file);
    await expect(lstat(file)).rejects.toThrow('ENOENT');
  });

  it('a file larger than all of it can still be used', async () => {
    const cache = await open(0.5);
    expect(await readFile(await hold(cache, 'a'))).toEqual(contentOf('a'));
  });
});

describe('paths that were given out', () => {
  it('do not look written to while others take and release the same content', async () => {
    const cache = await open(10);
    const file = await hold(cache, 'a');
    const before = writtenIdentity(await lstat(file, { bigint: true }));
    await use(cache, 'a');
    await use(await open(10), 'a');
    expect(writtenIdentity(await lstat(file, { bigint: true }))).toBe(before);
  });

  it('are those of a process, and go when it has ended', async () => {
    const file = await hold(await open(10), 'a');
    const [pid, ...rest] = path.basename(file).split('-');
    const ofDead = path.join(folder, 'held', [`${Number(pid)}`, '00000000', ...rest.slice(1)].join('-'));
    await writeFile(ofDead, '');
    await open(10);
    expect(await readdir(path.join(folder, 'held'))).toEqual([path.basename(file)]);
  });

  it('and never released go after a day', async () => {
    const cache = await open(10);
    const file = await hold(cache, 'a');
    await utimes(file, new Date(0), new Date(0));
    clock += 2 * DAY_MS;
    await hold(cache, 'b');
    await expect(lstat(file)).rejects.toThrow('ENOENT');
  });
});
