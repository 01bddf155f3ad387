import type { FastifyReply, FastifyRequest } from 'fastify';

/** How long somebody may take to log in at the identity provider. */
const OIDC_SECONDS = 600;

/** The cookies of logins. With https their names keep other hosts of the domain from setting them. */
export interface LoginCookies {
  readonly session: LoginCookie;
  /** What the browser keeps while it is at the identity provider. */
  readonly oidc: LoginCookie;
}

export interface LoginCookie {
  read(request: FastifyRequest): string | undefined;
  write(reply: FastifyReply, value: string): void;
  remove(reply: FastifyReply): void;
}

/** The cookies of a server that people reach by https or not. */
export function loginCookies({ isSecure }: { readonly isSecure: boolean }): LoginCookies {
  return {
    // Ends with the browser; the server ends the session in any case.
    session: cookie({ name: 'weir', isSecure }),
    oidc: cookie({ name: 'weir-login', isSecure, maxAgeSeconds: OIDC_SECONDS }),
  };
}

interface CookieOptions {
  readonly name: string;
  readonly isSecure: boolean;
  readonly maxAgeSeconds?: number;
}

function cookie({ name: plain, isSecure, maxAgeSeconds }: CookieOptions): LoginCookie {
  const name = isSecure ? `__Host-${plain}` : plain;
  // Lax: links from mails and the way back from the identity provider carry the cookie, forged changes do not.
  const attributes = ['Path=/', 'HttpOnly', 'SameSite=Lax', ...(isSecure ? ['Secure'] : [])];
  const set = (reply: FastifyReply, value: string, more: readonly string[]): void =>
    void reply.header('set-cookie', [`${name}=${value}`, ...attributes, ...more].join('; '));
  return {
    read: ({ headers }) => maybeCookie(headers.cookie ?? '', name),
    write: (reply, value) => set(reply, value, maxAgeSeconds === undefined ? [] : [`Max-Age=${maxAgeSeconds}`]),
    remove: (reply) => set(reply, '', ['Max-Age=0']),
  };
}

function maybeCookie(header: string, name: string): string | undefined {
  const pair = header.split(';').find((each) => each.trimStart().startsWith(`${name}=`));
  return pair?.trim().slice(name.length + 1) || undefined;
}
