import type { Queryable } from '#store';
import { AccessError } from '../errors.ts';
import { digestOfSecret, newSecret } from '../secret.ts';
import { isToken } from '../sessions/session-token.ts';
import { isWorkingAdmin } from './user.ts';

const LINK_HOURS = 72;
const HOUR_MS = 3_600_000;

/** What makes a link that works once, to hand over to a user. */
export interface SetupLink {
  /** Not stored. */
  readonly token: string;
  readonly expiresAt: Date;
}

/** Makes the link with which a user sets their password; an earlier one of the user ends. */
export async function createSetupLink(queryable: Queryable, userId: string, now: Date): Promise<SetupLink> {
  const token = newSecret();
  const expiresAt = new Date(now.getTime() + LINK_HOURS * HOUR_MS);
  await queryable.query('delete from setup_tokens where user_id = $1', [userId]);
  await queryable.query('insert into setup_tokens (digest, user_id, created_at, expires_at) values ($1, $2, $3, $4)', [
    ...[digestOfSecret(token), userId, now, expiresAt],
  ]);
  return { token, expiresAt };
}

/** A link of the first start, without a user, counts until there is an admin who can log in. */
const VALID = `digest = $1 and used_at is null and expires_at > $2 and (user_id is not null or not exists (
  select from users where ${isWorkingAdmin('users')}))`;

/** Whose link it is; both null for the link of the first start. Throws `setup_link_invalid`. */
export async function readSetupLink(queryable: Queryable, token: string, now: Date): Promise<SetupLinkOwner> {
  const [found] = isToken(token)
    ? await queryable.query<SetupLinkOwner>(
        `select user_id as "userId", (select name from users where id = user_id) as name from setup_tokens where ${VALID}`,
        [digestOfSecret(token), now],
      )
    : [];
  if (found === undefined) throw invalidLink();
  return found;
}

/** Uses up a link, once. Throws `setup_link_invalid`. */
export async function takeSetupLink(queryable: Queryable, token: string, now: Date): Promise<void> {
  const taken = await queryable.query(`update setup_tokens set used_at = $2 where ${VALID} returning digest`, [
    ...[digestOfSecret(token), now],
  ]);
  if (taken.length === 0) throw invalidLink();
}

interface SetupLinkOwner {
  readonly userId: string | null;
  readonly name: string | null;
}

function invalidLink(): AccessError {
  return new AccessError(
    'setup_link_invalid',
    'The link was used before, has expired, or was replaced by a newer one. Ask an admin for another one.',
  );
}
