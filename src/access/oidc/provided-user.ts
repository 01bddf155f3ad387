import type { Database, Queryable } from '#store';
import { endSessions } from '../sessions/sessions.ts';
import { OidcRefusal, type ProvidedUser } from './identity-provider.ts';

interface KnownUser {
  readonly id: string;
  readonly role: string;
  readonly isDisabled: boolean;
}

/**
 * The user whom the provider vouches for, with the role of their groups now. They are told by issuer and subject, never
 * by name or mail address, which may belong to a user with a password. Throws an OidcRefusal.
 */
export async function takeProvidedUser(database: Database, provided: ProvidedUser): Promise<string> {
  const { issuer, subject, email, role } = provided;
  const outcome = await database.transaction(async (tx) => {
    // Two first logins at once make one user.
    await tx.query('select pg_advisory_xact_lock(hashtext($1))', [`user ${issuer} ${subject}`]);
    const [known] = await tx.query<KnownUser>(
      `select id, role, disabled_at is not null as "isDisabled" from users where oidc_issuer = $1 and oidc_subject = $2 for update`,
      [issuer, subject],
    );
    // Whoever lost their groups loses their sessions too.
    if (known !== undefined && known.role !== role) await endSessions(tx, known.id);
    if (known?.isDisabled) return 'user_disabled';
    if (role === undefined) return 'group_missing';
    if (known === undefined) return { id: await insertProvided(tx, { ...provided, role }) };
    await tx.query('update users set role = $2, email = $3 where id = $1', [known.id, role, email]);
    return { id: known.id };
  });
  if (outcome === 'user_disabled') throw new OidcRefusal(outcome, 'The user is disabled.');
  if (outcome === 'group_missing') throw new OidcRefusal(outcome, 'The user is in no group that has a role here.');
  return outcome.id;
}

/** A name that is taken gets its provider behind it: on record no two users have the same. */
async function insertProvided(tx: Queryable, { issuer, subject, name, email, role }: ProvidedUser): Promise<string> {
  const { host } = new URL(issuer);
  for (const free of [name, `${name} (${host})`, `${name} (${host}, ${subject})`]) {
    const [added] = await tx.query<{ id: string }>(
      `insert into users (name, email, role, oidc_issuer, oidc_subject) values ($1, $2, $3, $4, $5)
       on conflict do nothing returning id`,
      [free, email, role, issuer, subject],
    );
    if (added !== undefined) return added.id;
  }
  throw new OidcRefusal('oidc_invalid', 'The name of the user is taken. Ask an admin.');
}
