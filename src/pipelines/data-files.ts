import { createHash } from 'node:crypto';
import { constants, createWriteStream } from 'node:fs';
import { type FileHandle, open, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { STAGED_SUFFIX } from '#engine';
import { fileIdentity, hasErrorCode, isSettled, maybeLstat } from '#store';

/** The content of a regular file. */
export interface FileContent {
  readonly digest: string;
  readonly sizeBytes: number;
  readonly identity: string;
  /** Whether the identity can be trusted: a very recent change may leave the same times. */
  readonly isSettled: boolean;
}

/** `missing` includes what is no plain file. */
export type NoContent = 'missing' | 'changing' | 'unreadable';

const BLOCK_BYTES = 1024 * 1024;
const NAME_BYTES_MAX = 255;
/** What the engine adds to the name of a file that it is placing. */
const STAGED_BYTES = '.'.length + '.000000000000'.length + STAGED_SUFFIX.length;

/** Plain, visible files by name; folders, links, sockets and names that start with a dot are not data. */
export async function dataFiles(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    if (hasErrorCode(error, 'ENOENT')) return [];
    throw error;
  });
  return entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => entry.name)
    .sort();
}

/**
 * Reads a regular file that does not change at the same time, and optionally copies it; never follows a link or waits
 * for a pipe.
 */
export async function readStable(
  file: string,
  { copyTo }: { readonly copyTo?: string } = {},
): Promise<FileContent | NoContent> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const before = await handle.stat({ bigint: true });
    if (!before.isFile()) return 'missing';
    const readAtMs = Date.now();
    const digest = await hash(handle, copyTo);
    // By its name, which another file may have now.
    const after = await maybeLstat(file);
    if (after === undefined) return 'missing';
    const identity = fileIdentity(after);
    if (fileIdentity(before) !== identity) return 'changing';
    return { digest, sizeBytes: Number(after.size), identity, isSettled: isSettled(after, readAtMs) };
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO', 'ENODEV'].some((code) => hasErrorCode(error, code))) return 'missing';
    if (['EACCES', 'EPERM', 'EIO', 'ESTALE'].some((code) => hasErrorCode(error, code))) return 'unreadable';
    throw error;
  } finally {
    await handle?.close();
  }
}

async function hash(handle: FileHandle, copyTo: string | undefined): Promise<string> {
  const digest = createHash('sha256');
  const source = handle.createReadStream({ autoClose: false, start: 0, highWaterMark: BLOCK_BYTES });
  if (copyTo === undefined) {
    for await (const block of source) digest.update(block);
  } else {
    const hashed = async function* (blocks: AsyncIterable<Buffer>) {
      for await (const block of blocks) {
        digest.update(block);
        yield block;
      }
    };
    await pipeline(source, hashed, createWriteStream(copyTo));
  }
  return digest.digest('hex');
}

/** The attributes of a plain file, without reading it; undefined when there is none. */
export async function maybeLookAt(
  file: string,
): Promise<{ readonly identity: string; readonly changedAtMs: number; readonly sizeBytes: number } | undefined> {
  const found = await maybeLstat(file).catch(() => undefined);
  if (found?.isFile() !== true) return undefined;
  return { identity: fileIdentity(found), changedAtMs: Number(found.ctimeMs), sizeBytes: Number(found.size) };
}

/** A file name with `addition` before its extension, short enough for the system, also while the file is placed. */
export function nameWith(file: string, addition: string): string {
  const { name, ext } = path.parse(file);
  const end = `.${addition}${cut(ext, NAME_BYTES_MAX / 4)}`;
  return `${cut(name, NAME_BYTES_MAX - STAGED_BYTES - Buffer.byteLength(end))}${end}`;
}

function cut(text: string, bytesMax: number): string {
  let kept = '';
  let bytes = 0;
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > bytesMax) break;
    kept += character;
  }
  return kept;
}

/** Removes the staged files of a killed attempt whose final paths are about to be written again. */
export async function removeStaged(places: readonly string[]): Promise<void> {
  const names = new Map<string, readonly string[]>();
  for (const place of places) {
    const folder = path.dirname(place);
    const present = names.get(folder) ?? (await readdir(folder).catch(() => []));
    names.set(folder, present);
    const prefix = `.${path.basename(place)}.`;
    const staged = present.filter((name) => name.startsWith(prefix) && name.endsWith(STAGED_SUFFIX));
    for (const name of staged) await rm(path.join(folder, name), { force: true });
  }
}
