import { type IdentityProvider, Logins } from '#access';
import type { ServerOptions } from '../options.ts';
import { type LoginCookies, loginCookies } from './session-cookie.ts';

const HOURS = 12;
const IDLE_MINUTES = 60;

/** How people log in at this server. */
export interface ServerLogins {
  readonly logins: Logins;
  readonly cookies: LoginCookies;
  readonly isRequired: boolean;
  readonly provider: { readonly title: string; readonly client: IdentityProvider } | undefined;
  /** Address that people use, when it is not the one of the request. */
  readonly url: string | undefined;
}

/** The logins of the options; without some, those of a server that listens on loopback. */
export function loginsOf({
  database,
  access,
  reach,
}: Pick<ServerOptions, 'database' | 'access' | 'reach'>): ServerLogins {
  const { provider, isLoginRequired = false } = access ?? {};
  const { url, tls } = reach ?? {};
  const isSecure = url === undefined ? tls !== undefined : url.startsWith('https:');
  return {
    logins: access?.logins ?? new Logins({ database, lifetimes: { hours: HOURS, idleMinutes: IDLE_MINUTES } }),
    cookies: loginCookies({ isSecure }),
    isRequired: isLoginRequired,
    provider,
    url,
  };
}
