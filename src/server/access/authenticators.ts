import type { FastifyInstance } from 'fastify';
import { LOCAL_IDENTITY } from '#access';
import type { ServerOptions } from '../options.ts';
import type { Authenticator } from './authenticator.ts';
import { keyAuthenticator } from './key-authenticator.ts';
import type { ServerLogins } from './logins-of.ts';
import { sessionAuthenticator } from './session-authenticator.ts';

const local: Authenticator = { identify: () => LOCAL_IDENTITY };

/** How the server finds out who sends a request, first the way that is tried first. */
export function authenticatorsOf(
  app: FastifyInstance,
  options: Pick<ServerOptions, 'access' | 'database'>,
  logins: ServerLogins,
): readonly Authenticator[] {
  return logins.isRequired ? [keyAuthenticator(app, options), sessionAuthenticator(app, logins)] : [local];
}
