import { access, constants, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileIdentity, maybeLstat, syncFolder } from '#store';
import type { FileDigests } from '../define/file-digests.ts';

/** How far the clock of a file system may be from that of the database. */
const CLOCK_SKEW_MS_MAX = 5 * 60_000;

/** A file as results say that they placed it. */
export interface PlacedFile {
  readonly path: string;
  readonly digests: readonly string[];
  /** When the last of those results was committed. */
  readonly placedBefore: string;
}

/** What lies at the place of a file now. */
export type FoundFile =
  | { readonly kind: 'placed'; readonly identity: string }
  | { readonly kind: 'gone' }
  /** Not what was placed: somebody else's. */
  | { readonly kind: 'other'; readonly because: string }
  /** It cannot be looked at, or not be removed. */
  | { readonly kind: 'barred'; readonly because: string };

/** Looks whether a file is still the one that was placed, and could be removed. */
export async function findPlaced(file: PlacedFile, digestFile: FileDigests): Promise<FoundFile> {
  try {
    const stats = await maybeLstat(file.path);
    if (stats === undefined) return { kind: 'gone' };
    if (!stats.isFile()) return { kind: 'other', because: 'something that is no plain file has its place' };
    if (Number(stats.mtimeMs) > new Date(file.placedBefore).getTime() + CLOCK_SKEW_MS_MAX)
      return { kind: 'other', because: 'it was written again after it was placed' };
    const digest = await digestFile(file.path);
    if (digest === undefined) return { kind: 'gone' };
    if (!file.digests.includes(digest)) return { kind: 'other', because: 'its content is not what was placed' };
    await access(path.dirname(file.path), constants.W_OK);
    return { kind: 'placed', identity: fileIdentity(stats) };
  } catch (error) {
    return barredBy(file.path, error);
  }
}

/** Removes a file that was found before, if it is the very same still. Its absence survives a loss of power. */
export async function removePlaced(at: string, identity: string): Promise<FoundFile> {
  try {
    const stats = await maybeLstat(at);
    if (stats === undefined) return { kind: 'gone' };
    if (fileIdentity(stats) !== identity) return { kind: 'other', because: 'it was written to a moment ago' };
    await rm(at);
    await syncFolder(path.dirname(at));
    return { kind: 'gone' };
  } catch (error) {
    return barredBy(at, error);
  }
}

function barredBy(at: string, error: unknown): FoundFile {
  const said = codeOf(error) ?? (error instanceof Error ? error.message : String(error));
  return {
    kind: 'barred',
    because: `its file ${at} cannot be removed (${said}). Give this user the right to, or remove it by hand`,
  };
}

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
