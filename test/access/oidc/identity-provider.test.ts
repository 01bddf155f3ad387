import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { IdentityProvider, type OidcSettings, takeProvidedUser } from '#access';
import type { Database } from '#store';
import { createTestDatabase } from '../../postgres/create-test-database.ts';
import { CLIENT, startTestProvider, type TestProvider } from './test-provider.ts';

const REDIRECT = 'http://127.0.0.1:8080/api/session/oidc/callback';
const ada = { subject: 'subject-of-ada', name: 'ada', groups: ['people', 'ml-team'] };

let provider: TestProvider;
let database: Database;
const settings = (changed: Partial<OidcSettings> = {}): OidcSettings => ({
  issuer: provider.issuer,
  ...CLIENT,
  scopes: 'openid profile',
  groupsClaim: 'groups',
  groups: { people: 'viewer', 'ml-team': 'operator', root: 'admin' },
  ...changed,
});
const client = (changed?: Partial<OidcSettings>) => new IdentityProvider(settings(changed), () => new Date());

beforeAll(async () => {
  provider = await startTestProvider([REDIRECT]);
  database = await createTestDatabase();
});
beforeEach(() => {
  provider.loggedIn = ada;
  provider.tamper = undefined;
});
afterAll(async () => {
  await provider.close();
  await database.close();
});

/** Goes to the provider and back, and gives what the browser has then. */
async function goThere(there = client()) {
  const { url, transaction } = await there.start(REDIRECT);
  return { there, url: new URL(url), transaction, back: await provider.visit(url) };
}

const problemOf = (login: Promise<unknown>) =>
  login.then(
    () => 'logged in',
    ({ problem }: { problem: unknown }) => problem,
  );

describe('a login at an identity provider', () => {
  it('takes the code flow with PKCE, state and nonce, and gives who it is with the role of their groups', async () => {
    const { there, url, transaction, back } = await goThere();
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      response_type: 'code',
      code_challenge_method: 'S256',
      state: transaction.state,
      nonce: transaction.nonce,
      scope: 'openid profile',
    });
    expect(url.href).not.toContain(transaction.verifier);
    expect(await there.finish(back, transaction)).toEqual({
      issuer: provider.issuer,
      subject: ada.subject,
      name: 'ada',
      email: null,
      role: 'operator',
    });
  });

  it('gives no role to somebody in no group that has one', async () => {
    provider.loggedIn = { ...ada, subject: 'eve', groups: ['people-of-another-kind', 'constructor'] };
    const { there, transaction, back } = await goThere();
    expect(await there.finish(back, transaction)).toMatchObject({ role: undefined });
  });

  it('is refused with the state of another login', async () => {
    const { there, transaction, back } = await goThere();
    expect(await problemOf(there.finish(back, { ...transaction, state: 'another' }))).toBe('oidc_invalid');
  });

  it('is refused with the nonce of another login', async () => {
    const { there, transaction, back } = await goThere();
    expect(await problemOf(there.finish(back, { ...transaction, nonce: 'another' }))).toBe('oidc_invalid');
  });

  it('is refused with the verifier of another login', async () => {
    const { there, transaction, back } = await goThere();
    const { transaction: other } = await there.start(REDIRECT);
    expect(await problemOf(there.finish(back, { ...transaction, verifier: other.verifier }))).toBe('oidc_invalid');
  });

  it('is refused when its code is used a second time', async () => {
    const { there, transaction, back } = await goThere();
    await there.finish(back, transaction);
    expect(await problemOf(there.finish(back, transaction))).toBe('oidc_invalid');
  });

  it('is refused when the issuer of the answer is another one', async () => {
    const { there, transaction, back } = await goThere();
    const mixed = new URL(back);
    mixed.searchParams.set('iss', 'https://elsewhere.example.com');
    expect(await problemOf(there.finish(mixed.href, transaction))).toBe('oidc_invalid');
  });

  it.each([
    ['other claims', (claims: object) => ({ ...claims, sub: 'somebody-else' }), (header: object) => header],
    ['no signature', (claims: object) => claims, (header: object) => ({ ...header, alg: 'none' })],
    ['another audience', (claims: object) => ({ ...claims, aud: 'another-client' }), (header: object) => header],
    ['an end that has passed', (claims: object) => ({ ...claims, exp: 1 }), (header: object) => header],
  ])('is refused with an id token that has %s', async (_, changeClaims, changeHeader) => {
    provider.tamper = (token) => {
      const [header = '', claims = '', signature = ''] = token.split('.');
      return [changed(header, changeHeader), changed(claims, changeClaims), signature].join('.');
    };
    const { there, transaction, back } = await goThere();
    expect(await problemOf(there.finish(back, transaction))).toBe('oidc_invalid');
  });

  it('is refused with an id token whose signature was changed', async () => {
    provider.tamper = (token) => `${token.slice(0, -10)}${[...token.slice(-10)].reverse().join('')}`;
    const { there, transaction, back } = await goThere();
    expect(await problemOf(there.finish(back, transaction))).toBe('oidc_invalid');
  });

  it('is refused when the provider says no', async () => {
    provider.loggedIn = undefined;
    const { there, transaction, back } = await goThere();
    expect(await problemOf(there.finish(back, transaction))).toBe('oidc_denied');
  });

  it('is refused with a wrong secret of the client', async () => {
    const { there, transaction, back } = await goThere(client({ clientSecret: 'another secret' }));
    expect(await problemOf(there.finish(back, transaction))).toBe('oidc_invalid');
  });

  it('is refused while the provider is away', async () => {
    const away = await startTestProvider([REDIRECT]);
    const { issuer } = away;
    await away.close();
    expect(await problemOf(client({ issuer }).start(REDIRECT))).toBe('oidc_unreachable');
  });

  it('is refused when the provider goes away meanwhile', async () => {
    const short = await startTestProvider([REDIRECT]);
    short.loggedIn = ada;
    const there = client({ issuer: short.issuer });
    const { url, transaction } = await there.start(REDIRECT);
    const back = await short.visit(url);
    await short.close();
    expect(await problemOf(there.finish(back, transaction))).toBe('oidc_unreachable');
  });
});

describe('a user of an identity provider', () => {
  const provided = {
    issuer: 'https://id.example.com',
    subject: '1',
    name: 'bea',
    email: null,
    role: 'viewer',
  } as const;
  const roleOf = async (id: string) => (await database.query('select name, role from users where id = $1', [id]))[0];

  it('is one user, also after two first logins at once, with the role of the last login', async () => {
    const ids = await Promise.all([1, 2, 3].map(() => takeProvidedUser(database, provided)));
    expect(new Set(ids).size).toBe(1);
    const id = await takeProvidedUser(database, { ...provided, role: 'operator', name: 'renamed' });
    expect(await roleOf(id)).toEqual({ name: 'bea', role: 'operator' });
  });

  it('is never a user with a password of the same name', async () => {
    const [local] = await database.query<{ id: string }>(
      "insert into users (name, role, password_hash) values ('root', 'admin', 'x') returning id",
    );
    const id = await takeProvidedUser(database, { ...provided, subject: '2', name: 'ROOT' });
    expect(id).not.toBe(local?.id);
    expect(await roleOf(id)).toEqual({ name: 'ROOT (id.example.com)', role: 'viewer' });
  });

  it('is told by its issuer too', async () => {
    const one = await takeProvidedUser(database, { ...provided, subject: '3', name: 'carl' });
    const other = await takeProvidedUser(database, {
      ...provided,
      subject: '3',
      name: 'carl',
      issuer: 'https://b.example.com',
    });
    expect(one).not.toBe(other);
  });

  it('gets in neither without a group nor when disabled, and loses the sessions that it had', async () => {
    const id = await takeProvidedUser(database, { ...provided, subject: '4', name: 'dora' });
    await database.query(
      "insert into sessions (digest, user_id, role, method, address, browser, created_at, seen_at, ends_at) values (sha256('x'), $1, 'viewer', 'oidc', '', '', now(), now(), now() + interval '1 hour')",
      [id],
    );
    expect(await problemOf(takeProvidedUser(database, { ...provided, subject: '4', role: undefined }))).toBe(
      'group_missing',
    );
    expect(await database.query('select id from sessions where user_id = $1', [id])).toEqual([]);
    await database.query('update users set disabled_at = now() where id = $1', [id]);
    expect(await problemOf(takeProvidedUser(database, { ...provided, subject: '4' }))).toBe('user_disabled');
  });
});

function changed(part: string, change: (value: object) => object): string {
  const value: object = JSON.parse(Buffer.from(part, 'base64url').toString());
  return Buffer.from(JSON.stringify(change(value))).toString('base64url');
}
