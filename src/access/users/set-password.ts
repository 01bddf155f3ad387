import type { Database } from '#store';
import { AccessError } from '../errors.ts';
import { passwordProblem } from '../passwords/password-problem.ts';
import { endSessions } from '../sessions/sessions.ts';

/** Throws `password_unfit` for what may not be the password of a user. */
export function assertFitPassword(password: string, name: string): void {
  const problem = passwordProblem(password, name);
  if (problem !== undefined) throw new AccessError('password_unfit', problem);
}

/** Sets the password of a user; their sessions and one-time links end. */
export async function setPassword(
  database: Database,
  { id, passwordHash }: { readonly id: string; readonly passwordHash: string },
): Promise<void> {
  await database.transaction(async (tx) => {
    await tx.query('update users set password_hash = $2 where id = $1', [id, passwordHash]);
    await tx.query('delete from setup_tokens where user_id = $1', [id]);
    await endSessions(tx, id);
  });
}
