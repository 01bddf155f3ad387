import { chmod, mkdir, mkdtemp, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Disk } from '../../../src/store/artifacts/disk.ts';
import { type AtomicWriteDisk, renameDurably, writeFileAtomically } from '../../../src/store/files/atomic-write.ts';
import { forgetfulDisk } from '../artifacts/forgetful-disk.ts';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'weir-atomic-'));
  file = path.join(folder, 'report.html');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const real: AtomicWriteDisk = { mkdir, open, rename, rm };
const fail = (): Promise<never> => Promise.reject(new Error('no space'));

describe('writing a file whole', () => {
  it('makes the folder, and leaves nothing but the file', async () => {
    const below = path.join(folder, 'a', 'b', 'report.html');
    await writeFileAtomically(below, 'first');
    await writeFileAtomically(below, Buffer.from('second'));
    expect(await readFile(below, 'utf8')).toBe('second');
    expect(await readdir(path.dirname(below))).toEqual(['report.html']);
  });

  it('takes a name as long as the system does', async () => {
    const long = path.join(folder, 'n'.repeat(255));
    await writeFileAtomically(long, 'long');
    expect(await readFile(long, 'utf8')).toBe('long');
  });

  it('lets nobody else read a secret, not even what was there before it', async () => {
    await writeFile(file, 'open to all');
    await chmod(file, 0o644);
    await writeFileAtomically(file, 'secret', { mode: 0o600 });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('keeps the former content and removes its own when the disk refuses the rename', async () => {
    await writeFile(file, 'former');
    await expect(writeFileAtomically(file, 'new', { disk: { ...real, rename: fail } })).rejects.toThrow('no space');
    expect(await readFile(file, 'utf8')).toBe('former');
    expect(await readdir(folder)).toEqual(['report.html']);
  });

  it('is seen whole or as it was by everybody who reads meanwhile', async () => {
    await writeFileAtomically(file, 'a'.repeat(100_000));
    const writing = writeFileAtomically(file, 'b'.repeat(100_000));
    const seen = await Promise.all(Array.from({ length: 20 }, () => readFile(file, 'utf8')));
    await writing;
    expect(seen.filter((content) => !/^(a{100000}|b{100000})$/.test(content))).toEqual([]);
  });
});

describe('after a loss of power', () => {
  const readFrom = async (disk: Disk, at: string): Promise<string> => {
    const handle = await disk.open(at, 'r');
    return text(handle.createReadStream());
  };

  it.each(['unsynced names', 'unsynced content'] as const)(
    'a written file is there, when %s are lost',
    async (loss) => {
      const { disk, losePower } = forgetfulDisk();
      await disk.mkdir('/state', { recursive: true });
      const above = await disk.open('/', 'r');
      await above.sync();
      await writeFileAtomically('/state/password', 'first', { disk });
      await writeFileAtomically('/state/password', 'second', { disk });
      expect(await readFrom(losePower(loss), '/state/password')).toBe('second');
    },
  );

  it('a file that was renamed durably has its name', async () => {
    const { disk, losePower } = forgetfulDisk();
    await writeFileAtomically('/draft', 'content', { disk });
    await renameDurably('/draft', '/done', disk);
    expect(await readFrom(losePower('unsynced names'), '/done')).toBe('content');
  });
});
