import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AccessError, OidcRefusal, type OidcTransaction, recordChange, takeProvidedUser } from '#access';
import { type LoginProblem, loginPath, OIDC_CALLBACK_PATH, OIDC_START_PATH, pages } from '#api';
import type { Database } from '#store';
import type { ServerLogins } from '../access/logins-of.ts';
import type { RouteContext } from './context.ts';
import { clientOf } from './sessions.ts';

const PATH_LENGTH_MAX = 500;
const SEE_OTHER = 303;

/** The way of a browser to the identity provider and back. It ends at a page, also when there is no session. */
export function registerOidc(app: FastifyInstance, { access, database }: RouteContext): void {
  const { provider, cookies, logins } = access;
  const open = { config: { access: 'anyone' }, schema: { hide: true } } as const;
  app.get<{ Querystring: { to?: unknown } }>(OIDC_START_PATH, open, (request, reply) =>
    orProblem(request, reply, async () => {
      if (provider === undefined) throw new OidcRefusal('oidc_absent', 'The settings name no identity provider.');
      const { url, transaction } = await provider.client.start(callbackUrl(request, access));
      cookies.oidc.write(reply, toText({ ...transaction, to: toOwnPath(request.query.to) }));
      return url;
    }),
  );
  app.get(OIDC_CALLBACK_PATH, open, (request, reply) =>
    orProblem(request, reply, async () => {
      const kept = maybeKept(cookies.oidc.read(request));
      cookies.oidc.remove(reply);
      if (provider === undefined || kept === undefined)
        throw new OidcRefusal('oidc_expired', 'This browser has begun no login, or too long ago.');
      const { search } = new URL(request.url, 'http://localhost');
      const user = await provider.client.finish(`${callbackUrl(request, access)}${search}`, kept);
      const session = await takeProvidedUser(database, user)
        .then((id) => logins.startFor(id, clientOf(request, access)))
        .catch(async (error: unknown) => {
          if (error instanceof AccessError)
            await record(database, { request, name: user.name, outcome: 'refused', code: problemOf(error) });
          throw error;
        });
      await record(database, { request, id: session.userId, name: session.name, outcome: 'done' });
      cookies.session.write(reply, session.token);
      return kept.to;
    }),
  );
}

const problemOf = (error: AccessError): LoginProblem =>
  error instanceof OidcRefusal ? error.problem : 'user_disabled';

interface Login {
  readonly request: FastifyRequest;
  readonly id?: string;
  readonly name: string;
  readonly outcome: 'done' | 'refused';
  readonly code?: string;
}

/** In the audit log, as logins with a password are. What no provider vouches for is not: anybody could fill it. */
function record(database: Database, { request, id, name, ...outcome }: Login): Promise<void> {
  const actor = { kind: id === undefined ? 'anonymous' : 'user', id: id ?? null, name, address: request.ip } as const;
  return recordChange(database, { actor, action: 'logInAtProvider', requestId: request.id, ...outcome });
}

/** Sends the browser on; to the login page, with the reason, when there is no session. */
async function orProblem(
  request: FastifyRequest,
  reply: FastifyReply,
  next: () => Promise<string>,
): Promise<FastifyReply> {
  try {
    return reply.redirect(await next(), SEE_OTHER);
  } catch (error) {
    if (!(error instanceof AccessError)) throw error;
    const problem = problemOf(error);
    request.log.warn({ err: error, problem }, 'a login at the identity provider came to no session');
    return reply.redirect(loginPath(problem), SEE_OTHER);
  }
}

/** The identity provider compares it with the one that it was given, letter by letter. */
function callbackUrl({ headers }: FastifyRequest, { url }: ServerLogins): string {
  return new URL(OIDC_CALLBACK_PATH, url ?? `http://${headers.host}`).href;
}

/** A path of this server; whatever could lead to another one becomes the first page. */
function toOwnPath(to: unknown): string {
  const isOwn = typeof to === 'string' && to.length <= PATH_LENGTH_MAX && /^\/(?![/\\])[^\\\p{Cc}]*$/u.test(to);
  return isOwn ? to : pages.home;
}

type Kept = OidcTransaction & { readonly to: string };

const toText = (kept: Kept): string => Buffer.from(JSON.stringify(kept)).toString('base64url');

/** Only this browser could have changed it, and it harms nobody but itself: the provider's answer must fit it. */
function maybeKept(text: string | undefined): Kept | undefined {
  if (text === undefined) return undefined;
  try {
    const { state, nonce, verifier, to } = Object(JSON.parse(Buffer.from(text, 'base64url').toString()));
    const isWhole = [state, nonce, verifier].every((each) => typeof each === 'string' && each !== '');
    return isWhole ? { state, nonce, verifier, to: toOwnPath(to) } : undefined;
  } catch {
    return undefined;
  }
}
