import { chmod, chown, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { StoreError } from '../../errors.ts';

export interface Identity {
  readonly uid: number;
  readonly gid: number;
}

/** The account that PostgreSQL runs as; empty for that of this process. */
export type Account = Identity | { readonly uid?: never; readonly gid?: never };

/** Folders of data and binaries, and the account of the server. */
export interface Place {
  readonly folder: string;
  readonly binariesFolder: string;
  readonly account: Account;
}

/**
 * PostgreSQL refuses to run as root. This account has no name and nothing else runs as it, as other daemons do as nobody.
 * Below 65,536 because a container may map no more, and in the span that systemd and Debian leave unused.
 */
export const SERVER_ID = 65_521;
/** The account of the server in earlier versions. */
const NOBODY = 65_534;
/** File in the state folder with the path of its database, when an earlier version put it outside. */
const POINTER = 'postgres-folder';
/** File in such a place that names its owner. */
const OWNER = 'state-folder';

/**
 * Chooses and creates the folder of the server, inside the state folder. Root's server cannot pass that folder: it is
 * started inside its data, and its binaries, which hold no secret, lie in `sharedFolder`.
 */
export async function choosePlace(state: string, sharedFolder: string): Promise<Place> {
  const inside = path.join(state, 'postgres');
  const hasData = await isThere(path.join(inside, 'data'));
  const folder = (hasData ? undefined : await maybeOutside(state)) ?? inside;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (process.getuid?.() !== 0) return { folder, binariesFolder: folder, account: {} };
  if (process.platform !== 'linux')
    throw new StoreError(
      'postgres_unusable',
      'PostgreSQL does not run as root. Start Weir as another user, or set DATABASE_URL to a PostgreSQL of your own.',
    );
  await makeShared(sharedFolder);
  for (const each of [state, folder, path.join(folder, 'password')]) await takeFromNobody(each);
  await chmod(folder, 0o700);
  const { uid, gid } = await stat(folder);
  // A database created by a plain user keeps that owner when root starts it.
  const account = uid === 0 ? { uid: SERVER_ID, gid: SERVER_ID } : { uid, gid };
  return { folder, binariesFolder: sharedFolder, account };
}

// Its owner could replace it.
async function takeFromNobody(file: string): Promise<void> {
  const found = await stat(file).catch(() => undefined);
  if (found?.uid === NOBODY) await chown(file, 0, 0);
}

async function makeShared(folder: string): Promise<void> {
  try {
    // The umask may be 077, but the server's account must be able to enter.
    if ((await mkdir(folder, { recursive: true })) !== undefined) await chmod(folder, 0o755);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StoreError(
      'postgres_unusable',
      `As root Weir keeps the programs of PostgreSQL in ${folder}, but: ${reason}. Let root write there, start Weir as another user, or set DATABASE_URL to a PostgreSQL of your own.`,
      { cause },
    );
  }
}

// A moved state folder keeps its database; a copied one must not, or two would write the same data.
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

async function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

async function maybeText(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined);
}
