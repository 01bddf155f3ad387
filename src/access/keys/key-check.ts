import type { Role } from '#api';
import { type Database, prepared } from '#store';
import type { Identity } from '../identity.ts';
import { digestOfSecret, isSameDigest } from '../secret.ts';
import { API_KEYS_CHANNEL } from './api-keys.ts';
import { type KeyParts, maybeKeyParts } from './key-text.ts';
import type { ProcessKey } from './process-key.ts';

/** What is found out about the text of a key. */
export type KeyAnswer =
  | { readonly kind: 'valid'; readonly identity: Identity }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'expired' | 'revoked'; readonly prefix: string; readonly at: Date };

/** Checks keys that come with requests. */
export interface KeyCheck {
  check(text: string): Promise<KeyAnswer>;
  /** Stops to follow changes, and waits for what is being written. */
  close(): Promise<void>;
}

export interface KeyCheckOptions {
  /** Keys that are valid as long as this process runs. */
  readonly processKeys?: readonly ProcessKey[];
}

export interface KeyCheckEffects {
  readonly now: () => Date;
  /** How long the record of a key is believed without another look, if no server says that it has changed. */
  readonly believedMs: number;
  /** A time of last use that could not be written. */
  readonly onError: (error: unknown) => void;
}

interface KeyRecord {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly digest: Buffer;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  readonly lastUsedAt: Date | null;
}

interface Kept {
  readonly record: KeyRecord;
  readonly readAt: number;
  usedAt: number;
}

const KEPT_MAX = 1_000;
const USE_WRITTEN_EACH_MS = 60_000;
const DEFAULT_EFFECTS: KeyCheckEffects = { now: () => new Date(), believedMs: 1_000, onError: () => undefined };

const FIND = prepared(
  'access_find_api_key',
  `select id, name, role, digest, expires_at as "expiresAt", revoked_at as "revokedAt", last_used_at as "lastUsedAt"
     from api_keys where prefix = $1`,
);
const USED = prepared('access_api_key_used', 'update api_keys set last_used_at = $2 where id = $1');

/**
 * Follows the keys of a database. A record that was read is kept for a second, so that a busy key costs no round trip a
 * request, and is dropped when any server says that it has changed: a revoked key ends at once, and within that second
 * when the connection that says so is lost.
 */
export async function createKeyCheck(
  database: Database,
  { processKeys = [] }: KeyCheckOptions = {},
  given: Partial<KeyCheckEffects> = {},
): Promise<KeyCheck> {
  const effects = { ...DEFAULT_EFFECTS, ...given };
  const kept = new Map<string, Kept>();
  const changes = { count: 0 };
  const writing = new Set<Promise<unknown>>();
  const stop = await database.listen(API_KEYS_CHANNEL, (payload) => {
    const [prefix = ''] = payload.split(' ');
    changes.count += 1;
    kept.delete(prefix);
  });

  async function find(prefix: string, nowMs: number): Promise<Kept | undefined> {
    const known = kept.get(prefix);
    if (known !== undefined && nowMs - known.readAt < effects.believedMs) return known;
    const before = changes.count;
    const [record] = await database.query<KeyRecord>(FIND, [prefix]);
    if (record === undefined) return undefined;
    const found = { record, readAt: nowMs, usedAt: Math.max(record.lastUsedAt?.getTime() ?? 0, known?.usedAt ?? 0) };
    kept.delete(prefix);
    // What was read may be older than a change that came meanwhile.
    if (before === changes.count) kept.set(prefix, found);
    const [oldest] = kept.size > KEPT_MAX ? kept.keys() : [];
    if (oldest !== undefined) kept.delete(oldest);
    return found;
  }

  function noteUse(used: Kept, now: Date): void {
    if (now.getTime() - used.usedAt < USE_WRITTEN_EACH_MS) return;
    used.usedAt = now.getTime();
    const written = database.query(USED, [used.record.id, now]).catch(effects.onError);
    writing.add(written);
    void written.finally(() => writing.delete(written));
  }

  async function checkStored({ prefix, secret }: KeyParts): Promise<KeyAnswer> {
    const now = effects.now();
    const found = await find(prefix, now.getTime());
    if (found === undefined || !isSameDigest(found.record.digest, digestOfSecret(secret))) return { kind: 'unknown' };
    const { id, name, role, expiresAt, revokedAt } = found.record;
    if (revokedAt !== null) return { kind: 'revoked', prefix, at: revokedAt };
    if (expiresAt !== null && expiresAt <= now) return { kind: 'expired', prefix, at: expiresAt };
    noteUse(found, now);
    return { kind: 'valid', identity: { kind: 'key', id, name, role } };
  }

  return {
    check: async (text) => {
      const parts = maybeKeyParts(text);
      if (parts === undefined) return { kind: 'unknown' };
      const own = processKeys.find(({ prefix }) => prefix === parts.prefix);
      if (own === undefined) return checkStored(parts);
      const isValid = isSameDigest(own.digest, digestOfSecret(parts.secret));
      return isValid ? { kind: 'valid', identity: own.identity } : { kind: 'unknown' };
    },
    close: async () => {
      await stop();
      await Promise.all(writing);
    },
  };
}
