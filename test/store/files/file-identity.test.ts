import { appendFile, chmod, link, mkdtemp, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  fileIdentity,
  type IdentifyingStats,
  isSettled,
  maybeLstat,
  maybeStat,
  writtenIdentity,
} from '../../../src/store/files/file-identity.ts';

const STATS: IdentifyingStats = { dev: 1n, ino: 2n, size: 3n, mtimeNs: 4n, ctimeNs: 5n };
let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'weir-identity-'));
  file = path.join(folder, 'data.csv');
  await writeFile(file, 'a,b\n');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function identities(): Promise<readonly [string, string]> {
  const stats = await maybeStat(file);
  if (stats === undefined) throw new Error(`Expected ${file} to be there.`);
  return [fileIdentity(stats), writtenIdentity(stats)];
}

describe('the identity of a file', () => {
  it.each(['dev', 'ino', 'size', 'mtimeNs', 'ctimeNs'] as const)('differs when %s differs', (name) => {
    expect(fileIdentity({ ...STATS, [name]: 9n })).not.toBe(fileIdentity(STATS));
  });

  it('is written as it was in databases that exist', () => {
    expect(fileIdentity(STATS)).toBe('1:2:3:4:5');
  });

  it('stays while nobody touches the file', async () => {
    expect(await identities()).toEqual(await identities());
  });

  it('changes with what is written, and when another file takes the name', async () => {
    const before = await identities();
    await appendFile(file, '1,2\n');
    const written = await identities();
    expect(written.filter((identity, at) => identity === before[at])).toEqual([]);
    await writeFile(`${file}.new`, 'a,b\n1,2\n');
    await rename(`${file}.new`, file);
    expect((await identities()).filter((identity, at) => identity === written[at])).toEqual([]);
  });

  it('without ctime stays when only links and permissions change', async () => {
    const [, before] = await identities();
    await link(file, `${file}.backup`);
    await chmod(file, 0o600);
    expect((await identities())[1]).toBe(before);
  });

  it('is not fooled by who sets the time of a change back', async () => {
    await utimes(file, 1_000, 1_000);
    const [before] = await identities();
    await writeFile(file, 'c,d\n');
    await utimes(file, 1_000, 1_000);
    const stats = await maybeStat(file);
    // A clock that counts coarsely may give both changes one time: then the identity is not settled.
    expect(stats !== undefined && isSettled(stats, Number(stats.ctimeMs)) && fileIdentity(stats) === before).toBe(
      false,
    );
  });
});

describe('isSettled', () => {
  it.each([
    [10_000n, 12_000, true],
    [10_000n, 11_999, false],
    [10_000n, 10_000, false],
    [10_000n, 5_000, false],
  ])('says of a change at %i that was looked at at %i: %s', (ctimeMs, lookedAtMs, settled) => {
    expect(isSettled({ ctimeMs }, lookedAtMs)).toBe(settled);
  });
});

describe('looking at a file', () => {
  it('finds nothing where nothing is, and below what is no folder', async () => {
    expect(await maybeStat(path.join(folder, 'absent'))).toBeUndefined();
    expect(await maybeLstat(path.join(file, 'below'))).toBeUndefined();
  });

  it('follows a link only when it is asked to', async () => {
    await symlink(file, path.join(folder, 'link'));
    expect((await maybeStat(path.join(folder, 'link')))?.isFile()).toBe(true);
    expect((await maybeLstat(path.join(folder, 'link')))?.isSymbolicLink()).toBe(true);
  });
});
