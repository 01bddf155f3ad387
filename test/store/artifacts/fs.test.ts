import { readdirSync, readlinkSync } from 'node:fs';
import {
  chmod,
  link,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { type ArtifactDriver, fsArtifacts, verifyArtifact } from '#store';
import { listOf, testArtifactDriver } from '../../suites/artifact-driver.ts';
import { bytesNamed, digestOf } from '../../suites/bytes.ts';

const root = await mkdtemp(path.join(tmpdir(), 'weir-artifacts-'));
afterAll(() => rm(root, { recursive: true }));

testArtifactDriver('fs', () => fsArtifacts({ folder: path.join(root, 'suite') }));

let folder: string;
let artifacts: ArtifactDriver;
let count = 0;
beforeEach(async () => {
  folder = path.join(root, `driver-${count++}`);
  artifacts = await fsArtifacts({ folder });
});

const temporaryFiles = (): Promise<string[]> => readdir(path.join(folder, 'temporary'));

async function damage(digest: string, change: (file: string) => Promise<void>): Promise<void> {
  const file = await artifacts.localPath(digest);
  await chmod(file, 0o600);
  await change(file);
}

describe.runIf(process.platform === 'linux')('an artifact that was read to its end', () => {
  // At once: closing is the work of another thread, which must not get the time to end it.
  const openBelow = (place: string): readonly string[] =>
    readdirSync('/proc/self/fd').flatMap((name) => {
      try {
        const file = readlinkSync(`/proc/self/fd/${name}`);
        return file.startsWith(place) ? [file] : [];
      } catch {
        return []; // The one that the folder was listed with.
      }
    });

  it('is not open any more, so that it can be removed and its disk unmounted', async () => {
    const { digest } = await artifacts.put(bytesNamed('read', 200_000));
    const reading = await artifacts.read(digest);
    expect(openBelow(folder)).toHaveLength(1);
    await buffer(reading);
    expect(openBelow(folder)).toEqual([]);
    for (let round = 0; round < 30; round++) {
      expect(await verifyArtifact(artifacts, digest)).toBe('intact');
      expect(openBelow(folder)).toEqual([]);
    }
  });
});

describe('a damaged artifact', () => {
  it.each([
    [
      'has one bit flipped',
      async (file: string) => {
        const bytes = await readFile(file);
        bytes[500] = (bytes[500] ?? 0) ^ 1;
        await writeFile(file, bytes);
      },
    ],
    ['is cut short', (file: string) => truncate(file, 999)],
    ['is empty', (file: string) => truncate(file, 0)],
  ])('fails its reader when it %s, and is healed by the next put', async (_, change) => {
    const { digest } = await artifacts.put(bytesNamed('damaged'));
    await damage(digest, change);
    await expect(buffer(await artifacts.read(digest))).rejects.toThrow(`Artifact ${digest} is damaged`);
    expect(await verifyArtifact(artifacts, digest)).toBe('damaged');
    await artifacts.put(bytesNamed('damaged'));
    expect(await verifyArtifact(artifacts, digest)).toBe('intact');
  });
});

describe('a file taken over', () => {
  it('is moved when nobody else can change it', async () => {
    const file = path.join(root, 'moved');
    await writeFile(file, bytesNamed('moved'));
    const { ino } = await lstat(file);
    const { digest } = await artifacts.putFile(file);
    expect((await lstat(await artifacts.localPath(digest))).ino).toBe(ino);
    expect(await temporaryFiles()).toEqual([]);
  });

  it('is copied when it has another name, through which it could still be written', async () => {
    const [file, other] = [path.join(root, 'one'), path.join(root, 'other')];
    await writeFile(file, bytesNamed('two names'));
    await link(file, other);
    const { digest } = await artifacts.putFile(file);
    await writeFile(other, 'something else');
    expect(await verifyArtifact(artifacts, digest)).toBe('intact');
  });

  it('is copied from another filesystem', async ({ skip }) => {
    const elsewhere = await mkdtemp('/dev/shm/weir-').catch(() => undefined);
    if (elsewhere === undefined || (await lstat(elsewhere)).dev === (await lstat(root)).dev) return skip();
    const file = path.join(elsewhere, 'file');
    await writeFile(file, bytesNamed('elsewhere'));
    const { digest } = await artifacts.putFile(file);
    expect(await verifyArtifact(artifacts, digest)).toBe('intact');
    expect(await readdir(elsewhere)).toEqual([]);
    expect(await temporaryFiles()).toEqual([]);
    await rm(elsewhere, { recursive: true });
  });
});

describe('the place of an artifact', () => {
  const bytes = bytesNamed('place');
  const digest = digestOf(bytes);
  const place = (): string => path.join(folder, digest.slice(0, 2), digest.slice(2, 4), digest);
  beforeEach(() => mkdir(path.dirname(place()), { recursive: true }));

  it('holds no artifact when it is a link, which a put replaces without following it', async () => {
    const target = path.join(root, `target-${count}`);
    await writeFile(target, bytes);
    await symlink(target, place());
    expect(await artifacts.stat(digest)).toBeUndefined();
    await expect(artifacts.localPath(digest)).rejects.toThrow('to exist');
    await expect(artifacts.read(digest)).rejects.toThrow(/a symbolic link is where the file should be/);
    await artifacts.put(bytes);
    expect((await lstat(place())).isFile()).toBe(true);
    await rm(target);
    expect(await verifyArtifact(artifacts, digest)).toBe('intact');
  });

  it('is an error when it is a folder, which is left alone', async () => {
    await mkdir(path.join(place(), 'inner'), { recursive: true });
    expect(await artifacts.stat(digest)).toBeUndefined();
    await expect(artifacts.put(bytes)).rejects.toThrow(/a folder is where the file should be/);
    expect(await readdir(place())).toEqual(['inner']);
    expect(await temporaryFiles()).toEqual([]);
  });

  it('is an error when a file is in the way of its folder', async () => {
    await rm(path.dirname(place()), { recursive: true });
    await writeFile(path.dirname(place()), '');
    await expect(artifacts.put(bytes)).rejects.toThrow(/EEXIST|ENOTDIR/);
    expect(await temporaryFiles()).toEqual([]);
  });

  it('is made again when the folder was removed meanwhile', async () => {
    await artifacts.put(bytes);
    await rm(path.join(folder, digest.slice(0, 2)), { recursive: true });
    await expect(artifacts.put(bytes)).rejects.toThrow(/ENOENT/);
    await artifacts.put(bytes);
    expect(await verifyArtifact(artifacts, digest)).toBe('intact');
  });
});

it('refuses a folder that is a file', async () => {
  const file = path.join(root, 'a-file');
  await writeFile(file, '');
  await expect(fsArtifacts({ folder: file })).rejects.toThrow(
    /Could not open the artifacts in .*a file is where a folder should be/,
  );
});

it('lists nothing but artifacts', async () => {
  const { digest } = await artifacts.put(bytesNamed('listed'));
  await writeFile(path.join(folder, digest.slice(0, 2), digest.slice(2, 4), 'notes.txt'), '');
  await writeFile(path.join(folder, 'README'), '');
  expect((await listOf(artifacts)).map((blob) => blob.digest)).toEqual([digest]);
});
