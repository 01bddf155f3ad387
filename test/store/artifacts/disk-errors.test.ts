import { execFile, spawn } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fsArtifacts, verifyArtifact } from '#store';
import { listOf } from '../../suites/artifact-driver.ts';
import { bytesNamed, digestOf, inChunks } from '../../suites/bytes.ts';
import { type DiskCall, diskWith } from './broken-disk.ts';

const run = promisify(execFile);
const isRoot = process.getuid?.() === 0;
const bytes = bytesNamed('error', 200_000);

let root: string;
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'weir-disk-errors-'));
});
afterAll(() => rm(root, { recursive: true }));

const temporaryFiles = (folder: string): Promise<string[]> => readdir(path.join(folder, 'temporary'));

function diskError(code: string): Error {
  return Object.assign(new Error(`${code}: as told by the test`), { code });
}

/** A tiny filesystem of its own. */
async function withMount(options: string, work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(path.join(root, 'mount-'));
  await run('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder]);
  try {
    await work(folder);
  } finally {
    await run('umount', [folder]);
  }
}

describe('an error of the disk', () => {
  it.each([
    ['EIO', 'put'],
    ['ENOSPC', 'put'],
    ['EMFILE', 'put'],
    ['EIO', 'putFile'],
    ['ENOSPC', 'putFile'],
    ['EMFILE', 'putFile'],
  ] as const)('%s comes out of %s wherever it happens, and leaves nothing half done', async (code, method) => {
    let faults = 0;
    for (let at = 1; ; at++) {
      const folder = path.join(root, `${code}-${method}-${at}`);
      const source = `${folder}-source`;
      await writeFile(source, bytes);
      // The driver opens with the disk as it is; what it does then meets the fault.
      let met = '';
      const opening = diskWith({ at: 0, meet: ({ proceed }) => proceed() });
      await fsArtifacts({ folder }, { disk: opening.disk });
      const meet = async ({ name, proceed }: DiskCall): Promise<never> => {
        met = name;
        // A file is closed even when closing it reports an error.
        if (name === 'close') await proceed();
        throw diskError(code);
      };
      const broken = diskWith({ at: opening.count() + at, meet });
      const artifacts = await fsArtifacts({ folder }, { disk: broken.disk });
      const work = method === 'put' ? artifacts.put(inChunks(bytes, 70_000)) : artifacts.putFile(source);
      const error: unknown = await work.then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      if (met === '') break;
      faults++;
      // A hard link that cannot be made is not missed: the file is copied.
      if (error === undefined) expect([method, met]).toEqual(['putFile', 'link']);
      else expect(error).toMatchObject({ code: 'artifact_failed', cause: { code } });
      expect(await temporaryFiles(folder)).toEqual([]);
      const healthy = await fsArtifacts({ folder });
      for (const { digest } of await listOf(healthy)) expect(await verifyArtifact(healthy, digest)).toBe('intact');
      if (method === 'putFile' && error !== undefined) expect(digestOf(await readFile(source))).toBe(digestOf(bytes));
    }
    expect(faults).toBeGreaterThan(15);
  });

  it('says what was being done and what helps', async () => {
    const { disk } = diskWith({
      at: 1,
      of: 'datasync',
      meet: () => {
        throw diskError('ENOSPC');
      },
    });
    const folder = path.join(root, 'said');
    const artifacts = await fsArtifacts({ folder }, { disk });
    const put = artifacts.put(bytes);
    await expect(put).rejects.toThrow(
      `Could not store an artifact in ${folder}: the disk is full; free some space or run \`weir gc\``,
    );
    await expect(put).rejects.toHaveProperty('code', 'artifact_failed');
    await expect(put).rejects.toHaveProperty('cause.code', 'ENOSPC');
  });
});

describe.runIf(isRoot)('a real disk', () => {
  it('that is full takes nothing, keeps no temporary file, and continues when there is space', async () => {
    await withMount('size=1m', async (folder) => {
      const artifacts = await fsArtifacts({ folder });
      await expect(artifacts.put(bytesNamed('large', 2_000_000))).rejects.toThrow(/the disk is full.*ENOSPC/);
      const source = path.join(root, 'large');
      await writeFile(source, bytesNamed('large', 2_000_000));
      await expect(artifacts.putFile(source)).rejects.toThrow(/the disk is full.*ENOSPC/);
      expect(await readFile(source)).toHaveLength(2_000_000);
      expect(await temporaryFiles(folder)).toEqual([]);
      expect(await listOf(artifacts)).toEqual([]);
      const { digest } = await artifacts.put(bytes);
      expect(await verifyArtifact(artifacts, digest)).toBe('intact');
    });
  });

  it('that has become read-only gives what it has and refuses more', async () => {
    await withMount('size=1m', async (folder) => {
      const artifacts = await fsArtifacts({ folder });
      const { digest } = await artifacts.put(bytes);
      await run('mount', ['-o', 'remount,ro', folder]);
      await expect(artifacts.put(bytesNamed('more'))).rejects.toThrow(/the filesystem is read-only/);
      await expect(artifacts.delete(digest)).rejects.toThrow(/the filesystem is read-only/);
      expect(await verifyArtifact(artifacts, digest)).toBe('intact');
    });
  });
});

describe('a process of its own', () => {
  let program: string;
  beforeAll(async () => {
    await chmod(root, 0o755);
    program = path.join(root, 'put-once.mjs');
    await build({
      // Without it esbuild works where the worker was when it loaded, a folder that may be gone.
      absWorkingDir: process.cwd(),
      entryPoints: [fileURLToPath(new URL('./put-once.ts', import.meta.url))],
      outfile: program,
      bundle: true,
      platform: 'node',
      format: 'esm',
    });
  });

  it('that has too many files open says so, keeps no temporary file, and continues when it has closed some', async () => {
    const folder = path.join(root, 'open-files');
    const child = spawn('sh', ['-c', `ulimit -n 64; exec "$0" "$@"`, process.execPath, program, folder, 'too many'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const said = JSON.parse(await text(child.stdout));
    expect(said.first).toMatch(/this process has too many files open; raise the limit \(ulimit -n\)/);
    expect(said.second).toBe(digestOf(bytesNamed('once')));
    expect(await temporaryFiles(folder)).toEqual([]);
  });

  it.runIf(isRoot)('that may not write into the folder says so', async () => {
    const folder = path.join(root, 'not-mine');
    await mkdir(folder, { mode: 0o755 });
    const child = spawn(process.execPath, [program, folder, ''], {
      stdio: ['ignore', 'pipe', 'inherit'],
      uid: 65_534,
      gid: 65_534,
    });
    const said = JSON.parse(await text(child.stdout));
    expect(said.first).toMatch(/Could not open the artifacts in .*: this user may not write there \(EACCES/);
    await chown(folder, 65_534, 65_534);
  });
});
