import type { FastifyRequest } from 'fastify';
import { type Identity, LOCAL_IDENTITY } from '#access';
import type { ServerOptions } from '../options.ts';

/** One way to say who sends a request, such as an API key or a session. */
export interface Authenticator {
  /** Undefined for a request without credentials of this kind; throws `login_required` for credentials that are not valid. */
  identify(request: FastifyRequest): Promise<Identity | undefined> | Identity | undefined;
}

const local: Authenticator = { identify: () => LOCAL_IDENTITY };

/** How the server finds out who sends a request, first the way that is tried first. */
export function authenticatorsOf({ access }: Pick<ServerOptions, 'access'>): readonly Authenticator[] {
  return access?.isLoginRequired === true ? [] : [local];
}
