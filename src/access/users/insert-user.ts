import type { Role } from '#api';
import { hasErrorCode, type Queryable } from '#store';
import { AccessError } from '../errors.ts';

const UNIQUE_VIOLATION = '23505';

export interface NewUser {
  readonly name: string;
  readonly role: Role;
  /** Unset for a user who sets a password by a link. */
  readonly passwordHash?: string;
}

/** Adds a user and gives its id. Throws `user_name_taken`. */
export async function insertUser(queryable: Queryable, { name, role, passwordHash }: NewUser): Promise<string> {
  try {
    const [row] = await queryable.query<{ id: string }>(
      'insert into users (name, role, password_hash) values ($1, $2, $3) returning id',
      [name, role, passwordHash ?? null],
    );
    if (row === undefined) throw new Error('Expected the id of the new user; none came.');
    return row.id;
  } catch (cause) {
    if (!hasErrorCode(cause, UNIQUE_VIOLATION)) throw cause;
    const message = `There is a user named ${JSON.stringify(name)} already. Choose another name.`;
    throw new AccessError('user_name_taken', message, { cause });
  }
}
