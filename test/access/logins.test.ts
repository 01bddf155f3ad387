import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  changeRole,
  createUser,
  csrfTokenOf,
  disableUser,
  enableUser,
  endUserSessions,
  followEndedSessions,
  followRevocations,
  isCsrfTokenOf,
  Logins,
  listUsers,
  PasswordHasher,
  resetUser,
} from '#access';
import type { Database } from '#store';
import { createTestDatabase } from '../postgres/create-test-database.ts';

const MINUTE_MS = 60_000;
const client = { address: '192.0.2.1', browser: 'a browser' };
const password = 'tram window yellow soup';

let database: Database;
let now = new Date();
const hasher = new PasswordHasher({ cost: { n: 16, r: 1, p: 1 } });
const createLogins = (options: { hasher?: PasswordHasher } = {}): Logins =>
  new Logins(
    { database, lifetimes: { hours: 12, idleMinutes: 60 } },
    { clock: () => now, hasher: options.hasher ?? hasher },
  );

/** A user with a password. */
async function addUser(name: string, role: 'viewer' | 'operator' | 'admin' = 'viewer') {
  const { user, setupLink } = await createUser(database, { name, role }, now);
  const session = await createLogins().setUp({ token: setupLink.token, password, ...client });
  return { id: user.id, name, session };
}

beforeAll(async () => {
  database = await createTestDatabase();
  await addUser('root', 'admin');
});
afterAll(() => database.close());

describe('a login with a password', () => {
  it('starts a session whose token is not stored', async () => {
    const { name } = await addUser('ada', 'operator');
    const session = await createLogins().logIn({ name: ' ADA ', password, ...client });
    expect(session).toMatchObject({ name, role: 'operator', hasPassword: true });
    expect(session.token).toMatch(/^[0-9a-f]{64}$/);
    const [row] = await database.query('select * from sessions where id = $1', [session.id]);
    expect(JSON.stringify(row)).not.toContain(session.token);
    expect(row).toMatchObject({ digest: createHash('sha256').update(session.token).digest() });
  });

  it('is refused in the same words for a wrong password, a stranger, a disabled and an invited user', async () => {
    await addUser('bea');
    const { id } = await addUser('carl');
    await disableUser(database, { id, by: 'root' });
    await createUser(database, { name: 'dora', role: 'viewer' });
    const messages = await Promise.all(
      ['bea', 'nobody', 'carl', 'dora'].map((name) =>
        createLogins()
          .logIn({ name, password: name === 'bea' ? 'another password' : password, ...client })
          .catch(({ code, message }: { code: string; message: string }) => [code, message]),
      ),
    );
    expect(new Set(messages.map((message) => JSON.stringify(message))).size).toBe(1);
    expect(messages[0]).toEqual(['login_refused', expect.any(String)]);
  });

  it('of a stranger costs a hash like any other', async () => {
    const counted = new CountingHasher({ cost: { n: 16, r: 1, p: 1 } });
    const logins = createLogins({ hasher: counted });
    await expect(logins.logIn({ name: 'nobody at all', password, ...client })).rejects.toThrow();
    await expect(logins.logIn({ name: 'root', password: 'another password', ...client })).rejects.toThrow();
    expect(counted.verified).toEqual(['absent', 'stored']);
  });

  it('stores the hash again when it has another cost than the present one', async () => {
    const { id } = await addUser('emil');
    const dearer = createLogins({ hasher: new PasswordHasher({ cost: { n: 32, r: 1, p: 1 } }) });
    await dearer.logIn({ name: 'emil', password, ...client });
    const [row] = await database.query('select password_hash from users where id = $1', [id]);
    expect(row?.password_hash).toMatch(/^\$scrypt\$ln=5,/);
    expect(await dearer.logIn({ name: 'emil', password, ...client })).toMatchObject({ name: 'emil' });
  });

  it('waits after some failures, by a clock, and says how long', async () => {
    await addUser('fay');
    const logins = createLogins();
    const fail = () => logins.logIn({ name: 'fay', password: 'another password', ...client }).catch((error) => error);
    for (let count = 0; count < 5; count++) expect(await fail()).toMatchObject({ code: 'login_refused' });
    expect(await fail()).toMatchObject({ code: 'login_throttled', retryAfterSeconds: 1 });
    now = new Date(now.getTime() + 1_000);
    expect(await logins.logIn({ name: 'fay', password, ...client })).toMatchObject({ name: 'fay' });
    expect(await fail()).toMatchObject({ code: 'login_refused' });
  });

  it('is possible many times at once, each with a session of its own', async () => {
    await addUser('gus');
    const sessions = await Promise.all(
      Array.from({ length: 5 }, () => createLogins().logIn({ name: 'gus', password, ...client })),
    );
    expect(new Set(sessions.map(({ token }) => token)).size).toBe(5);
  });

  it('is refused when too many wait for their hash', async () => {
    const logins = createLogins({ hasher: new PasswordHasher({ cost: { n: 16, r: 1, p: 1 }, waitingMax: 0 }) });
    await expect(logins.logIn({ name: 'root', password, ...client })).rejects.toMatchObject({
      code: 'logins_busy',
      retryAfterSeconds: 5,
    });
  });

  it('ends the session that the browser had, so that nobody can prepare one', async () => {
    const { session } = await addUser('hal');
    const { sessions, ...logins } = { logIn: createLogins(), sessions: createLogins().sessions };
    const next = await logins.logIn.logIn({ name: 'hal', password, ...client, replaces: session.token });
    expect(next.token).not.toBe(session.token);
    expect(await sessions.find(session.token)).toBeUndefined();
    expect(await sessions.find(next.token)).toMatchObject({ name: 'hal' });
  });
});

describe('a session', () => {
  const later = (minutes: number): void => {
    now = new Date(now.getTime() + minutes * MINUTE_MS);
  };

  it('ends without a request, and lasts with one', async () => {
    const { session } = await addUser('ida');
    const { sessions } = createLogins();
    for (let count = 0; count < 3; count++) {
      later(59);
      expect(await sessions.find(session.token)).toMatchObject({ name: 'ida' });
    }
    later(60);
    expect(await sessions.find(session.token)).toBeUndefined();
  });

  it('ends some hours after the login, whatever is done', async () => {
    const { session } = await addUser('jan');
    const { sessions } = createLogins();
    for (let count = 0; count < 23; count++) {
      later(30);
      expect(await sessions.find(session.token)).toBeDefined();
    }
    later(30);
    expect(await sessions.find(session.token)).toBeUndefined();
  });

  it('writes once a minute at most', async () => {
    const { session } = await addUser('kim');
    const { sessions } = createLogins();
    const seenAt = async () =>
      (await database.query<{ at: Date }>('select seen_at as at from sessions where id = $1', [session.id]))[0]?.at;
    const before = await seenAt();
    now = new Date(now.getTime() + 59_000);
    await sessions.find(session.token);
    expect(await seenAt()).toEqual(before);
    now = new Date(now.getTime() + 1_000);
    await sessions.find(session.token);
    expect(await seenAt()).toEqual(now);
  });

  it('is not found for what is no token', async () => {
    const { sessions } = createLogins();
    expect(await sessions.find("' or 1=1 --")).toBeUndefined();
    expect(await sessions.find('')).toBeUndefined();
  });

  it('has its own token against forged requests', () => {
    const [one, other] = ['a'.repeat(64), 'b'.repeat(64)];
    expect(isCsrfTokenOf(one, csrfTokenOf(one))).toBe(true);
    expect(isCsrfTokenOf(one, csrfTokenOf(other))).toBe(false);
    expect(isCsrfTokenOf(one, '')).toBe(false);
    expect(isCsrfTokenOf(one, one)).toBe(false);
  });

  it.each([
    ['another role', (id: string) => changeRole(database, id, 'operator')],
    ['disabling', (id: string) => disableUser(database, { id, by: 'root' })],
    ['a reset', (id: string) => resetUser(database, id)],
    ['an admin who ends all', (id: string) => endUserSessions(database, id)],
    [
      'another role that somebody writes into the table',
      (id: string) => database.query("update users set role = 'operator' where id = $1", [id]),
    ],
  ])('ends with %s', async (how, change) => {
    const { id, session } = await addUser(`leo, ${how}`);
    const { sessions } = createLogins();
    expect(await sessions.find(session.token)).toBeDefined();
    await change(id);
    expect(await sessions.find(session.token)).toBeUndefined();
  });

  it('ends with another password, but for the one that asked, which goes on under another token', async () => {
    const { id, session: elsewhere } = await addUser('mia');
    const logins = createLogins();
    const here = await logins.logIn({ name: 'mia', password, ...client });
    const next = await logins.changePassword(here, { present: password, next: 'another long password', ...client });
    expect(await logins.sessions.find(elsewhere.token)).toBeUndefined();
    expect(await logins.sessions.find(here.token)).toBeUndefined();
    expect(await logins.sessions.list(id)).toHaveLength(1);
    expect(await logins.sessions.find(next.token)).toMatchObject({ name: 'mia' });
    await expect(logins.logIn({ name: 'mia', password, ...client })).rejects.toMatchObject({ code: 'login_refused' });
  });

  it('ends for those who follow events with it, by a notice to every server', async () => {
    const { id, session } = await addUser('lia');
    const ended: string[] = [];
    const stop = await followEndedSessions(database, (user) => ended.push(user));
    await createLogins().sessions.end(id, session.id);
    await expect.poll(() => ended).toEqual([id]);
    await stop();
  });

  it('of somebody else cannot be ended', async () => {
    const { session } = await addUser('ned');
    const { id } = await addUser('ora');
    const { sessions } = createLogins();
    await sessions.end(id, session.id);
    expect(await sessions.find(session.token)).toBeDefined();
  });

  it('is one of fifty at most of its user', async () => {
    const { id, session } = await addUser('pia');
    const { sessions } = createLogins();
    for (let count = 0; count < 50; count++) {
      now = new Date(now.getTime() + 1);
      await sessions.start({ userId: id, method: 'password', ...client });
    }
    expect(await sessions.list(id)).toHaveLength(50);
    expect(await sessions.find(session.token)).toBeUndefined();
  });
});

describe('a one-time link', () => {
  it('works once, also for two at the same time', async () => {
    const { setupLink } = await createUser(database, { name: 'quin', role: 'viewer' }, now);
    const use = () =>
      createLogins()
        .setUp({ token: setupLink.token, password, ...client })
        .then(
          () => 'used',
          ({ code }: { code: string }) => code,
        );
    expect((await Promise.all([use(), use()])).sort()).toEqual(['setup_link_invalid', 'used']);
    expect(await use()).toBe('setup_link_invalid');
  });

  it('expires, and ends when another one is made', async () => {
    const { user, setupLink } = await createUser(database, { name: 'rosa', role: 'viewer' }, now);
    const newer = await resetUser(database, user.id, now);
    const use = (token: string) => createLogins().setUp({ token, password, ...client });
    await expect(use(setupLink.token)).rejects.toMatchObject({ code: 'setup_link_invalid' });
    now = new Date(now.getTime() + 72 * 60 * MINUTE_MS);
    await expect(use(newer.setupLink.token)).rejects.toMatchObject({ code: 'setup_link_invalid' });
  });

  it('is not used up by a password that is refused', async () => {
    const { setupLink } = await createUser(database, { name: 'sam.smith', role: 'viewer' }, now);
    const use = (given: string) => createLogins().setUp({ token: setupLink.token, password: given, ...client });
    for (const unfit of ['short', 'password1234', 'sam.smith123'])
      await expect(use(unfit)).rejects.toMatchObject({ code: 'password_unfit' });
    expect(await use(password)).toMatchObject({ name: 'sam.smith' });
  });

  it('of the first start makes an admin only while there is none', async () => {
    const empty = await createTestDatabase();
    const logins = new Logins({ database: empty, lifetimes: { hours: 1, idleMinutes: 60 } }, { hasher });
    const add = (token: string) =>
      empty.query("insert into setup_tokens (digest, expires_at) values (sha256($1), now() + interval '1 day')", [
        Buffer.from(token),
      ]);
    const [one, other] = ['a'.repeat(64), 'b'.repeat(64)];
    await add(one);
    await add(other);
    await expect(logins.setUp({ token: one, password, ...client })).rejects.toMatchObject({
      code: 'user_name_missing',
    });
    expect(await logins.setUp({ token: one, name: 'ada', password, ...client })).toMatchObject({ role: 'admin' });
    await expect(logins.setUp({ token: other, name: 'eve', password, ...client })).rejects.toMatchObject({
      code: 'setup_link_invalid',
    });
    await empty.close();
  });
});

describe('users', () => {
  it('are listed with their state', async () => {
    const { id } = await addUser('tom');
    await disableUser(database, { id, by: 'root' });
    const { items } = await listUsers(database, { search: 'tom', limit: 10 });
    expect(items).toMatchObject([{ name: 'tom', role: 'viewer', state: 'disabled', origin: 'password', sessions: 0 }]);
    await enableUser(database, id);
    expect((await listUsers(database, { search: 'tom', limit: 10 })).items).toMatchObject([{ state: 'active' }]);
  });

  it('have names of their own, whatever the case', async () => {
    await createUser(database, { name: 'Uma', role: 'viewer' });
    await expect(createUser(database, { name: 'UMA', role: 'viewer' })).rejects.toMatchObject({
      code: 'user_name_taken',
    });
  });

  it('lose the keys that they created when they are disabled', async () => {
    const { id } = await addUser('vic', 'admin');
    await database.query(
      "insert into api_keys (prefix, name, role, digest, created_by) values ('p', 'k', 'viewer', sha256('x'), 'vic'), ('q', 'l', 'viewer', sha256('y'), 'root')",
    );
    const revoked: string[] = [];
    const stop = await followRevocations(database, (key) => revoked.push(key));
    await disableUser(database, { id, by: 'root' });
    const rows = await database.query('select prefix, revoked_by from api_keys order by prefix');
    // Servers keep what they have read of a key for a moment, and are told.
    await expect.poll(() => revoked).toHaveLength(1);
    await stop();
    expect(rows).toEqual([
      { prefix: 'p', revoked_by: 'root' },
      { prefix: 'q', revoked_by: null },
    ]);
  });

  it('always include an admin who can log in, also when two demote each other at once', async () => {
    const empty = await createTestDatabase();
    const logins = new Logins({ database: empty, lifetimes: { hours: 1, idleMinutes: 60 } }, { hasher });
    const add = async (name: string): Promise<string> => {
      const { user, setupLink } = await createUser(empty, { name, role: 'admin' });
      await logins.setUp({ token: setupLink.token, password, ...client });
      return user.id;
    };
    const ids = [await add('ada'), await add('bob')];
    await createUser(empty, { name: 'invited', role: 'admin' });
    const outcomes = await Promise.allSettled(ids.map((id) => changeRole(empty, id, 'viewer')));
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const [last] = await empty.query<{ id: string }>(
      "select id from users where role = 'admin' and password_hash is not null",
    );
    const id = last?.id ?? '';
    await expect(disableUser(empty, { id, by: 'x' })).rejects.toMatchObject({ code: 'user_last_admin' });
    await expect(changeRole(empty, id, 'operator')).rejects.toMatchObject({ code: 'user_last_admin' });
    await empty.close();
  });

  it('that do not exist are said to be unknown', async () => {
    await expect(disableUser(database, { id: '999', by: 'x' })).rejects.toMatchObject({ code: 'user_unknown' });
  });
});

class CountingHasher extends PasswordHasher {
  readonly verified: string[] = [];

  override verify(given: string, stored: string | undefined) {
    this.verified.push(stored === undefined ? 'absent' : 'stored');
    return super.verify(given, stored);
  }
}
