import type { FastifyInstance } from 'fastify';
import { type ApiKey, createApiKey, listApiKeys, revokeApiKey } from '#access';
import { type ApiKey as ApiKeyAnswer, routes } from '#api';
import { ServerError } from '../errors.ts';
import type { RouteContext } from './context.ts';
import { fulfil } from './fulfil.ts';

export function registerApiKeys(app: FastifyInstance, { database }: RouteContext): void {
  fulfil(app, routes.apiKeys, {
    handle: async ({ query }) => {
      const { items, nextCursor } = await listApiKeys(database, query);
      return { items: items.map(toAnswer), nextCursor };
    },
  });
  fulfil(app, routes.createApiKey, {
    handle: async ({ body: { name, role, by, expiresAt }, database: inside }) => {
      const ends = expiresAt === null ? null : new Date(expiresAt);
      if (ends !== null && ends <= new Date())
        throw new ServerError('period_invalid', `Expected expiresAt in the future; got ${expiresAt}.`);
      const { apiKey, text } = await createApiKey(inside, { name, role, by, expiresAt: ends });
      return { apiKey: toAnswer(apiKey), secret: text };
    },
  });
  fulfil(app, routes.revokeApiKey, {
    handle: async ({ params, body, database: inside }) =>
      toAnswer(await revokeApiKey(inside, { key: params.id, by: body.by })),
  });
}

function toAnswer({ createdAt, expiresAt, lastUsedAt, revokedAt, revokedBy, ...key }: ApiKey): ApiKeyAnswer {
  return {
    ...key,
    state: stateOf({ expiresAt, revokedAt }),
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt?.toISOString() ?? null,
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
    revoked: revokedAt === null ? null : { at: revokedAt.toISOString(), by: revokedBy ?? '' },
  };
}

function stateOf({ expiresAt, revokedAt }: Pick<ApiKey, 'expiresAt' | 'revokedAt'>): ApiKeyAnswer['state'] {
  if (revokedAt !== null) return 'revoked';
  return expiresAt !== null && expiresAt <= new Date() ? 'expired' : 'active';
}
