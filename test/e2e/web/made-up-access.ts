import {
  type ApiKey,
  type AuditEntry,
  apiKeyRoutes,
  auditRoutes,
  type OwnSession,
  type Role,
  type SessionAnswer,
  sessionAnswer,
  sessionRoutes,
  type User,
  userRoutes,
} from '#api';
import { at } from './made-up-times.ts';

/** Who may use the made-up server, and what they did. */
export interface Access {
  session: SessionAnswer;
  readonly users: User[];
  readonly keys: ApiKey[];
  readonly sessions: OwnSession[];
  readonly audit: readonly AuditEntry[];
}

const LOGIN = { isRequired: true, hasPasswords: true, oidc: { title: 'Keycloak', path: '/api/session/oidc' } };

/** Nobody needs to log in. */
export const localSession: SessionAnswer = sessionAnswer.parse({
  identity: { kind: 'local', id: 'local', name: 'somebody at this machine', role: 'admin' },
  csrfToken: null,
  session: null,
  login: { ...LOGIN, isRequired: false },
});

/** Somebody has to log in. */
export const noSession: SessionAnswer = sessionAnswer.parse({
  identity: null,
  csrfToken: null,
  session: null,
  login: LOGIN,
});

/** Somebody who has logged in, with a role. */
export function userSession(role: Role, nowMs = Date.now()): SessionAnswer {
  return sessionAnswer.parse({
    identity: { kind: 'user', id: '7', name: 'ada', role },
    csrfToken: 'token-of-ada',
    session: { id: '1', endsAt: at(nowMs, -600), idleEndsAt: at(nowMs, -60), hasPassword: true },
    login: LOGIN,
  });
}

export function makeAccess(nowMs: number): Access {
  return {
    session: localSession,
    users: makeUsers(nowMs),
    keys: makeKeys(nowMs),
    sessions: makeSessions(nowMs),
    audit: makeAudit(nowMs),
  };
}

function makeUsers(nowMs: number): User[] {
  const names = ['ada', 'berta', 'carla', 'dora'];
  const user = (name: string, index: number) => ({
    id: String(index + 7),
    name,
    role: (['admin', 'operator', 'viewer', 'viewer'] as const)[index] ?? 'viewer',
    state: (['active', 'active', 'invited', 'disabled'] as const)[index] ?? 'active',
    origin: index === 1 ? 'oidc' : 'password',
    createdAt: at(nowMs, 10_000 * (index + 1)),
    lastLoginAt: index < 2 ? at(nowMs, 90 * (index + 1)) : null,
    sessions: index < 2 ? 1 : 0,
  });
  return userRoutes.users.answer.parse({ items: names.map(user), nextCursor: null }).items;
}

function makeKeys(nowMs: number): ApiKey[] {
  const key = (name: string, index: number) => ({
    id: String(index + 1),
    prefix: `k${index}a7f3`,
    name,
    role: index === 0 ? 'operator' : 'viewer',
    state: (['active', 'expired', 'revoked'] as const)[index] ?? 'active',
    createdAt: at(nowMs, 3_000 * (index + 1)),
    createdBy: 'ada',
    expiresAt: index === 1 ? at(nowMs, 100) : null,
    lastUsedAt: index === 0 ? at(nowMs, 3) : null,
    revoked: index === 2 ? { at: at(nowMs, 50), by: 'ada' } : null,
  });
  const names = ['checkout service', 'notebook of the spring', 'old exporter'];
  return apiKeyRoutes.apiKeys.answer.parse({ items: names.map(key), nextCursor: null }).items;
}

function makeSessions(nowMs: number): OwnSession[] {
  const session = (browser: string, index: number) => ({
    id: String(index + 1),
    isPresent: index === 0,
    method: index === 0 ? 'password' : 'link',
    address: `10.0.0.${index + 3}`,
    browser,
    createdAt: at(nowMs, 300 * (index + 1)),
    seenAt: at(nowMs, 40 * index + 1),
    endsAt: at(nowMs, -500),
  });
  const browsers = ['Firefox on Linux', 'Safari on iPhone'];
  return sessionRoutes.ownSessions.answer.parse({ items: browsers.map(session) }).items;
}

function makeAudit(nowMs: number): AuditEntry[] {
  const entry = (action: string, index: number) => ({
    id: String(90 - index),
    at: at(nowMs, 7 * (index + 1)),
    actor: { kind: index % 3 === 2 ? 'key' : 'user', id: '7', name: index % 3 === 2 ? 'checkout service' : 'ada' },
    address: '10.0.0.3',
    action,
    target: action === 'promoteVersion' ? 'version=3' : 'pipeline=train',
    outcome: index % 7 === 4 ? 'refused' : 'done',
    code: index % 7 === 4 ? 'role_insufficient' : null,
    reason: 'it knows the crew better',
    before: { champion: 2, schedule: { minutes: 10, paused: false } },
    after: { champion: 3, schedule: { minutes: 10, paused: true } },
    requestId: `req-${index}`,
  });
  const actions = Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? 'promoteVersion' : 'pauseSchedule'));
  return auditRoutes.auditLog.answer.parse({ items: actions.map(entry), nextCursor: null }).items;
}
