import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { link, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { acquireOwnerLock, type OwnerLock } from '../../../src/store/state-folder/owner-lock.ts';

let folder: string;
let held: OwnerLock[];
let sleeper: ChildProcess | undefined;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'weir-owner-'));
  held = [];
});
afterEach(async () => {
  for (const lock of held) await lock.release();
  sleeper?.kill('SIGKILL');
  await rm(folder, { recursive: true });
});

const never = async (): Promise<never> => {
  throw new Error('Expected nobody to wait.');
};

async function acquire(wait: (ms: number) => Promise<unknown> = never): Promise<OwnerLock> {
  const lock = await acquireOwnerLock(folder, { wait });
  held.push(lock);
  return lock;
}

async function onlyFile(): Promise<string> {
  const names = await readdir(folder);
  expect(names).toHaveLength(1);
  return path.join(folder, names[0] ?? '');
}

/** Leaves a lock as another owner would; that of this test is released first, so that it gives no signs of life. */
async function pretend(owner: Readonly<Record<string, unknown>>): Promise<string> {
  await (await acquire()).release();
  held = [];
  const file = await onlyFile();
  const own = JSON.parse(await readFile(file, 'utf8'));
  await writeFile(file, JSON.stringify({ ...own, released: false, ...owner }));
  return file;
}

async function otherPid(): Promise<number> {
  sleeper = spawn('sleep', ['1000'], { stdio: 'ignore' });
  await once(sleeper, 'spawn');
  return Number(sleeper.pid);
}

const boot = async (): Promise<string> => (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();

describe('an owner lock', () => {
  it('is held by one, until it is released', async () => {
    const lock = await acquire();
    await expect(acquire()).rejects.toThrow(`in use by process ${process.pid} (${folder})`);
    await lock.release();
    await acquire();
    await expect(acquire()).rejects.toThrow('in use');
    await onlyFile();
  });

  it('goes to one of many, again and again', async () => {
    for (let round = 0; round < 20; round++) {
      const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => acquire()));
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      await held.pop()?.release();
    }
    expect((await readdir(folder)).filter((name) => name.endsWith('.json'))).toHaveLength(1);
  });

  it('of a dead process goes to one of many', async () => {
    await pretend({ pid: await otherPid(), start: '1' });
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => acquire()));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('of a live process is not taken', async () => {
    const pid = await otherPid();
    const start = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(' ')[21];
    await pretend({ pid, start });
    await expect(acquire()).rejects.toThrow(`in use by process ${pid}`);
  });

  it('of a killed process is free, though its pid belongs to another now', async () => {
    await pretend({ pid: await otherPid(), start: '1' });
    await acquire();
  });

  it('of a process before the last start of this machine is free at once', async () => {
    await pretend({ space: 'earlier-boot pid:[1]' });
    await acquire();
  });

  it('of another container with the same pid is not taken while that one gives signs of life', async () => {
    const file = await pretend({ space: `${await boot()} pid:[1]`, host: 'other' });
    const beat = (): Promise<void> => utimes(file, new Date(1), new Date(1));
    await expect(acquire(beat)).rejects.toThrow(`in use by process ${process.pid} in another container`);
  });

  it('gives signs of life while it is held', async () => {
    await acquire();
    const file = await onlyFile();
    await utimes(file, new Date(1), new Date(1));
    await expect.poll(async () => (await stat(file)).mtimeMs).toBeGreaterThan(1);
  });

  it('of another container that gives no signs of life is free', async () => {
    await pretend({ space: `${await boot()} pid:[1]`, host: 'other' });
    let waitedMs = 0;
    await acquire(async (ms) => {
      waitedMs += ms;
    });
    expect(waitedMs).toBe(5000);
  });

  it('is not taken under a number that others have passed meanwhile', async () => {
    const overtaken: typeof link = async (draft, file) => {
      await (await acquire()).release();
      await acquire();
      await link(draft, file);
    };
    await expect(acquireOwnerLock(folder, { link: overtaken, wait: never })).rejects.toThrow('in use');
    await onlyFile();
  });

  it('that a power loss left empty is free', async () => {
    await acquire();
    await writeFile(await onlyFile(), '');
    await acquire();
  });

  it('says that it needs hard links where a file system has none', async () => {
    const refused = () => Promise.reject(Object.assign(new Error('EPERM: operation not permitted'), { code: 'EPERM' }));
    await expect(acquireOwnerLock(folder, { link: refused })).rejects.toThrow(
      /file system with hard links .*EPERM.* Name a folder on another disk as state\.folder/,
    );
    expect(await readdir(folder)).toEqual([]);
  });
});
