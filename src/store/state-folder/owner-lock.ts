// One owner for each folder. Node has no flock, so the lock is a file `owner-<n>.json` that names the process, and the
// highest n counts. A dead owner is succeeded by creating n + 1, which only one process can; a process that finds a
// higher number after that has lost. A released lock stays as a file that says so, because numbers must never go down.

import { link, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { hasErrorCode } from '../error-code.ts';
import { StoreError } from '../errors.ts';
import { describeOwnProcess, type ProcessMark, stateOfProcess } from '../process-identity.ts';

export interface OwnerLock {
  release(): Promise<void>;
}

interface Effects {
  readonly wait: (ms: number) => Promise<unknown>;
  readonly link: typeof link;
}

interface Owner extends ProcessMark {
  readonly released: boolean;
}

const HEARTBEAT_MS = 1_000;
/** How long the file of a process that is not visible here must be untouched before the process counts as dead. */
const SILENCE_MS = 5_000;
/** Errors of file systems without hard links, such as FAT and some network shares. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];
const FILE_NAME = /^owner-(\d+)\.json$/;

/** Becomes the only owner of the folder, or fails with the pid of the present owner. A killed owner holds nothing. */
export async function acquireOwnerLock(folder: string, given: Partial<Effects> = {}): Promise<OwnerLock> {
  const effects: Effects = { wait: delay, link, ...given };
  const own = { ...(await describeOwnProcess()), released: false };
  for (;;) {
    const newest = await newestNumber(folder);
    if (newest > 0) await assertFree(fileOf(folder, newest), { own, ...effects });
    const file = fileOf(folder, newest + 1);
    if (!(await createWhole(file, own, effects))) continue;
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
    // Only processes of another container that share the folder need it; a failed heartbeat is followed by the next.
    utimes(file, now, now).catch(() => {});
  }, HEARTBEAT_MS);
  beat.unref();
  return {
    release: async () => {
      clearInterval(beat);
      await writeFile(file, JSON.stringify({ ...own, released: true })).catch((error: unknown) => {
        // The folder was removed while it was owned: nothing is left to release.
        if (!hasErrorCode(error, 'ENOENT')) throw error;
      });
    },
  };
}

async function assertFree(file: string, { own, ...effects }: { readonly own: Owner } & Effects): Promise<void> {
  const owner = await maybeOwner(file);
  if (owner === undefined || owner.released) return;
  if (!(await isAlive(owner, { file, ...effects }))) return;
  const where = owner.space === own.space ? '' : ' in another container or on another machine';
  throw new StoreError(
    'state_folder_in_use',
    `The state folder is in use by process ${owner.pid}${where} (${path.dirname(file)}); stop that one first, or give this one another state folder.`,
  );
}

async function isAlive(
  owner: Owner,
  { file, wait }: { readonly file: string } & Pick<Effects, 'wait'>,
): Promise<boolean> {
  const state = await stateOfProcess(owner);
  return state === 'elsewhere' ? isTouched(file, wait) : state === 'running';
}

async function isTouched(file: string, wait: (ms: number) => Promise<unknown>): Promise<boolean> {
  const before = await stat(file);
  await wait(SILENCE_MS);
  const after = await stat(file).catch(() => before);
  return after.mtimeMs !== before.mtimeMs;
}

async function maybeOwner(file: string): Promise<Owner | undefined> {
  try {
    const text = await readFile(file, 'utf8');
    // Written only by this file, as a whole; a release that a power loss interrupts leaves it empty.
    return text === '' ? undefined : (JSON.parse(text) as Owner);
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT') || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

// A link appears with its whole content and, unlike a rename, fails when the name is taken.
async function createWhole(file: string, own: Owner, effects: Effects): Promise<boolean> {
  const draft = `${file}.${process.pid}-${Math.trunc(performance.now() * 1000)}`;
  await writeFile(draft, JSON.stringify(own), { flag: 'wx' });
  try {
    await effects.link(draft, file);
    return true;
  } catch (cause) {
    if (hasErrorCode(cause, 'EEXIST')) return false;
    if (!NO_LINKS.some((code) => hasErrorCode(cause, code))) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StoreError(
      'state_folder_unfit',
      `Expected a file system with hard links under the state folder ${path.dirname(file)}, for the lock of its one owner, but: ${reason}. Name a folder on another disk as state.folder.`,
      { cause },
    );
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
