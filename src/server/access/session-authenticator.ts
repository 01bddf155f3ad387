import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isCsrfTokenOf, type Session } from '#access';
import { CSRF_HEADER, routes } from '#api';
import { ServerError } from '../errors.ts';
import type { Authenticator } from './authenticator.ts';
import type { ServerLogins } from './logins-of.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The session that the request was made with; undefined with a key, and without a login. */
    session: (Session & { readonly token: string }) | undefined;
  }
}

const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS'];
/** They start a session, so there need be none whose token could be known. The guard refuses other origins here too. */
const STARTING: readonly string[] = [routes.logIn.path, routes.setUp.path];

/** Sessions of users, by the cookie. Requests that change something also carry the token of the session. */
export function sessionAuthenticator(app: FastifyInstance, { logins, cookies }: ServerLogins): Authenticator {
  app.decorateRequest('session', undefined);
  return {
    identify: async (request) => {
      const token = cookies.session.read(request);
      const session = token === undefined ? undefined : await logins.sessions.find(token);
      if (token === undefined || session === undefined) return undefined;
      assertOwnToken(request, token);
      request.session = { ...session, token };
      return { kind: 'user', id: session.userId, name: session.name, role: session.role };
    },
  };
}

function assertOwnToken({ method, headers, routeOptions }: FastifyRequest, token: string): void {
  if (SAFE_METHODS.includes(method) || STARTING.includes(routeOptions.url ?? '')) return;
  const [given = ''] = [headers[CSRF_HEADER]].flat();
  if (isCsrfTokenOf(token, given)) return;
  throw new ServerError(
    'csrf_refused',
    `Expected the header ${CSRF_HEADER} with the token of this session; ${given === '' ? 'none' : 'another one'} came. GET ${routes.session.path} has it; a program uses an API key instead.`,
  );
}
