import { mkdirSync } from 'node:fs';
import { readdir, readFile, readlink, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

const PREFIX = 'weir-test-postgres-';

/** Where the PostgreSQL of this test run lives. */
export function runFolder(): string {
  const folder = path.join(tmpdir(), `${PREFIX}${process.pid}`);
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  return folder;
}

/** Ends and removes what test runs left behind that were killed. */
export async function collectDeadRuns(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = Number(name.startsWith(PREFIX) ? name.slice(PREFIX.length) : undefined);
    if (!Number.isInteger(pid) || isAlive(pid)) continue;
    const folder = path.join(tmpdir(), name);
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
