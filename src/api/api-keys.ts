import { z } from 'zod';
import { listCursor, listSearch, listSort, pageSize } from './list-query.ts';
import { numberId } from './number-id.ts';
import { recordedChange } from './recorded-change.ts';
import { role } from './roles.ts';

const NAME_LENGTH_MAX = 100;
const time = z.iso.datetime();

export const apiKey = z
  .object({
    id: numberId,
    prefix: z
      .string()
      .meta({ description: 'The part of the key by which people tell it from others: weir_<prefix>_…' }),
    name: z.string(),
    role,
    state: z.enum(['active', 'expired', 'revoked']),
    createdAt: time,
    createdBy: z.string(),
    expiresAt: time.nullable().meta({ description: 'Null for a key that does not expire' }),
    lastUsedAt: time.nullable().meta({ description: 'To the minute; null for a key that was never used' }),
    revoked: z.object({ at: time, by: z.string() }).nullable(),
  })
  .meta({ id: 'ApiKey' });
export const apiKeysSort = ['created', 'name'] as const;
export const apiKeysQuery = z.strictObject({
  search: listSearch,
  sort: listSort(apiKeysSort),
  cursor: listCursor(['-created', '2026-03-01T12:00:00.000000Z', '1']),
  limit: pageSize(200),
});
export const apiKeys = z.object({ items: z.array(apiKey), nextCursor: z.string().nullable() }).meta({ id: 'ApiKeys' });

/** What the program that uses a key is called; on record as the actor of its changes. */
export const apiKeyName = z
  .string()
  .trim()
  .min(1)
  .max(NAME_LENGTH_MAX)
  .regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u, 'a name without control characters')
  .meta({ description: 'The program that uses the key; on record for its changes', examples: ['checkout service'] });
export const newApiKeyBody = z.strictObject({
  ...recordedChange,
  name: apiKeyName,
  role,
  expiresAt: z.iso
    .datetime({ offset: true })
    .nullable()
    .meta({
      description: 'When the key ends; null for a key that does not expire',
      examples: ['2030-01-01T00:00:00Z'],
    }),
});
export const newApiKey = z
  .object({
    apiKey,
    secret: z.string().meta({ description: 'The whole key, for the header `authorization: Bearer …`; shown only now' }),
  })
  .meta({ id: 'NewApiKey' });
export const apiKeyPath = z.object({ id: numberId });
export const apiKeyRevocation = z.strictObject(recordedChange);

/** The endpoints of API keys; `routes` has them with all others. */
export const apiKeyRoutes = {
  apiKeys: {
    method: 'GET',
    path: '/api/keys',
    tag: 'access',
    access: 'admin',
    summary: 'API keys, newest first, also expired and revoked ones',
    query: apiKeysQuery,
    answer: apiKeys,
  },
  createApiKey: {
    method: 'POST',
    path: '/api/keys',
    tag: 'access',
    access: 'admin',
    summary: 'Create an API key for a program; the answer is the only one that has the whole key',
    body: newApiKeyBody,
    answer: newApiKey,
    holdsSecret: true,
  },
  revokeApiKey: {
    method: 'POST',
    path: '/api/keys/:id/revoke',
    tag: 'access',
    access: 'admin',
    summary: 'Revoke an API key: it ends at once, on every server of the database',
    params: apiKeyPath,
    body: apiKeyRevocation,
    answer: apiKey,
  },
} as const;

export type ApiKey = z.infer<typeof apiKey>;
