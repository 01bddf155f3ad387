import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';

/** A change within this time after hashing may leave the same timestamps, on file systems that count coarsely. */
const SETTLED_MS = 2_000;
const REMEMBERED_FILES_MAX = 10_000;

/** The digest of a file; undefined when there is none, or when it has another size than expected. */
export type FileDigests = (path: string, expected?: { readonly sizeBytes: number }) => Promise<string | undefined>;

/** Digests of files, remembered by (device, inode, size, mtime, ctime) and only when ctime is safely in the past. */
export function createFileDigests(options: { readonly filesMax?: number } = {}): FileDigests {
  const { filesMax = REMEMBERED_FILES_MAX } = options;
  const remembered = new Map<string, { readonly identity: string; readonly digest: string }>();
  return async (path, expected) => {
    const found = await maybeStat(path);
    if (found === undefined || !found.isFile()) return undefined;
    if (expected !== undefined && found.size !== BigInt(expected.sizeBytes)) return undefined;
    const identity = `${found.dev}:${found.ino}:${found.size}:${found.mtimeNs}:${found.ctimeNs}`;
    const known = remembered.get(path);
    if (known?.identity === identity) return known.digest;
    const hashedAtMs = Date.now();
    const digest = await digestOfFile(path);
    if (hashedAtMs - Number(found.ctimeMs) >= SETTLED_MS) {
      if (remembered.size >= filesMax) remembered.clear();
      remembered.set(path, { identity, digest });
    }
    return digest;
  };
}

async function maybeStat(path: string) {
  try {
    return await stat(path, { bigint: true });
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return undefined;
    throw error;
  }
}

/** SHA-256 of a file, read as a stream. */
export const digestOfFile = (path: string): Promise<string> => digestOfStream(createReadStream(path));

export async function digestOfStream(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const sha = createHash('sha256');
  for await (const chunk of stream) sha.update(chunk);
  return sha.digest('hex');
}
