import { type QueryClient, queryOptions, useQuery } from '@tanstack/react-query';
import { includesRole, type Role, type SessionAnswer } from '#api';
import { call, keepCsrfToken, RequestError, type RouteName, roleOf } from './client.ts';

/** Who uses the pages. Asked once: a request that is refused says when the session has ended. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async ({ signal }) => withToken(await call('session', { signal })),
  staleTime: Number.POSITIVE_INFINITY,
});

function withToken(session: SessionAnswer): SessionAnswer {
  keepCsrfToken(session.csrfToken);
  return session;
}

/** Shows the pages as this session sees them; nothing is kept of what another user saw. */
export function enter(client: QueryClient, session: SessionAnswer): void {
  const before = client.getQueryData(sessionQuery.queryKey)?.identity;
  if (before?.id !== session.identity?.id)
    client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== sessionQuery.queryKey[0] });
  client.setQueryData(sessionQuery.queryKey, withToken(session));
}

/** After a refusal: asks again who is logged in, when that may be the reason. */
export function noticeRefusal(client: QueryClient, error: unknown): void {
  if (!(error instanceof RequestError)) return;
  const { code } = error.body;
  if (code === 'login_required' || code === 'csrf_refused' || code === 'role_insufficient')
    void client.invalidateQueries({ queryKey: sessionQuery.queryKey });
}

/** Why this user may not use an endpoint; undefined when they may, or as long as it is not known. */
export function denialOf(session: SessionAnswer | undefined, needed: Role): string | undefined {
  const held = session?.identity?.role;
  if (held === undefined || includesRole(held, needed)) return undefined;
  return `Needs the role ${needed}; you are ${held}. An admin can change your role.`;
}

/** Whether this user has a role; everybody has each where it is not known. */
export function useHasRole(needed: Role): boolean {
  return denialOf(useQuery(sessionQuery).data, needed) === undefined;
}

/** Props of a control that uses an endpoint: it is disabled, with the reason as its hint, for those who may not. */
export function usePermission(name: RouteName): { readonly disabled?: true; readonly title?: string } {
  const denial = denialOf(useQuery(sessionQuery).data, roleOf(name));
  return denial === undefined ? {} : { disabled: true, title: denial };
}
