import { createHash } from 'node:crypto';
import { chmod, mkdir, readFile, realpath, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { EmbeddedPostgresError } from './errors.ts';

/** The account PostgreSQL runs as; empty means the one of this process. */
export type Account = { readonly uid: number; readonly gid: number } | { readonly uid?: never; readonly gid?: never };

/** Where binaries and data are, and as whom the server runs. */
export interface Place {
  readonly folder: string;
  readonly account: Account;
}

interface Identity {
  readonly uid: number;
  readonly gid: number;
}

/** nobody: PostgreSQL refuses to run as root, and this account is on every system. */
const NOBODY: Identity = { uid: 65_534, gid: 65_534 };
/** In the state folder: where its database is, when it is not in there. */
const POINTER = 'postgres-folder';
/** In such a place: whose it is. */
const OWNER = 'state-folder';

/**
 * Chooses and creates the folder of the server: inside the state folder, unless this process is root and the state
 * folder lies where the account of the server cannot go (a clone in /root, say); then a folder below `fallbackFolder`.
 */
export async function choosePlace(stateFolder: string, fallbackFolder: string): Promise<Place> {
  await mkdir(stateFolder, { recursive: true });
  const state = await realpath(stateFolder);
  const folder = path.join(state, 'postgres');
  if (process.getuid?.() !== 0) return { folder: await createFolder(folder, 0o700), account: {} };
  const account = await accountFor(folder);
  const hasData = await isThere(path.join(folder, 'data'));
  const outside = hasData ? undefined : await maybeOutside(state);
  if (outside !== undefined) return { folder: outside, account: await accountFor(outside) };
  const closed = await maybeClosedFolder(state, account);
  if (closed === undefined) return { folder: await createFolder(folder, 0o711), account };
  if (!hasData) return createOutside(state, fallbackFolder);
  throw new EmbeddedPostgresError(
    `PostgreSQL runs as user ${account.uid} when Weir runs as root, and that user may not pass ${closed} to reach the data in ${folder}. Allow it with chmod a+x, or run Weir as the user who owns the data.`,
  );
}

// The name follows from the path, so that two that start at once meet at the same lock.
async function createOutside(state: string, fallbackFolder: string): Promise<Place> {
  const parent = await createFolder(fallbackFolder, 0o711);
  for (let attempt = 0; ; attempt++) {
    const name = createHash('sha256').update(`${state}\n${attempt}`).digest('hex').slice(0, 16);
    const folder = await createFolder(path.join(parent, name), 0o711);
    const owner = await maybeText(path.join(folder, OWNER));
    // A state folder that was here once, and was moved away, still uses its own.
    if (owner !== undefined && owner !== state) continue;
    await writeFile(path.join(folder, OWNER), state);
    await writeFile(path.join(state, POINTER), folder);
    return { folder, account: await accountFor(folder) };
  }
}

// A state folder that was moved takes its database along; a copy of one must not, or two would write the same data.
async function maybeOutside(state: string): Promise<string | undefined> {
  const folder = await maybeText(path.join(state, POINTER));
  if (folder === undefined || !(await isThere(folder))) return undefined;
  const owner = await maybeText(path.join(folder, OWNER));
  if (owner === state) return folder;
  const isCopy = owner !== undefined && (await maybeText(path.join(owner, POINTER))) === folder;
  if (isCopy) return undefined;
  await writeFile(path.join(folder, OWNER), state);
  return folder;
}

// mkdir obeys the umask, which may be 077.
async function createFolder(folder: string, mode: number): Promise<string> {
  const created = await mkdir(folder, { recursive: true });
  if (created !== undefined) await chmod(folder, mode);
  return realpath(folder);
}

// Data that a plain user made stays that user's when root starts it.
async function accountFor(folder: string): Promise<Identity> {
  const data = await stat(path.join(folder, 'data')).catch(() => undefined);
  return data === undefined || data.uid === 0 ? NOBODY : { uid: data.uid, gid: data.gid };
}

async function maybeClosedFolder(folder: string, account: Identity): Promise<string | undefined> {
  for (let current = folder; ; current = path.dirname(current)) {
    const { mode, uid, gid } = await stat(current);
    const needed = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001;
    if ((mode & needed) === 0) return current;
    if (current === path.dirname(current)) return undefined;
  }
}

async function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

async function maybeText(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined);
}
