import { IdentityProvider, Logins, type LoginsEffects } from '#access';
import type { ServerAccess } from '#server';
import type { Database } from '#store';
import type { Config } from '../project/config.ts';
import { UsageError } from '../project/errors.ts';

/** How people log in, by the settings. `effects` remember attempts, also when a changed project is loaded. */
export function loginsOf(
  { access }: Pick<Config, 'access'>,
  database: Database,
  effects: LoginsEffects,
): Pick<ServerAccess, 'logins' | 'provider'> {
  const { sessionHours, idleMinutes, oidc } = access;
  const logins = new Logins({ database, lifetimes: { hours: sessionHours, idleMinutes } }, effects);
  if (oidc.issuer === '') return { logins };
  if (oidc.clientId === '' || oidc.clientSecret === '')
    throw new UsageError(
      'config_invalid',
      'Expected access.oidc.clientId and access.oidc.clientSecret beside access.oidc.issuer; at least one is empty. Register Weir at the identity provider, which gives both.',
    );
  const { title, ...settings } = oidc;
  return { logins, provider: { title, client: new IdentityProvider(settings, () => new Date()) } };
}
