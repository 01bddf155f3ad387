import { createHash } from 'node:crypto';
import { type BigIntStats, createReadStream } from 'node:fs';
import { fileIdentity, isSettled, maybeStat } from '#store';

const REMEMBERED_FILES_MAX = 10_000;

/** The digest of a file; undefined when there is none, or when it has another size than expected. */
export type FileDigests = (path: string, expected?: { readonly sizeBytes: number }) => Promise<string | undefined>;

/** The disk and the clock that file digests use; tests pass coarse ones. */
export interface FileDigestEffects {
  /** Returns undefined when there is no file. */
  stat(path: string): Promise<FileStats | undefined>;
  digest(path: string): Promise<string>;
  nowMs(): number;
}
export type FileStats = Pick<
  BigIntStats,
  'dev' | 'ino' | 'size' | 'mtimeNs' | 'ctimeNs' | 'ctimeMs' | 'isFile' | 'isDirectory'
>;

const realEffects: FileDigestEffects = { stat: maybeStat, digest: digestOfFile, nowMs: () => Date.now() };

/**
 * Digests of files, remembered by (device, inode, size, mtime, ctime) and only when ctime is safely in the past.
 * Setting mtime back changes ctime; setting the clock back makes everything remembered uncertain, so it is dropped.
 */
export function createFileDigests(
  options: { readonly filesMax?: number } = {},
  effects: FileDigestEffects = realEffects,
): FileDigests {
  const { filesMax = REMEMBERED_FILES_MAX } = options;
  const remembered = new Map<string, { readonly identity: string; readonly digest: string }>();
  let latestMs = Number.NEGATIVE_INFINITY;
  const readClock = (): number => {
    const nowMs = effects.nowMs();
    if (nowMs < latestMs) remembered.clear();
    latestMs = nowMs;
    return nowMs;
  };
  return async (path, expected) => {
    const hashedAtMs = readClock();
    const found = await effects.stat(path);
    if (found === undefined || !found.isFile()) return undefined;
    if (expected !== undefined && found.size !== BigInt(expected.sizeBytes)) return undefined;
    const identity = fileIdentity(found);
    const known = remembered.get(path);
    if (known?.identity === identity) return known.digest;
    const digest = await effects.digest(path);
    // The digest of a file that changed while it was hashed may be of bytes that never existed together.
    const after = await effects.stat(path);
    if (isSettled(found, hashedAtMs) && after !== undefined && fileIdentity(after) === identity) {
      if (remembered.size >= filesMax) remembered.clear();
      remembered.set(path, { identity, digest });
    }
    return digest;
  };
}

/**
 * The digest of a file, and its identity, by which the same content is recognised later: when the file still has the
 * identity of `known`, the digest of `known` is returned. Undefined when there is no file.
 */
export async function recallDigest(
  path: string,
  known: { readonly digest: string; readonly memo: string } | undefined,
  effects: FileDigestEffects = realEffects,
): Promise<{ readonly digest: string; readonly memo?: string } | undefined> {
  const hashedAtMs = effects.nowMs();
  const found = await effects.stat(path);
  if (found === undefined || !found.isFile()) return undefined;
  const memo = fileIdentity(found);
  const canRemember = isSettled(found, hashedAtMs);
  if (canRemember && known?.memo === memo) return known;
  const digest = await effects.digest(path);
  const after = await effects.stat(path);
  const isUnchanged = after !== undefined && fileIdentity(after) === memo;
  return { digest, ...(canRemember && isUnchanged ? { memo } : {}) };
}

/** SHA-256 of a file, read as a stream. */
export function digestOfFile(path: string): Promise<string> {
  return digestOfStream(createReadStream(path));
}

export async function digestOfStream(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const sha = createHash('sha256');
  for await (const chunk of stream) sha.update(chunk);
  return sha.digest('hex');
}
