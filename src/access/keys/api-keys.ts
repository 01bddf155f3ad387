import type { Role } from '#api';
import { type Database, type PagedList, type PageRequest, type Queryable, readPage } from '#store';
import { AccessError } from '../errors.ts';
import { digestOfSecret } from '../secret.ts';
import { newKeyParts, toKeyText } from './key-text.ts';

/** An API key as admins see it; its secret is not stored. */
export interface ApiKey {
  readonly id: string;
  readonly prefix: string;
  readonly name: string;
  readonly role: Role;
  readonly createdAt: Date;
  readonly createdBy: string;
  /** Null for a key that does not expire. */
  readonly expiresAt: Date | null;
  /** To the minute. */
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
  readonly revokedBy: string | null;
}

/** Servers get prefix and id of a key that was revoked. */
export const API_KEYS_CHANNEL = 'weir_api_keys';

export type ApiKeysOrder = 'created' | 'name';

const COLUMNS = `id, prefix, name, role, created_at as "createdAt", created_by as "createdBy", expires_at as "expiresAt",
  last_used_at as "lastUsedAt", revoked_at as "revokedAt", revoked_by as "revokedBy"`;

const KEYS: PagedList<ApiKeysOrder> = {
  name: 'API keys',
  table: 'api_keys',
  columns: COLUMNS,
  id: { sql: 'id', type: 'bigint' },
  orders: { created: { sql: 'created_at', type: 'timestamptz' }, name: { sql: 'lower(name)', type: 'text' } },
  sort: '-created',
  text: "concat_ws(' ', name, prefix, role, created_by)",
};

export const listApiKeys = (database: Queryable, request: PageRequest<ApiKeysOrder>) =>
  readPage<ApiKey, ApiKeysOrder>(database, KEYS, { request });

export interface NewApiKey {
  readonly name: string;
  readonly role: Role;
  readonly by: string;
  /** Null for a key that does not expire. */
  readonly expiresAt: Date | null;
}

/** Creates a key. Its text is in the result and nowhere else. */
export async function createApiKey(
  database: Queryable,
  { name, role, by, expiresAt }: NewApiKey,
): Promise<{ readonly apiKey: ApiKey; readonly text: string }> {
  const parts = newKeyParts();
  const [apiKey] = await database.query<ApiKey>(
    `insert into api_keys (prefix, name, role, digest, created_by, expires_at) values ($1, $2, $3, $4, $5, $6)
     returning ${COLUMNS}`,
    [parts.prefix, name, role, digestOfSecret(parts.secret), by, expiresAt],
  );
  if (apiKey === undefined) throw new Error('Expected the row of the new key; the database gave none.');
  return { apiKey, text: toKeyText(parts) };
}

/** Ends a key, by its id or its prefix, on every server of the database. */
export async function revokeApiKey(
  database: Queryable,
  { key, by }: { readonly key: string; readonly by: string },
): Promise<ApiKey> {
  const [revoked] = await database.query<ApiKey>(
    `with revoked as (
       update api_keys set revoked_at = now(), revoked_by = $2
        where (id::text = $1 or prefix = $1) and revoked_at is null returning *
     )
     select ${COLUMNS}, pg_notify('${API_KEYS_CHANNEL}', prefix || ' ' || id) from revoked`,
    [key, by],
  );
  if (revoked !== undefined) return revoked;
  const [known] = await database.query<ApiKey>(`select ${COLUMNS} from api_keys where id::text = $1 or prefix = $1`, [
    key,
  ]);
  if (known?.revokedAt == null)
    throw new AccessError('api_key_unknown', `Expected the id or prefix of an API key; got ${JSON.stringify(key)}.`);
  throw new AccessError(
    'api_key_unchanged',
    `The key ${known.prefix} (${known.name}) was revoked on ${known.revokedAt.toISOString()} by ${known.revokedBy}.`,
  );
}

/** Ends all keys that somebody created, on every server of the database. */
export async function revokeApiKeysOf(
  queryable: Queryable,
  { createdBy, by }: { readonly createdBy: string; readonly by: string },
): Promise<void> {
  await queryable.query(
    `with revoked as (
       update api_keys set revoked_at = now(), revoked_by = $2
        where created_by = $1 and revoked_at is null returning id, prefix
     )
     select pg_notify('${API_KEYS_CHANNEL}', prefix || ' ' || id) from revoked`,
    [createdBy, by],
  );
}

/** Calls back with the id of each key that any server revokes from now on; the result stops it. */
export function followRevocations(database: Database, onRevoked: (id: string) => void): Promise<() => Promise<void>> {
  return database.listen(API_KEYS_CHANNEL, (payload) => {
    const [, id] = payload.split(' ');
    if (id !== undefined) onRevoked(id);
  });
}
