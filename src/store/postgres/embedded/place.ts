import { createHash } from 'node:crypto';
import { chmod, mkdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { hasCode } from '../../process-identity.ts';
import { EmbeddedPostgresError } from './errors.ts';

/** The account PostgreSQL runs as; empty means the one of this process. */
export type Account = { readonly uid: number; readonly gid: number } | Record<string, never>;

/** Where binaries and data are, and as whom the server runs. */
export interface Place {
  readonly folder: string;
  readonly account: Account;
}

/** nobody: PostgreSQL refuses to run as root, and this account is on every system. */
const NOBODY = { uid: 65_534, gid: 65_534 };

/**
 * Chooses and creates the folder of the server: inside the state folder, unless this process is root and the state
 * folder lies where the account of the server cannot go (a clone in /root, say); then a folder below `fallbackFolder`.
 */
export async function choosePlace(stateFolder: string, fallbackFolder: string): Promise<Place> {
  try {
    await mkdir(stateFolder, { recursive: true });
    const state = await realpath(stateFolder);
    const folder = path.join(state, 'postgres');
    if (process.getuid?.() !== 0) return { folder: await createFolder(folder, 0o700), account: {} };
    const account = await accountFor(folder);
    if (await isTraversable(state, account)) return { folder: await createFolder(folder, 0o711), account };
    const project = createHash('sha256').update(state).digest('hex').slice(0, 16);
    const fallback = path.join(await createFolder(fallbackFolder, 0o711), project);
    return { folder: await createFolder(fallback, 0o711), account: await accountFor(fallback) };
  } catch (cause) {
    throw toPlaceError(cause, stateFolder);
  }
}

// Data that a plain user made stays that user's when root starts it.
async function accountFor(folder: string): Promise<typeof NOBODY> {
  const data = await stat(path.join(folder, 'data')).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  });
  return data === undefined || data.uid === 0 ? NOBODY : { uid: data.uid, gid: data.gid };
}

// mkdir obeys the umask, which may be 077.
async function createFolder(folder: string, mode: number): Promise<string> {
  const created = await mkdir(folder, { recursive: true });
  if (created !== undefined) await chmod(folder, mode);
  return realpath(folder);
}

async function isTraversable(folder: string, account: typeof NOBODY): Promise<boolean> {
  for (let current = folder; ; current = path.dirname(current)) {
    const { mode, uid, gid } = await stat(current);
    const needed = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001;
    if ((mode & needed) === 0) return false;
    if (current === path.dirname(current)) return true;
  }
}

function toPlaceError(cause: unknown, stateFolder: string): EmbeddedPostgresError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  if (hasCode(cause, 'ENOSPC')) {
    return new EmbeddedPostgresError(`The disk is full: PostgreSQL needs about 150 MB in ${stateFolder} (${reason}).`, {
      cause,
    });
  }
  return new EmbeddedPostgresError(
    `Expected to be able to write in the state folder ${stateFolder}, but: ${reason}. Give it to this user, or choose another folder.`,
    { cause },
  );
}
