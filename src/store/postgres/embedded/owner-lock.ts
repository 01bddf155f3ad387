// One owner for each folder. Node has no flock, so the lock is a file `owner-<n>.json` that names the process, and the
// highest n counts. A dead owner is succeeded by creating n + 1, which only one process can; whoever finds a higher
// number after that has lost. A released lock stays as a file that says so, because numbers must never go down.
import { link, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { hasCode, identify, isSameRunning, maybePidSpace, type ProcessIdentity } from '../../process-identity.ts';
import { StateFolderInUseError } from './errors.ts';

export interface OwnerLock {
  release(): Promise<void>;
}

interface Owner extends ProcessIdentity {
  readonly space: string | undefined;
  readonly released: boolean;
}

const HEARTBEAT_MS = 2_000;
/** How long the file of a process that cannot be seen from here must stay untouched before it counts as dead. */
const SILENCE_MS = 10_000;
const FILE_NAME = /^owner-(\d+)\.json$/;

/** Becomes the one owner of the folder, or fails with the pid of the one who is. A killed owner holds nothing. */
export async function acquireOwnerLock(folder: string): Promise<OwnerLock> {
  const own: Owner = { ...(await identify(process.pid)), space: await maybePidSpace(), released: false };
  for (;;) {
    const newest = await newestNumber(folder);
    if (newest > 0) await assertFree(fileOf(folder, newest), own);
    const file = fileOf(folder, newest + 1);
    if (!(await createWhole(file, own))) continue;
    if ((await newestNumber(folder)) > newest + 1) {
      await rm(file, { force: true });
      continue;
    }
    await removeOlder(folder, newest + 1);
    return holdLock(file, own);
  }
}

function holdLock(file: string, own: Owner): OwnerLock {
  const beat = setInterval(() => {
    const now = new Date();
    // Only who shares the folder from another container needs it; a lost beat is followed by the next.
    utimes(file, now, now).catch(() => {});
  }, HEARTBEAT_MS);
  beat.unref();
  return {
    release: async () => {
      clearInterval(beat);
      await writeFile(file, JSON.stringify({ ...own, released: true })).catch((error: unknown) => {
        // The folder was removed while it was owned: nothing is left to release.
        if (!hasCode(error, 'ENOENT')) throw error;
      });
    },
  };
}

async function assertFree(file: string, own: Owner): Promise<void> {
  const owner = await maybeOwner(file);
  if (owner === undefined || owner.released) return;
  const isHere = owner.space === own.space;
  // This process may own it already: the identity is then its own, and the answer the same.
  const isAlive = isHere ? await isSameRunning(owner) : await isTouched(file);
  if (!isAlive) return;
  const where = isHere ? '' : ' in another container or on another machine';
  throw new StateFolderInUseError(
    `The state folder is in use by process ${owner.pid}${where} (${path.dirname(file)}); stop that one first, or give this one another state folder.`,
  );
}

async function isTouched(file: string): Promise<boolean> {
  const before = await stat(file);
  await delay(SILENCE_MS);
  const after = await stat(file).catch(() => before);
  return after.mtimeMs !== before.mtimeMs;
}

async function maybeOwner(file: string): Promise<Owner | undefined> {
  try {
    const text = await readFile(file, 'utf8');
    // Written whole by this file only; a release cut short by a power loss leaves it empty.
    return text === '' ? undefined : (JSON.parse(text) as Owner);
  } catch (error) {
    if (hasCode(error, 'ENOENT') || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

// A link appears with its whole content and fails when the name is taken, which rename would not.
async function createWhole(file: string, own: Owner): Promise<boolean> {
  const draft = `${file}.${process.pid}-${Math.trunc(performance.now() * 1000)}`;
  await writeFile(draft, JSON.stringify(own), { flag: 'wx' });
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function newestNumber(folder: string): Promise<number> {
  const numbers = (await readdir(folder)).map((name) => Number(FILE_NAME.exec(name)?.[1] ?? 0));
  return Math.max(0, ...numbers);
}

async function removeOlder(folder: string, number: number): Promise<void> {
  for (const name of await readdir(folder)) {
    const older = Number(FILE_NAME.exec(name)?.[1] ?? number) < number;
    if (older) await rm(path.join(folder, name), { force: true });
  }
}

function fileOf(folder: string, number: number): string {
  return path.join(folder, `owner-${number}.json`);
}
