import type { Role } from '#api';
import type { Database, Queryable, Transaction } from '#store';
import { AccessError } from '../errors.ts';
import { revokeApiKeysOf } from '../keys/api-keys.ts';
import { endSessions } from '../sessions/sessions.ts';
import { insertUser, type NewUser } from './insert-user.ts';
import { createSetupLink, type SetupLink } from './setup-link.ts';
import { isWorkingAdmin, readUser, type User } from './user.ts';

/** A user with a one-time link with which they set their password. */
export interface InvitedUser {
  readonly user: User;
  readonly setupLink: SetupLink;
}

/** Creates a user who has no password yet. Throws `user_name_taken`. */
export async function createUser(
  database: Database,
  { name, role }: Omit<NewUser, 'passwordHash'>,
  now = new Date(),
): Promise<InvitedUser> {
  return database.transaction(async (tx) => {
    const id = await insertUser(tx, { name, role });
    return { user: await readUser(tx, id), setupLink: await createSetupLink(tx, id, now) };
  });
}

/** Gives a user another role; their sessions end. Throws `user_last_admin` where nobody else could manage users. */
export async function changeRole(database: Database, id: string, role: Role): Promise<User> {
  return changeUser(database, id, async (tx) => {
    if (role !== 'admin') await assertOtherAdmin(tx, id);
    await tx.query('update users set role = $2 where id = $1', [id, role]);
    await endSessions(tx, id);
  });
}

/** Disables a user: sessions, links and keys that they created end at once. */
export async function disableUser(
  database: Database,
  { id, by }: { readonly id: string; readonly by: string },
): Promise<User> {
  return changeUser(database, id, async (tx, { name }) => {
    await assertOtherAdmin(tx, id);
    await tx.query('update users set disabled_at = coalesce(disabled_at, now()) where id = $1', [id]);
    await endSessions(tx, id);
    await tx.query('delete from setup_tokens where user_id = $1', [id]);
    await revokeApiKeysOf(tx, { createdBy: name, by });
  });
}

/** Lets a disabled user log in again. Their keys stay revoked. */
export async function enableUser(database: Database, id: string): Promise<User> {
  return changeUser(database, id, async (tx) => {
    await tx.query('update users set disabled_at = null where id = $1', [id]);
  });
}

/** Ends password and sessions of a user and gives a one-time link for a new password. */
export async function resetUser(database: Database, id: string, now = new Date()): Promise<InvitedUser> {
  let setupLink: SetupLink | undefined;
  const user = await changeUser(database, id, async (tx, { name, origin }) => {
    if (origin === 'oidc')
      throw new AccessError(
        'user_without_password',
        `${name} logs in at the identity provider and has no password here. Reset it there, or disable the user.`,
      );
    await tx.query('update users set password_hash = null where id = $1', [id]);
    await endSessions(tx, id);
    setupLink = await createSetupLink(tx, id, now);
  });
  if (setupLink === undefined) throw new Error('Expected the change of a user to be made; it was not.');
  return { user, setupLink };
}

/** Ends all sessions of a user. */
export async function endUserSessions(database: Database, id: string): Promise<User> {
  return changeUser(database, id, (tx) => endSessions(tx, id));
}

/** Changes of users follow each other, so that two admins cannot demote each other at once. */
async function changeUser(
  database: Database,
  id: string,
  change: (tx: Transaction, user: User) => Promise<void>,
): Promise<User> {
  return database.transaction(async (tx) => {
    await tx.query("select pg_advisory_xact_lock(hashtext('users'))");
    await change(tx, await readUser(tx, id));
    return readUser(tx, id);
  });
}

async function assertOtherAdmin(tx: Queryable, id: string): Promise<void> {
  const [{ isLast } = { isLast: false }] = await tx.query<{ isLast: boolean }>(
    `select role = 'admin' and disabled_at is null and not exists (
        select from users as other where other.id <> users.id and ${isWorkingAdmin('other')}) as "isLast"
       from users where id = $1`,
    [id],
  );
  if (isLast)
    throw new AccessError(
      'user_last_admin',
      'This is the last admin who can log in. Make somebody else admin first, and let them log in.',
    );
}
