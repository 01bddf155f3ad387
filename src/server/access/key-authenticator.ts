import type { FastifyInstance, FastifyRequest } from 'fastify';
import { createKeyCheck, type KeyAnswer, type KeyCheck } from '#access';
import type { ServerOptions } from '../options.ts';
import type { Authenticator } from './authenticator.ts';
import { loginRequired } from './login-required.ts';

/** API keys, in the header `authorization: Bearer weir_…` or `x-api-key`. */
export function keyAuthenticator(
  app: FastifyInstance,
  { database, access }: Pick<ServerOptions, 'database' | 'access'>,
): Authenticator {
  let keys: KeyCheck | undefined;
  app.addHook('onReady', async () => {
    const onError = (err: unknown): void => app.log.warn({ err }, 'the last use of an API key could not be written');
    keys = await createKeyCheck(database, { processKeys: access?.processKeys ?? [] }, { onError });
  });
  app.addHook('preClose', async () => keys?.close());
  return {
    identify: async (request) => {
      const text = maybeKey(request);
      if (text === undefined || keys === undefined) return undefined;
      const answer = await keys.check(text);
      if (answer.kind === 'valid') return answer.identity;
      throw loginRequired(messageOf(answer), { error: 'invalid_token' });
    },
  };
}

function maybeKey({ headers }: FastifyRequest): string | undefined {
  const [, token] = /^bearer +([^ ].*)$/i.exec(headers.authorization?.trim() ?? '') ?? [];
  return token ?? [headers['x-api-key']].flat()[0];
}

/** Only whoever has the whole key learns more than that it is not valid. */
function messageOf(answer: Exclude<KeyAnswer, { kind: 'valid' }>): string {
  if (answer.kind === 'unknown')
    return 'Expected an API key of this server, such as weir_<prefix>_<secret>; the key that came is not one. Ask an admin for a key.';
  const word = answer.kind === 'expired' ? 'expired' : 'was revoked';
  return `The API key ${answer.prefix} ${word} on ${answer.at.toISOString()}. Ask an admin for another.`;
}
