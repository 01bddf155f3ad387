import type { FastifyInstance } from 'fastify';
import {
  changeRole,
  createUser,
  disableUser,
  enableUser,
  endUserSessions,
  type InvitedUser,
  listUsers,
  resetUser,
  type User,
} from '#access';
import { routes, type User as UserAnswer } from '#api';
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
  fulfil(app, routes.createUser, {
    handle: async ({ body: { name, role } }) => toInvited(await createUser(database, { name, role })),
  });
  fulfil(app, routes.changeUserRole, {
    handle: async ({ params: { id }, body: { role } }) => toAnswer(await changeRole(database, id, role)),
  });
  fulfil(app, routes.disableUser, {
    handle: async ({ params: { id }, body: { by } }) => toAnswer(await disableUser(database, { id, by })),
  });
  fulfil(app, routes.enableUser, {
    handle: async ({ params: { id } }) => toAnswer(await enableUser(database, id)),
  });
  fulfil(app, routes.resetUser, { handle: async ({ params: { id } }) => toInvited(await resetUser(database, id)) });
  fulfil(app, routes.endUserSessions, {
    handle: async ({ params: { id } }) => toAnswer(await endUserSessions(database, id)),
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
