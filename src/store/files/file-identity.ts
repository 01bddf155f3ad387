import type { BigIntStats } from 'node:fs';
import { lstat, stat } from 'node:fs/promises';
import { hasErrorCode } from '../error-code.ts';

/** What the system says of a file that tells it from others and from what it was before. */
export type IdentifyingStats = Pick<BigIntStats, 'dev' | 'ino' | 'size' | 'mtimeNs' | 'ctimeNs'>;

/** File systems may count time so coarsely: a change within this time may leave the same timestamps. */
const SETTLED_MS = 2_000;

/** What changes whenever a file is written to or replaced: equal identities mean that it is still the file looked at. */
export function fileIdentity(stats: IdentifyingStats): string {
  return `${writtenIdentity(stats)}:${stats.ctimeNs}`;
}

/**
 * The same without ctime, which a backup's hard links and a change of permissions move too. It misses a write by who
 * sets mtime back, so it is for a file that is compared with itself within one piece of work.
 */
export function writtenIdentity({ dev, ino, size, mtimeNs }: Omit<IdentifyingStats, 'ctimeNs'>): string {
  return `${dev}:${ino}:${size}:${mtimeNs}`;
}

/**
 * Whether the identity of a file can be trusted later: its last change is so long before the moment of looking that
 * another one would have left another time. A change in the future says that clocks differ, and is not trusted.
 */
export function isSettled({ ctimeMs }: Pick<BigIntStats, 'ctimeMs'>, lookedAtMs: number): boolean {
  return lookedAtMs - Number(ctimeMs) >= SETTLED_MS;
}

/** What the system says of a file; undefined when there is none. */
export function maybeStat(path: string): Promise<BigIntStats | undefined> {
  return stat(path, { bigint: true }).catch(unlessMissing);
}

/** The same of the name itself, which may be a link. */
export function maybeLstat(path: string): Promise<BigIntStats | undefined> {
  return lstat(path, { bigint: true }).catch(unlessMissing);
}

function unlessMissing(error: unknown): undefined {
  if (!hasErrorCode(error, 'ENOENT') && !hasErrorCode(error, 'ENOTDIR')) throw error;
}
