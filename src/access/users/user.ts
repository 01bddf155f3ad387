import type { Role } from '#api';
import { type Database, type PagedList, type PageRequest, type Queryable, readPage } from '#store';
import { AccessError } from '../errors.ts';

/** A person who logs in. */
export interface User {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly state: 'active' | 'invited' | 'disabled';
  readonly origin: 'password' | 'oidc';
  readonly createdAt: Date;
  readonly lastLoginAt: Date | null;
  readonly sessions: number;
}

/** SQL: a user who manages users and can log in. */
export const isWorkingAdmin = (user: string): string =>
  `${user}.role = 'admin' and ${user}.disabled_at is null and (${user}.password_hash is not null or ${user}.oidc_subject is not null)`;

const STATE = `case when disabled_at is not null then 'disabled'
  when password_hash is null and oidc_subject is null then 'invited' else 'active' end`;

const USERS: PagedList<'name' | 'created'> = {
  name: 'users',
  table: 'users',
  columns: `id, name, role, ${STATE} as state, case when oidc_subject is null then 'password' else 'oidc' end as origin,
    created_at as "createdAt", last_login_at as "lastLoginAt",
    (select count(*)::int from sessions where user_id = users.id and sessions.role = users.role and ends_at > now()) as sessions`,
  id: { sql: 'id', type: 'bigint' },
  orders: { name: { sql: 'lower(name)', type: 'text' }, created: { sql: 'created_at', type: 'timestamptz' } },
  sort: 'name',
  text: 'name',
};

/** A page of the users. */
export function listUsers(queryable: Queryable, request: PageRequest<'name' | 'created'>) {
  return readPage<User, 'name' | 'created'>(queryable, USERS, { request });
}

/** The user with an id. Throws `user_unknown`. */
export async function readUser(queryable: Queryable, id: string): Promise<User> {
  const [user] = await queryable.query<User>(`select ${USERS.columns} from users where id = $1`, [id]);
  if (user !== undefined) return user;
  throw new AccessError('user_unknown', `There is no user with the id ${id}.`);
}

/** The user with a name, in any case of its letters. Throws `user_unknown`. */
export async function findUserByName(queryable: Database, name: string): Promise<User> {
  const [user] = await queryable.query<User>(`select ${USERS.columns} from users where lower(name) = lower($1)`, [
    name.trim(),
  ]);
  if (user !== undefined) return user;
  throw new AccessError('user_unknown', `There is no user named ${JSON.stringify(name)}. weir users list shows all.`);
}
