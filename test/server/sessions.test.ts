import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createUser, Logins, PasswordHasher } from '#access';
import type { Database } from '#store';
import { createTestDatabase } from '../postgres/create-test-database.ts';
import { Browser } from './browser.ts';
import { createWorld, type World } from './world.ts';

const MINUTE_MS = 60_000;
const password = 'tram window yellow soup';
const reason = { reason: 'a test' };

let database: Database;
let world: World;
let url: string;
let now = new Date();

beforeAll(async () => {
  database = await createTestDatabase();
  const hasher = new PasswordHasher({ cost: { n: 16, r: 1, p: 1 } });
  const logins = new Logins({ database, lifetimes: { hours: 12, idleMinutes: 60 } }, { clock: () => now, hasher });
  world = await createWorld({ database, access: { isLoginRequired: true, logins } });
  url = (await world.server.listen({ port: 0 })).url;
});
afterAll(() => world.close());

/** A browser of a user who has just set a password by a link. */
async function browserOf(name: string, role: 'viewer' | 'operator' | 'admin' = 'operator') {
  const { user, setupLink } = await createUser(database, { name, role }, now);
  const browser = new Browser(url);
  const answer = await browser.post('/api/session/setup', { token: setupLink.token, password });
  expect(answer.status).toBe(200);
  return Object.assign(browser, { id: user.id, name });
}

const pause = { ...reason, by: 'somebody else' };
const PAUSE = '/api/schedules/ingest/pause';
const whoIs = async (browser: Browser) => (await browser.get('/api/session')).json;

describe('a stranger', () => {
  it('learns how to log in, and nothing else', async () => {
    const browser = new Browser(url);
    expect(await whoIs(browser)).toEqual({
      identity: null,
      csrfToken: null,
      session: null,
      login: { isRequired: true, hasPasswords: true, oidc: null },
    });
    expect((await browser.get('/api/runs')).status).toBe(401);
    expect(browser.cookies.size).toBe(0);
  });
});

describe('a login', () => {
  it('gives a session with which the user works under their name, until they log out', async () => {
    await browserOf('ada');
    const browser = new Browser(url);
    const answer = await browser.post('/api/session', { name: 'ada', password });
    expect(answer).toMatchObject({
      status: 200,
      json: {
        identity: { kind: 'user', name: 'ada', role: 'operator' },
        csrfToken: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    });
    expect(await whoIs(browser)).toEqual(answer.json);
    expect((await browser.get('/api/runs')).status).toBe(200);
    expect((await browser.get('/api/users')).json.code).toBe('role_insufficient');
    const cookie = new Map(browser.cookies);
    expect((await browser.post('/api/session/end')).json).toMatchObject({ identity: null, csrfToken: null });
    expect(browser.cookies.size).toBe(0);
    for (const [name, value] of cookie) browser.cookies.set(name, value);
    expect((await browser.get('/api/runs')).status).toBe(401);
  });

  it('sets a cookie that scripts and other sites do not get, and no page of the session is stored', async () => {
    const browser = await browserOf('bea');
    expect(browser.setCookies).toEqual([expect.stringMatching(/^weir=[0-9a-f]{64}; Path=\/; HttpOnly; SameSite=Lax$/)]);
    const { headers } = await browser.get('/api/session');
    expect(headers.get('cache-control')).toBe('no-store');
  });

  it('sets a cookie for https alone where people use https', async () => {
    const secure = await createWorld({
      database: await createTestDatabase(),
      access: { isLoginRequired: true },
      reach: { url: 'https://weir.example.com' },
    });
    const { setupLink } = await createUser(secure.database, { name: 'ada', role: 'admin' });
    const answer = await secure.server.inject({
      method: 'POST',
      url: '/api/session/setup',
      headers: { host: 'weir.example.com' },
      payload: { token: setupLink.token, password },
    });
    expect(answer.headers['set-cookie']).toMatch(/^__Host-weir=[0-9a-f]{64}; Path=\/; HttpOnly; SameSite=Lax; Secure$/);
    await secure.close();
  });

  it('gives another token than the one that was there before, which is worth nothing then', async () => {
    const browser = await browserOf('carl');
    const before = new Map(browser.cookies);
    await browser.post('/api/session', { name: 'carl', password });
    expect(browser.cookies).not.toEqual(before);
    const thief = new Browser(url);
    for (const [name, value] of before) thief.cookies.set(name, value);
    expect((await thief.get('/api/runs')).status).toBe(401);
    expect((await browser.get('/api/runs')).status).toBe(200);
  });

  it('takes no token that a stranger has chosen', async () => {
    await browserOf('dora');
    const browser = new Browser(url);
    browser.cookies.set('weir', 'a'.repeat(64));
    await browser.post('/api/session', { name: 'dora', password });
    expect(browser.cookies.get('weir')).not.toBe('a'.repeat(64));
  });

  it('is refused alike for a wrong password and for a stranger, and neither answer nor log has the password', async () => {
    await browserOf('emil');
    const browser = new Browser(url);
    const wrong = await browser.post('/api/session', { name: 'emil', password: 'not the password 123' });
    const unknown = await browser.post('/api/session', { name: 'nobody', password: 'not the password 123' });
    expect(wrong.status).toBe(401);
    expect(wrong.headers.get('www-authenticate')).toBe('Session realm="Weir"');
    const plain = ({ json: { instance: _, ...json } }: typeof wrong) => json;
    expect(plain(unknown)).toEqual(plain(wrong));
    const odd = await browser.post('/api/session', { name: 'emil', password: 12345678901234 });
    expect(odd.json).toMatchObject({ status: 400, detail: expect.stringContaining('a value that is not shown') });
    const long = await browser.post('/api/session', { name: 'emil', password: 'not the password 123'.repeat(100) });
    expect(long.status).toBe(400);
    expect([wrong.text, odd.text, long.text, ...world.log].join()).not.toMatch(/not the password|12345678901234/);
  });

  it('waits after some failures, and says how long in a header', async () => {
    await browserOf('fay');
    const browser = new Browser(url);
    const attempt = (given: string) => browser.post('/api/session', { name: 'fay', password: given });
    for (let count = 0; count < 5; count++) expect((await attempt('another password')).status).toBe(401);
    const told = await attempt(password);
    expect(told).toMatchObject({ status: 429, json: { code: 'rate_limited' } });
    now = new Date(now.getTime() + Number(told.headers.get('retry-after')) * 1_000);
    expect((await attempt(password)).status).toBe(200);
  });

  it('is refused from a page of another site', async () => {
    await browserOf('gus');
    const told = await new Browser(url).post(
      '/api/session',
      { name: 'gus', password },
      { origin: 'https://evil.example.com' },
    );
    expect(told.json.code).toBe('origin_refused');
  });
});

describe('a change with a session', () => {
  it('is put on record under the name of the user, whoever the client says it is', async () => {
    const browser = await browserOf('hal');
    expect((await browser.post(PAUSE, pause)).json).toMatchObject({ pause: { by: 'hal' } });
    await browser.post('/api/schedules/ingest/resume', reason);
  });

  it.each([
    ['no token', () => undefined],
    ['an invented token', () => 'a'.repeat(64)],
    ['the token of the session itself', (own: Browser) => own.cookies.get('weir')],
    ['the token of another session', (_: Browser, other: Browser) => other.csrfToken],
  ])('is refused with %s', async (how, tokenOf) => {
    const browser = await browserOf(`ida with ${how}`);
    const other = await browserOf(`jan with ${how}`);
    browser.csrfToken = tokenOf(browser, other);
    for (const path of [PAUSE, '/api/session/end', '/api/session/password'])
      expect(await browser.post(path, pause)).toMatchObject({ status: 403, json: { code: 'csrf_refused' } });
    expect((await browser.get('/api/runs')).status).toBe(200);
  });

  it('is refused from another origin, also with the token', async () => {
    const browser = await browserOf('kim');
    const told = await browser.post(PAUSE, pause, { origin: 'https://evil.example.com' });
    expect(told.json.code).toBe('origin_refused');
    expect((await browser.post(PAUSE, pause, { 'sec-fetch-site': 'same-site' })).json.code).toBe('origin_refused');
  });
});

describe('a session over time', () => {
  it('ends when it is idle, and says so by asking for a login', async () => {
    const browser = await browserOf('leo');
    now = new Date(now.getTime() + 59 * MINUTE_MS);
    expect((await browser.get('/api/runs')).status).toBe(200);
    now = new Date(now.getTime() + 60 * MINUTE_MS);
    expect((await browser.get('/api/runs')).json.code).toBe('login_required');
    expect((await whoIs(browser)).identity).toBeNull();
  });

  it('is listed with the others of its user, who can end each, or all', async () => {
    const browser = await browserOf('mia');
    const other = new Browser(url);
    await other.post('/api/session', { name: 'mia', password }, { 'user-agent': 'another browser' });
    const { items } = (await browser.get('/api/sessions')).json;
    expect(items).toMatchObject([
      { isPresent: false, method: 'password', browser: 'another browser', address: '127.0.0.1' },
      { isPresent: true, method: 'link' },
    ]);
    expect(JSON.stringify(items)).not.toContain(browser.cookies.get('weir'));
    expect((await browser.post(`/api/sessions/${items[0].id}/end`)).json.items).toHaveLength(1);
    expect((await other.get('/api/runs')).status).toBe(401);
    const third = new Browser(url);
    await third.post('/api/session', { name: 'mia', password });
    await browser.post('/api/session/end', { everywhere: true });
    expect((await third.get('/api/runs')).status).toBe(401);
  });

  it('goes on under another token when its user changes the password, and the others end', async () => {
    const browser = await browserOf('ned');
    const other = new Browser(url);
    await other.post('/api/session', { name: 'ned', password });
    const before = browser.cookies.get('weir');
    const change = (presentPassword: string, nextPassword: string) =>
      browser.post('/api/session/password', { presentPassword, nextPassword });
    expect((await change('not the password', 'another long password')).status).toBe(401);
    expect((await change(password, 'short')).json.code).toBe('password_unfit');
    expect((await change(password, 'another long password')).status).toBe(200);
    expect(browser.cookies.get('weir')).not.toBe(before);
    expect((await browser.get('/api/runs')).status).toBe(200);
    expect((await other.get('/api/runs')).status).toBe(401);
  });
});

describe('an admin', () => {
  it('creates a user, who sets a password by a link, and changes what they may do', async () => {
    const admin = await browserOf('root', 'admin');
    const { json } = await admin.post('/api/users', { ...reason, name: 'zoe', role: 'viewer' });
    expect(json).toMatchObject({ user: { name: 'zoe', state: 'invited', role: 'viewer' } });
    const zoe = new Browser(url);
    expect((await zoe.post('/api/session/setup', { token: json.setupToken, password })).json.identity.role).toBe(
      'viewer',
    );
    expect((await zoe.post(PAUSE, pause)).json.code).toBe('role_insufficient');
    const user = `/api/users/${json.user.id}`;
    expect((await admin.post(`${user}/role`, { ...reason, role: 'operator' })).json).toMatchObject({
      role: 'operator',
      sessions: 0,
    });
    expect((await zoe.get('/api/runs')).status).toBe(401);
    expect((await zoe.post('/api/session', { name: 'zoe', password })).json.identity.role).toBe('operator');
    expect((await admin.post(`${user}/disable`, reason)).json.state).toBe('disabled');
    expect((await zoe.get('/api/runs')).status).toBe(401);
    expect((await zoe.post('/api/session', { name: 'zoe', password })).status).toBe(401);
    expect((await admin.post(`${user}/enable`, reason)).json.state).toBe('active');
    expect((await zoe.post('/api/session', { name: 'zoe', password })).status).toBe(200);
    const reset = (await admin.post(`${user}/reset`, reason)).json;
    expect((await zoe.get('/api/runs')).status).toBe(401);
    expect(
      (await zoe.post('/api/session/setup', { token: reset.setupToken, password: 'another long password' })).status,
    ).toBe(200);
    expect((await admin.post(`${user}/end-sessions`, reason)).json.sessions).toBe(0);
    expect((await admin.get('/api/users?search=zoe')).json.items).toMatchObject([{ name: 'zoe', state: 'active' }]);
    expect((await admin.post('/api/users', { ...reason, name: 'ZOE', role: 'viewer' })).json.code).toBe(
      'user_name_taken',
    );
    expect((await admin.post('/api/users/999/disable', reason)).json.code).toBe('user_unknown');
  });

  it('finds on record who logged in, who tried to, and what admins did, without a secret', async () => {
    const admin = await browserOf('una', 'admin');
    await new Browser(url).post('/api/session', { name: 'una', password: 'not the password' });
    const { json } = await admin.post('/api/users', { ...reason, name: 'vic', role: 'viewer' });
    await admin.post(`/api/users/${json.user.id}/role`, { ...reason, role: 'operator' });
    await admin.post('/api/session/password', { presentPassword: password, nextPassword: 'another long password' });
    const rows = await database.query(
      `select actor, action, outcome, before->>'role' as before, after->>'role' as after from audit_log
        where id > (select max(id) from audit_log) - 5 order by id`,
    );
    expect(rows).toEqual([
      { actor: 'una', action: 'setUp', outcome: 'done', before: null, after: null },
      { actor: 'anonymous', action: 'logIn', outcome: 'refused', before: null, after: null },
      { actor: 'una', action: 'createUser', outcome: 'done', before: null, after: null },
      { actor: 'una', action: 'changeUserRole', outcome: 'done', before: 'viewer', after: 'operator' },
      { actor: 'una', action: 'changePassword', outcome: 'done', before: null, after: null },
    ]);
    const all = JSON.stringify(await database.query('select * from audit_log'));
    for (const secret of [password, 'not the password', 'another long', json.setupToken, admin.csrfToken])
      expect(all).not.toContain(secret);
  });

  it('cannot be the last one and go', async () => {
    await database.query("update users set disabled_at = now() where role = 'admin'");
    const admin = await browserOf('pia', 'admin');
    expect((await admin.post(`/api/users/${admin.id}/disable`, reason)).json.code).toBe('user_last_admin');
    expect((await admin.post(`/api/users/${admin.id}/role`, { ...reason, role: 'viewer' })).json.code).toBe(
      'user_last_admin',
    );
    expect((await admin.get('/api/users')).status).toBe(200);
  });
});
