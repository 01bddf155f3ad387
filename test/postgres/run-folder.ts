import { mkdirSync, statfsSync } from 'node:fs';
import { readdir, readFile, readlink, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

const PREFIX = 'weir-test-postgres-';

const MEMORY = '/dev/shm';
const MEMORY_BYTES_MIN = 4e9;

/**
 * Where the PostgreSQL of this test run lives: in memory where there is room. A database is a thousand files, and each test
 * file makes and drops one or more: on a disk that takes five times the processor time.
 */
export function runFolder(): string {
  const folder = path.join(hasRoom() ? MEMORY : tmpdir(), `${PREFIX}${process.pid}`);
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  return folder;
}

function hasRoom(): boolean {
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize >= MEMORY_BYTES_MIN;
  } catch {
    return false;
  }
}

/** Ends and removes what test runs left behind that were killed. */
export async function collectDeadRuns(): Promise<void> {
  for (const place of [MEMORY, tmpdir()]) await collectIn(place);
}

async function collectIn(place: string): Promise<void> {
  for (const name of await readdir(place).catch(() => [])) {
    const pid = Number(name.startsWith(PREFIX) ? name.slice(PREFIX.length) : undefined);
    if (!Number.isInteger(pid) || isAlive(pid)) continue;
    const folder = path.join(place, name);
    await endServer(path.join(folder, 'state/postgres/data'));
    await rm(folder, { recursive: true, force: true });
  }
}

async function endServer(dataFolder: string): Promise<void> {
  try {
    const pid = Number((await readFile(path.join(dataFolder, 'postmaster.pid'), 'utf8')).split('\n')[0]);
    if ((await readlink(`/proc/${pid}/cwd`)) === (await realpath(dataFolder))) process.kill(pid, 'SIGQUIT');
  } catch {
    // No server left, or no /proc to be sure: then it ends when its data folder goes.
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
