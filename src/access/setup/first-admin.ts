import type { Database } from '#store';
import { digestOfSecret, newSecret } from '../secret.ts';
import { isWorkingAdmin } from '../users/user.ts';

const LINK_HOURS = 24;
const HOUR_MS = 3_600_000;

/** A link that works once, with which the first admin chooses a name and a password. */
export interface FirstAdminLink {
  /** Not stored. */
  readonly token: string;
  readonly expiresAt: Date;
}

/** Makes the link for the first admin, which replaces an earlier one; undefined when there is an admin. */
export async function maybeFirstAdminLink(database: Database, now: Date): Promise<FirstAdminLink | undefined> {
  const token = newSecret();
  const expiresAt = new Date(now.getTime() + LINK_HOURS * HOUR_MS);
  return database.transaction(async (tx) => {
    const [admin] = await tx.query(`select 1 from users where ${isWorkingAdmin('users')}`);
    if (admin !== undefined) return undefined;
    await tx.query('delete from setup_tokens where used_at is null and user_id is null');
    await tx.query('insert into setup_tokens (digest, created_at, expires_at) values ($1, $2, $3)', [
      ...[digestOfSecret(token), now, expiresAt],
    ]);
    return { token, expiresAt };
  });
}
