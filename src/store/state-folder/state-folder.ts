import { chmod, mkdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { hasErrorCode } from '../error-code.ts';

const PRIVATE = 0o700;
const STICKY = 0o1000;

/**
 * Creates a folder for state, or uses an existing one, and removes access of other users, independent of the umask: it
 * holds passwords, data and code that will run. Returns its real path.
 */
export async function makeStateFolder(folder: string): Promise<string> {
  await makeOne(folder);
  const { mode } = await stat(folder);
  // A folder such as /tmp belongs to all users, and only its owner may restrict a folder of another user.
  if ((mode & 0o777) !== PRIVATE && (mode & STICKY) === 0) {
    await chmod(folder, PRIVATE).catch((error: unknown) => {
      if (!hasErrorCode(error, 'EPERM')) throw error;
    });
  }
  return realpath(folder);
}

// Not recursively, because the mode would apply to the parent folders too.
async function makeOne(folder: string): Promise<void> {
  try {
    await mkdir(folder, { mode: PRIVATE });
  } catch (error) {
    if (hasErrorCode(error, 'EEXIST') && (await stat(folder)).isDirectory()) return;
    if (!hasErrorCode(error, 'ENOENT')) throw error;
    await mkdir(path.dirname(folder), { recursive: true });
    await makeOne(folder);
  }
}
