import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AccessError, csrfTokenOf, type LoginClient, type Session, type StartedSession } from '#access';
import { OIDC_START_PATH, routes, type SessionAnswer } from '#api';
import { loginRequired } from '../access/login-required.ts';
import type { ServerLogins } from '../access/logins-of.ts';
import { ServerError } from '../errors.ts';
import { toServerError } from '../to-server-error.ts';
import type { RouteContext } from './context.ts';
import { fulfil } from './fulfil.ts';

/** Logins and the sessions of who asks. */
export function registerSessions(app: FastifyInstance, { access }: RouteContext): void {
  const { logins, cookies } = access;
  const started = (request: FastifyRequest, reply: FastifyReply, session: StartedSession): SessionAnswer => {
    cookies.session.write(reply, session.token);
    // The audit log names who has logged in.
    request.identity = identityOf(session);
    return toAnswer(access, { identity: request.identity, session });
  };
  fulfil(app, routes.session, { handle: ({ request }) => toAnswer(access, request) });
  fulfil(app, routes.logIn, {
    handle: async ({ request, reply, body }) =>
      started(request, reply, await answered(logins.logIn({ ...body, ...clientOf(request, access) }))),
  });
  fulfil(app, routes.setUp, {
    handle: async ({ request, reply, body }) =>
      started(request, reply, await answered(logins.setUp({ ...body, ...clientOf(request, access) }))),
  });
  fulfil(app, routes.changePassword, {
    handle: async ({ request, reply, body: { presentPassword: present, nextPassword: next } }) => {
      const session = assertSession(request);
      return started(
        request,
        reply,
        await answered(logins.changePassword(session, { present, next, ...clientOf(request, access) })),
      );
    },
  });
  registerEnds(app, access);
}

function registerEnds(app: FastifyInstance, access: ServerLogins): void {
  const { logins, cookies } = access;
  fulfil(app, routes.logOut, {
    handle: async ({ request, reply, body: { everywhere } }) => {
      const { session } = request;
      if (session !== undefined) {
        if (everywhere) await logins.sessions.endAll(session.userId);
        else await logins.sessions.end(session.userId, session.id);
      }
      cookies.session.remove(reply);
      const identity = request.identity?.kind === 'user' ? undefined : request.identity;
      return toAnswer(access, { identity, session: undefined });
    },
  });
  const list = async ({ identity, session }: FastifyRequest) => {
    const found = identity?.kind === 'user' ? await logins.sessions.list(identity.id) : [];
    return {
      items: found.map(({ createdAt, seenAt, endsAt, ...each }) => ({
        ...each,
        isPresent: each.id === session?.id,
        createdAt: createdAt.toISOString(),
        seenAt: seenAt.toISOString(),
        endsAt: endsAt.toISOString(),
      })),
    };
  };
  fulfil(app, routes.ownSessions, { handle: ({ request }) => list(request) });
  fulfil(app, routes.endOwnSession, {
    handle: async ({ request, reply, params: { id } }) => {
      if (request.identity?.kind === 'user') await logins.sessions.end(request.identity.id, id);
      if (request.session?.id === id) cookies.session.remove(reply);
      return list(request);
    },
  });
}

/** From where a login comes. */
export function clientOf(request: FastifyRequest, { cookies }: ServerLogins): LoginClient {
  return {
    address: request.ip,
    browser: request.headers['user-agent'] ?? '',
    replaces: cookies.session.read(request),
  };
}

interface Asking {
  readonly identity: FastifyRequest['identity'];
  readonly session: (Session & { readonly token: string }) | undefined;
}

function toAnswer({ isRequired, provider }: ServerLogins, { identity, session }: Asking): SessionAnswer {
  return {
    identity: identity ?? null,
    csrfToken: session === undefined ? null : csrfTokenOf(session.token),
    session:
      session === undefined
        ? null
        : {
            id: session.id,
            endsAt: session.endsAt.toISOString(),
            idleEndsAt: session.idleEndsAt.toISOString(),
            hasPassword: session.hasPassword,
          },
    login: {
      isRequired,
      hasPasswords: true,
      oidc: provider === undefined ? null : { title: provider.title, path: OIDC_START_PATH },
    },
  };
}

const identityOf = ({ userId, name, role }: Session) => ({ kind: 'user', id: userId, name, role }) as const;

function assertSession({ session }: FastifyRequest): Session {
  if (session !== undefined) return session;
  throw loginRequired('Expected a user who has logged in; a program or a machine without login has no password.');
}

/** Adds the headers that refusals of logins need. */
async function answered<T>(login: Promise<T>): Promise<T> {
  try {
    return await login;
  } catch (cause) {
    if (!(cause instanceof AccessError)) throw cause;
    const { code, message } = toServerError(cause);
    const headers = {
      ...(cause.retryAfterSeconds === undefined ? {} : { 'retry-after': String(cause.retryAfterSeconds) }),
      ...(code === 'login_refused' ? { 'www-authenticate': 'Session realm="Weir"' } : {}),
    };
    throw new ServerError(code, message, { cause, headers });
  }
}
