import type { FastifyInstance } from 'fastify';
import {
  changeRole,
  createUser,
  disableUser,
  enableUser,
  endUserSessions,
  type InvitedUser,
  listUsers,
  readUser,
  resetUser,
  type User,
} from '#access';
import { routes, type User as UserAnswer } from '#api';
import type { Database } from '#store';
import type { RouteContext } from './context.ts';
import { fulfil } from './fulfil.ts';

/** What admins do with users. */
export function registerUsers(app: FastifyInstance, { database }: RouteContext): void {
  fulfil(app, routes.users, {
    handle: async ({ query }) => {
      const { items, nextCursor } = await listUsers(database, query);
      return { items: items.map(toAnswer), nextCursor };
    },
  });
  registerChanges(app);
}

/** Each is one transaction with its entry in the audit log, which keeps the user before and after it. */
function registerChanges(app: FastifyInstance): void {
  const state = (database: Database, { params: { id } }: { readonly params: { readonly id: string } }) =>
    readUser(database, id);
  fulfil(app, routes.createUser, {
    handle: async ({ body: { name, role }, database }) => toInvited(await createUser(database, { name, role })),
  });
  fulfil(app, routes.changeUserRole, {
    state,
    handle: async ({ params: { id }, body: { role }, database }) => toAnswer(await changeRole(database, id, role)),
  });
  fulfil(app, routes.disableUser, {
    state,
    handle: async ({ params: { id }, body: { by }, database }) => toAnswer(await disableUser(database, { id, by })),
  });
  fulfil(app, routes.enableUser, {
    state,
    handle: async ({ params: { id }, database }) => toAnswer(await enableUser(database, id)),
  });
  fulfil(app, routes.resetUser, {
    state,
    handle: async ({ params: { id }, database }) => toInvited(await resetUser(database, id)),
  });
  fulfil(app, routes.endUserSessions, {
    state,
    handle: async ({ params: { id }, database }) => toAnswer(await endUserSessions(database, id)),
  });
}

const toInvited = ({ user, setupLink: { token, expiresAt } }: InvitedUser) => ({
  user: toAnswer(user),
  setupToken: token,
  expiresAt: expiresAt.toISOString(),
});

function toAnswer({ createdAt, lastLoginAt, ...user }: User): UserAnswer {
  return { ...user, createdAt: createdAt.toISOString(), lastLoginAt: lastLoginAt?.toISOString() ?? null };
}
