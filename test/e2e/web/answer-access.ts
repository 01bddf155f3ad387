import { apiKeyRoutes, sessionRoutes, userRoutes } from '#api';
import { type Access, noSession, userSession } from './made-up-access.ts';

/** Who asks: anybody logs in with any password but `wrong`, as an admin. */
export function answerSession(url: URL, body: unknown, access: Access): { status: number; content: unknown } {
  const action = url.pathname.split('/')[3] ?? '';
  if (action === 'end') access.session = noSession;
  else if (action === 'setup') access.session = userSession('admin');
  else if (body !== undefined && action === '') {
    if (sessionRoutes.logIn.body.parse(body).password === 'wrong') return { status: 401, content: undefined };
    access.session = userSession('admin');
  }
  return { status: 200, content: access.session };
}

/** Creates and changes users for as long as the server lives. */
export function answerUsers(url: URL, body: unknown, { users }: Access): unknown {
  const [, , , id = '', action = ''] = url.pathname.split('/');
  if (id === '') {
    const { name, role } = userRoutes.createUser.body.parse(body);
    const [example] = users;
    if (example === undefined) throw new Error('The fixtures hold no user.');
    const user = { ...example, id: '99', name, role, state: 'invited' as const, sessions: 0, lastLoginAt: null };
    users.unshift(user);
    return userRoutes.createUser.answer.parse({ user, setupToken: 'token-once', expiresAt: user.createdAt });
  }
  const user = users.find((each) => each.id === id);
  if (user === undefined) throw new Error(`The fixtures hold no user ${id}.`);
  if (action === 'disable') user.state = 'disabled';
  if (action === 'role') user.role = userRoutes.changeUserRole.body.parse(body).role;
  return action === 'reset' ? { user, setupToken: 'token-once', expiresAt: user.createdAt } : user;
}

/** Creates and revokes keys for as long as the server lives. */
export function answerKeys(url: URL, body: unknown, { keys }: Access): unknown {
  const [, , , id = ''] = url.pathname.split('/');
  const [example] = keys;
  if (example === undefined) throw new Error('The fixtures hold no key.');
  if (id === '') {
    const { name, role, expiresAt } = apiKeyRoutes.createApiKey.body.parse(body);
    const apiKey = { ...example, id: '99', name, role, expiresAt, state: 'active' as const, lastUsedAt: null };
    keys.unshift(apiKey);
    return apiKeyRoutes.createApiKey.answer.parse({ apiKey, secret: 'weir_k9a7f3_secret' });
  }
  const key = keys.find((each) => each.id === id) ?? example;
  key.state = 'revoked';
  return key;
}
