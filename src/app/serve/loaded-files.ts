import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';

/** By absolute path: the SHA-256 of the content, or null where there is no file. */
export type FileDigests = Readonly<Record<string, string | null>>;

export async function digestsOfFiles(files: readonly string[]): Promise<FileDigests> {
  const digests = files.map(async (file) => [file, await maybeDigest(file)] as const);
  return Object.fromEntries(await Promise.all(digests));
}

/** Files that are not as they were. */
export async function changedFiles(before: FileDigests): Promise<readonly string[]> {
  const now = await digestsOfFiles(Object.keys(before));
  return Object.keys(before).filter((file) => now[file] !== before[file]);
}

async function maybeDigest(file: string): Promise<string | null> {
  const content = await readFile(file).catch(() => undefined);
  return content === undefined ? null : createHash('sha256').update(content).digest('hex');
}
