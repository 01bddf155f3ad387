import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createUser, IdentityProvider, Logins, PasswordHasher } from '#access';
import type { Database } from '#store';
import { CLIENT, startTestProvider, type TestProvider } from '../access/oidc/test-provider.ts';
import { createTestDatabase } from '../postgres/create-test-database.ts';
import { Browser } from './browser.ts';
import { createWorld, type World } from './world.ts';

const ada = { subject: 'subject-of-ada', name: 'ada', groups: ['people'] };

/** Where people reach the server, as the provider knows it. */
const PUBLIC_URL = 'http://weir.example.com';

let provider: TestProvider;
let database: Database;
let world: World;
let url: string;

beforeAll(async () => {
  database = await createTestDatabase();
  provider = await startTestProvider([`${PUBLIC_URL}/api/session/oidc/callback`]);
  world = await createWorld({ database, access: accessOf(provider.issuer), reach: { url: PUBLIC_URL } });
  url = (await world.server.listen({ port: 0 })).url;
});
beforeEach(() => {
  provider.loggedIn = ada;
  provider.tamper = undefined;
});
afterAll(async () => {
  await world.close();
  await provider.close();
});

function accessOf(issuer: string) {
  const settings = {
    ...{ issuer, ...CLIENT, scopes: 'openid profile', groupsClaim: 'groups' },
    groups: { people: 'viewer', 'ml-team': 'operator' } as const,
  };
  const hasher = new PasswordHasher({ cost: { n: 16, r: 1, p: 1 } });
  return {
    isLoginRequired: true,
    logins: new Logins({ database, lifetimes: { hours: 12, idleMinutes: 60 } }, { hasher }),
    provider: { title: 'Example Ltd', client: new IdentityProvider(settings, () => new Date()) },
  };
}

/** Where a browser stands after the provider sent it back, without opening that address. */
async function goThere(browser: Browser, to = '/runs'): Promise<string> {
  const start = await browser.get(`/api/session/oidc?${new URLSearchParams({ to })}`);
  expect(start.status).toBe(303);
  return provider.visit(start.headers.get('location') ?? '');
}

/** The path that the browser is sent on to from there. */
async function open(browser: Browser, address: string): Promise<string> {
  expect(address).toMatch(new RegExp(`^${PUBLIC_URL}/api/session/oidc/callback\\?`));
  const { pathname, search } = new URL(address);
  const answer = await browser.get(pathname + search);
  expect(answer.status).toBe(303);
  return answer.headers.get('location') ?? '';
}

const whoIs = async (browser: Browser) => (await browser.get('/api/session')).json;

describe('a login at an identity provider', () => {
  it('is offered, and leads to the page that somebody came from, with a session', async () => {
    const browser = new Browser(url);
    expect((await whoIs(browser)).login.oidc).toEqual({ title: 'Example Ltd', path: '/api/session/oidc' });
    const back = await goThere(browser, '/runs?state=failed');
    expect(browser.setCookies).toEqual([
      expect.stringMatching(/^weir-login=[\w-]+; Path=\/; HttpOnly; SameSite=Lax; Max-Age=600$/),
    ]);
    expect(await open(browser, back)).toBe('/runs?state=failed');
    expect([...browser.cookies.keys()]).toEqual(['weir']);
    expect(await whoIs(browser)).toMatchObject({
      identity: { kind: 'user', name: 'ada', role: 'viewer' },
      session: { hasPassword: false },
    });
    expect((await browser.get('/api/sessions')).json.items).toMatchObject([{ method: 'oidc', isPresent: true }]);
  });

  it('gives the role of the groups at that time, and ends sessions with another role', async () => {
    const before = new Browser(url);
    await open(before, await goThere(before));
    provider.loggedIn = { ...ada, groups: ['people', 'ml-team'] };
    const browser = new Browser(url);
    await open(browser, await goThere(browser));
    expect((await whoIs(browser)).identity.role).toBe('operator');
    expect((await whoIs(before)).identity).toBeNull();
  });

  it('shows the reason on the login page to somebody without a group that has a role', async () => {
    provider.loggedIn = { subject: 'eve', name: 'eve', groups: ['others'] };
    const browser = new Browser(url);
    expect(await open(browser, await goThere(browser))).toBe('/login?problem=group_missing');
    expect((await whoIs(browser)).identity).toBeNull();
    expect(await database.query("select id from users where name = 'eve'")).toEqual([]);
    expect(await database.query("select action, outcome, code from audit_log where actor = 'eve'")).toEqual([
      { action: 'logInAtProvider', outcome: 'refused', code: 'group_missing' },
    ]);
  });

  it('shows the reason to somebody who is disabled, and to somebody who says no', async () => {
    provider.loggedIn = { ...ada, subject: 'fay', name: 'fay' };
    const browser = new Browser(url);
    await open(browser, await goThere(browser));
    await database.query("update users set disabled_at = now() where name = 'fay'");
    expect((await whoIs(browser)).identity).toBeNull();
    expect(await open(browser, await goThere(browser))).toBe('/login?problem=user_disabled');
    provider.loggedIn = undefined;
    expect(await open(browser, await goThere(browser))).toBe('/login?problem=oidc_denied');
  });

  it('counts only in the browser that began it, once', async () => {
    const browser = new Browser(url);
    const back = await goThere(browser);
    // Somebody is made to open the end of a login that another one began.
    expect(await open(new Browser(url), back)).toBe('/login?problem=oidc_expired');
    const other = new Browser(url);
    await goThere(other);
    expect(await open(other, back)).toBe('/login?problem=oidc_invalid');
    const kept = new Map(browser.cookies);
    expect(await open(browser, back)).toBe('/runs');
    expect(await open(browser, back)).toBe('/login?problem=oidc_expired');
    for (const [name, value] of kept) browser.cookies.set(name, value);
    expect(await open(browser, back)).toBe('/login?problem=oidc_invalid');
  });

  it.each([
    '//evil.example.com',
    '/\\evil.example.com',
    'https://evil.example.com',
    'javascript:alert(1)',
    '/a\nb',
    '',
  ])('never leads to %j', async (to) => {
    const browser = new Browser(url);
    expect(await open(browser, await goThere(browser, to))).toBe('/');
  });

  it.each(['nonsense', Buffer.from('{"state":1}').toString('base64url'), Buffer.from('null').toString('base64url')])(
    'is refused with the cookie %s',
    async (value) => {
      const browser = new Browser(url);
      const back = await goThere(browser);
      browser.cookies.set('weir-login', value);
      expect(await open(browser, back)).toBe('/login?problem=oidc_expired');
    },
  );

  it('leaves users with a password alone, also one of the same name', async () => {
    const { user } = await createUser(database, { name: 'gus', role: 'admin' });
    provider.loggedIn = { subject: 'gus', name: 'gus', groups: ['people'] };
    const browser = new Browser(url);
    await open(browser, await goThere(browser));
    const { identity } = await whoIs(browser);
    expect(identity).toMatchObject({ role: 'viewer', name: expect.stringMatching(/^gus \(127\.0\.0\.1:\d+\)$/) });
    expect(identity.id).not.toBe(user.id);
  });

  it('is not possible while the provider is away, which stops nothing else', async () => {
    const away = await startTestProvider([]);
    await away.close();
    const without = await createWorld({ database: await createTestDatabase(), access: accessOf(away.issuer) });
    const get = (at: string) => without.server.inject({ method: 'GET', url: at });
    expect((await get('/api/session/oidc')).headers.location).toBe('/login?problem=oidc_unreachable');
    expect((await get('/api/session')).json().login.hasPasswords).toBe(true);
    await without.close();
  });

  it('is not offered without one in the settings', async () => {
    const without = await createWorld({ database: await createTestDatabase(), access: { isLoginRequired: true } });
    const answer = await without.server.inject({ method: 'GET', url: '/api/session/oidc' });
    expect(answer.headers.location).toBe('/login?problem=oidc_absent');
    await without.close();
  });

  it('writes neither codes nor tokens into the log', async () => {
    const browser = new Browser(url);
    const back = await goThere(browser);
    await open(browser, back);
    await open(browser, back);
    const code = new URL(back).searchParams.get('code') ?? 'none';
    expect(world.log.join()).not.toContain(code);
    expect(world.log.join()).not.toContain(CLIENT.clientSecret);
    expect(world.log.join()).not.toContain(browser.cookies.get('weir'));
  });
});
