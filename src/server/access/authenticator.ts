import type { FastifyRequest } from 'fastify';
import type { Identity } from '#access';

/** One way to say who sends a request, such as an API key or a session. */
export interface Authenticator {
  /** Undefined for a request without credentials of this kind; throws `login_required` for credentials that are not valid. */
  identify(request: FastifyRequest): Promise<Identity | undefined> | Identity | undefined;
}
