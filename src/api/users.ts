import { z } from 'zod';
import { listCursor, listSearch, listSort, pageSize } from './list-query.ts';
import { numberId } from './number-id.ts';
import { recordedChange } from './recorded-change.ts';
import { role } from './roles.ts';
import { userName } from './sessions.ts';

const time = z.iso.datetime();

export const user = z
  .object({
    id: numberId,
    name: z.string(),
    role,
    state: z
      .enum(['active', 'invited', 'disabled'])
      .meta({ description: 'invited: has neither set a password nor logged in at the identity provider yet' }),
    origin: z.enum(['password', 'oidc']).meta({
      description: 'oidc: logs in at the identity provider, whose groups give the role at each login',
    }),
    createdAt: time,
    lastLoginAt: time.nullable(),
    sessions: z.int().meta({ description: 'Sessions that have not ended' }),
  })
  .meta({ id: 'User' });
export const usersSort = ['name', 'created'] as const;
export const usersQuery = z.strictObject({
  search: listSearch,
  sort: listSort(usersSort),
  cursor: listCursor(['-name', 'ada', '1']),
  limit: pageSize(200),
});
export const users = z.object({ items: z.array(user), nextCursor: z.string().nullable() }).meta({ id: 'Users' });

/** A user with the token of a one-time link to hand over; `setupPath` makes the address of the page from it. */
export const invitedUser = z
  .object({
    user,
    setupToken: z.string().meta({ description: 'For the page /setup#token=…&name=…; shown only now' }),
    expiresAt: time,
  })
  .meta({ id: 'InvitedUser' });

export const userPath = z.object({ id: numberId });
export const newUserBody = z.strictObject({ ...recordedChange, name: userName, role });
export const userRoleBody = z.strictObject({ ...recordedChange, role });
export const userChange = z.strictObject(recordedChange);

/** The endpoints of users; `routes` has them with all others. */
export const userRoutes = {
  users: {
    method: 'GET',
    path: '/api/users',
    access: 'admin',
    tag: 'access',
    summary: 'Users by name, with their role and state',
    query: usersQuery,
    answer: users,
  },
  createUser: {
    method: 'POST',
    path: '/api/users',
    access: 'admin',
    tag: 'access',
    summary: 'Create a user; the answer has a one-time link with which they set their password',
    body: newUserBody,
    holdsSecret: true,
    answer: invitedUser,
  },
  changeUserRole: {
    method: 'POST',
    path: '/api/users/:id/role',
    access: 'admin',
    tag: 'access',
    summary: 'Change the role of a user; their sessions end',
    params: userPath,
    body: userRoleBody,
    answer: user,
  },
  disableUser: {
    method: 'POST',
    path: '/api/users/:id/disable',
    access: 'admin',
    tag: 'access',
    summary: 'Disable a user: sessions and keys end at once, and no login is possible',
    params: userPath,
    body: userChange,
    answer: user,
  },
  enableUser: {
    method: 'POST',
    path: '/api/users/:id/enable',
    access: 'admin',
    tag: 'access',
    summary: 'Let a disabled user log in again',
    params: userPath,
    body: userChange,
    answer: user,
  },
  resetUser: {
    method: 'POST',
    path: '/api/users/:id/reset',
    access: 'admin',
    tag: 'access',
    summary: 'End the password and the sessions of a user; the answer has a one-time link for a new password',
    params: userPath,
    body: userChange,
    holdsSecret: true,
    answer: invitedUser,
  },
  endUserSessions: {
    method: 'POST',
    path: '/api/users/:id/end-sessions',
    access: 'admin',
    tag: 'access',
    summary: 'End all sessions of a user',
    params: userPath,
    body: userChange,
    answer: user,
  },
} as const;

export type User = z.infer<typeof user>;
