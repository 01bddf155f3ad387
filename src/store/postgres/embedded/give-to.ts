import { lchown, lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Account, Identity } from './place.ts';

/**
 * Makes an account the owner of a file, or of a folder and its content. The folder itself comes last: as long as it has
 * another owner, its content may have too.
 */
export async function giveTo(account: Account, file: string): Promise<void> {
  const { uid, gid } = await lstat(file);
  if (account.uid === undefined || (uid === account.uid && gid === account.gid)) return;
  await giveAll(file, account);
}

async function giveAll(file: string, { uid, gid }: Identity): Promise<void> {
  const isFolder = (await lstat(file)).isDirectory();
  if (isFolder) for (const name of await readdir(file)) await giveAll(path.join(file, name), { uid, gid });
  await lchown(file, uid, gid);
}
