import { chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeStateFolder } from '#store';

let root: string;
let umask: number;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'weir-state-'));
  umask = process.umask();
});
afterEach(async () => {
  process.umask(umask);
  await rm(root, { recursive: true, force: true });
});

const modeOf = async (folder: string): Promise<string> => ((await stat(folder)).mode & 0o7777).toString(8);

describe('a state folder', () => {
  it.each([0o000, 0o022, 0o027, 0o077, 0o777])('is closed to others under the umask %o', async (mask) => {
    const folder = path.join(root, '.weir');
    process.umask(mask);
    await makeStateFolder(folder);
    process.umask(umask);
    expect(await modeOf(folder)).toBe('700');
  });

  it('leaves the folders above as open as the umask lets them be', async () => {
    process.umask(0o022);
    await makeStateFolder(path.join(root, 'deep', 'down', '.weir'));
    expect(await modeOf(path.join(root, 'deep', 'down'))).toBe('755');
    expect(await modeOf(path.join(root, 'deep', 'down', '.weir'))).toBe('700');
  });

  it('is closed when it was left open, and keeps what is in it', async () => {
    await writeFile(path.join(root, 'kept'), '');
    await chmod(root, 0o775);
    await makeStateFolder(root);
    expect(await modeOf(root)).toBe('700');
    expect(await readdir(root)).toEqual(['kept']);
  });

  it('is made by many at once', async () => {
    const folder = path.join(root, 'many', '.weir');
    expect(new Set(await Promise.all(Array.from({ length: 8 }, () => makeStateFolder(folder)))).size).toBe(1);
  });

  it('that belongs to all is not closed to them', async () => {
    const folder = path.join(root, 'all');
    await mkdir(folder);
    await chmod(folder, 0o1777);
    await makeStateFolder(folder);
    expect(await modeOf(folder)).toBe('1777');
  });

  it('is no file', async () => {
    await writeFile(path.join(root, 'file'), '');
    await expect(makeStateFolder(path.join(root, 'file', 'below'))).rejects.toThrow('ENOTDIR');
    await expect(makeStateFolder(path.join(root, 'file'))).rejects.toThrow('EEXIST');
  });
});
