import type { BigIntStats } from 'node:fs';
import { lstat, stat } from 'node:fs/promises';
import { hasErrorCode } from '../error-code.ts';

/** Attributes of a file that distinguish it from others and from its earlier content. */
export type IdentifyingStats = Pick<BigIntStats, 'dev' | 'ino' | 'size' | 'mtimeNs' | 'ctimeNs'>;

/** Coarsest timestamps of file systems: a change within this time may leave the same timestamps. */
const SETTLED_MS = 2_000;

/** Changes whenever a file is written or replaced: equal identities mean an unchanged file. */
export function fileIdentity(stats: IdentifyingStats): string {
  return `${writtenIdentity(stats)}:${stats.ctimeNs}`;
}

/**
 * The same without ctime, which a backup's hard links and a change of permissions move too. It misses a write followed
 * by setting mtime back, so use it only to compare a file with itself within one piece of work.
 */
export function writtenIdentity({ dev, ino, size, mtimeNs }: Omit<IdentifyingStats, 'ctimeNs'>): string {
  return `${dev}:${ino}:${size}:${mtimeNs}`;
}

/**
 * Whether the identity of a file can be trusted later: its last change is long enough before the check that another
 * change would have left another time. A change in the future means that clocks differ, and is not trusted.
 */
export function isSettled({ ctimeMs }: Pick<BigIntStats, 'ctimeMs'>, lookedAtMs: number): boolean {
  return lookedAtMs - Number(ctimeMs) >= SETTLED_MS;
}

/** The attributes of a file; undefined when there is none. */
export function maybeStat(path: string): Promise<BigIntStats | undefined> {
  return stat(path, { bigint: true }).catch(unlessMissing);
}

/** The same for the name itself, which may be a link. */
export function maybeLstat(path: string): Promise<BigIntStats | undefined> {
  return lstat(path, { bigint: true }).catch(unlessMissing);
}

function unlessMissing(error: unknown): undefined {
  if (!hasErrorCode(error, 'ENOENT') && !hasErrorCode(error, 'ENOTDIR')) throw error;
}
