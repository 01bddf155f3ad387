import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Identity, isAllowed } from '#access';
import type { Access } from '#api';
import type { Authenticator } from '../access/authenticator.ts';
import { loginRequired } from '../access/login-required.ts';
import { ServerError, type ServerErrorCode } from '../errors.ts';
import { toServerError } from '../to-server-error.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may use the route. One without it does not register. */
    readonly access?: Access;
  }
  interface FastifyRequest {
    /** Who sends the request; undefined only for routes that anyone may use. */
    identity: Identity | undefined;
  }
}

/** Why it is not known who sends a request. */
const UNIDENTIFIED: readonly ServerErrorCode[] = ['login_required', 'database_unreachable'];

export interface RouteAccess {
  /** Gives this access to the routes that a package registers meanwhile, which know nothing of it. */
  grant<T>(access: Access, register: () => PromiseLike<T>): Promise<T>;
}

/**
 * Says of each request who sends it, by the first authenticator that knows, and refuses what its role does not allow.
 * Call it before the first route.
 */
export function registerAccess(app: FastifyInstance, authenticators: readonly Authenticator[]): RouteAccess {
  let granted: Access | undefined;
  app.decorateRequest('identity', undefined);
  app.addHook('onRoute', (route) => {
    const access = route.config?.access ?? granted;
    if (access === undefined)
      throw new Error(`Expected config.access of the route ${route.method} ${route.url}, such as 'viewer'; got none.`);
    route.config = { ...route.config, access };
  });
  app.addHook('onRequest', async (request) => {
    // Pages of the web app, and refusals of what does not exist.
    if (request.is404) return;
    // No route is without access; if one were, only an admin might use it.
    const { access = 'admin' } = request.routeOptions.config;
    request.identity = await identify(request, authenticators).catch((error: unknown) => asStranger(error, access));
    assertAllowed(request.identity, access);
  });
  return {
    grant: async (access, register) => {
      granted = access;
      try {
        return await register();
      } finally {
        granted = undefined;
      }
    },
  };
}

async function identify(
  request: FastifyRequest,
  authenticators: readonly Authenticator[],
): Promise<Identity | undefined> {
  for (const each of authenticators) {
    const identity = await each.identify(request);
    if (identity !== undefined) return identity;
  }
  return undefined;
}

/** Health is answered to anyone, also to somebody whose key has expired, or cannot be looked up in the database. */
function asStranger(error: unknown, access: Access): undefined {
  if (access !== 'anyone' || !UNIDENTIFIED.includes(toServerError(error).code)) throw error;
}

function assertAllowed(identity: Identity | undefined, access: Access): void {
  if (isAllowed(identity, access)) return;
  if (identity === undefined) throw loginRequired();
  throw new ServerError(
    'role_insufficient',
    `Expected the role ${access} or more; ${identity.name} has the role ${identity.role}. Ask an admin for another role, or use another key.`,
  );
}
