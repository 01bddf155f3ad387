import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiKey } from '#access';
import { type Role, roles, routes } from '#api';
import { createServer } from '#server';
import { createWorld, type World } from './world.ts';

let world: World;
const keys = new Map<Role, string>();

beforeAll(async () => {
  world = await createWorld({ access: { isLoginRequired: true } });
  for (const role of roles) keys.set(role, await newKey(role));
});
afterAll(() => world.close());

async function newKey(role: Role, expiresAt: Date | null = null): Promise<string> {
  return (await createApiKey(world.database, { name: `the ${role}`, role, by: 'test', expiresAt })).text;
}
const bearer = (key = ''): Record<string, string> => ({ authorization: `Bearer ${key}` });
const keyOf = (role: Role): Record<string, string> => bearer(keys.get(role));
const read = (headers: Record<string, string>) =>
  world.server.inject({ method: 'GET', url: routes.project.path, headers });

describe('an API key', () => {
  it('identifies a program by the header authorization, or by x-api-key', async () => {
    expect((await read(keyOf('viewer'))).statusCode).toBe(200);
    expect((await read({ authorization: `bearer ${keys.get('viewer')}` })).statusCode).toBe(200);
    expect((await read({ 'x-api-key': keys.get('viewer') ?? '' })).statusCode).toBe(200);
  });

  it('is refused when it is none, has another secret, or the prefix of another key', async () => {
    const [, prefix, secret = ''] = (keys.get('viewer') ?? '').split('_');
    const [, otherPrefix] = (keys.get('admin') ?? '').split('_');
    const wrong = secret.replace(/^./, (digit) => (digit === '0' ? '1' : '0'));
    for (const key of [
      'weir',
      `weir_${prefix}_`,
      `weir_${prefix}_${wrong}`,
      `weir_${otherPrefix}_${secret}`,
      `weir_0000000000_${secret}`,
      `weir_${prefix}_${secret}0`,
      "weir_' or 1=1 --_x",
    ]) {
      const answer = await read(bearer(key));
      expect(answer.statusCode, key).toBe(401);
      expect(answer.headers['www-authenticate']).toBe('Bearer realm="Weir", error="invalid_token"');
      expect(answer.body).not.toContain(secret);
    }
  });

  it('is refused after its end, with the time of it', async () => {
    const answer = await read(bearer(await newKey('viewer', new Date(Date.now() - 1_000))));
    expect(answer.statusCode).toBe(401);
    expect(answer.body).toMatch(/expired on \d{4}-/);
  });

  it('that is not valid does not keep anyone from asking for health', async () => {
    const answer = await world.server.inject({ method: 'GET', url: '/api/health', headers: bearer('weir_no') });
    expect(answer.statusCode).toBe(200);
  });

  it('is not stored, and neither shown again nor logged', async () => {
    const key = await newKey('viewer');
    await read(bearer(key));
    const [, , secret = 'none'] = key.split('_');
    const listed = await world.server.inject({ method: 'GET', url: routes.apiKeys.path, headers: keyOf('admin') });
    const rows = await world.database.query('select api_keys::text as row from api_keys');
    expect(listed.statusCode).toBe(200);
    for (const text of [listed.body, JSON.stringify(rows), world.log.join('')]) expect(text).not.toContain(secret);
  });

  it('has a time of last use, to the minute', async () => {
    const { apiKey, text } = await createApiKey(world.database, {
      ...{ name: 'used', role: 'viewer', by: 'test', expiresAt: null },
    });
    await read(bearer(text));
    const lastUse = async () =>
      (await world.database.query('select last_used_at from api_keys where id = $1', [apiKey.id]))[0]?.last_used_at;
    await expect.poll(lastUse).toBeInstanceOf(Date);
    const before = await lastUse();
    await read(bearer(text));
    expect(await lastUse()).toEqual(before);
  });
});

describe('API keys over HTTP', () => {
  const change = { reason: 'test' };
  const post = (url: string, body: object, headers: Record<string, string>) =>
    world.server.inject({ method: 'POST', url, payload: body, headers });

  it('are created by an admin, listed, and revoked on every server at once', async () => {
    const body = { ...change, name: 'checkout', role: 'operator', expiresAt: null, by: 'somebody else' };
    const created = (await post(routes.createApiKey.path, body, keyOf('admin'))).json();
    expect(created).toMatchObject({ apiKey: { name: 'checkout', state: 'active', createdBy: 'the admin' } });
    const [, , secret = 'none'] = created.secret.split('_');
    const recorded = JSON.stringify(await world.database.query('select audit_log::text as row from audit_log'));
    expect(recorded).toContain('createApiKey');
    expect(recorded).not.toContain(secret);
    const other = await createServer(world.options);
    const ask = async () =>
      (await other.inject({ method: 'GET', url: '/api/project', headers: bearer(created.secret) })).statusCode;
    expect(await ask()).toBe(200);
    const path = routes.revokeApiKey.path.replace(':id', created.apiKey.id);
    const revoked = await post(path, change, keyOf('admin'));
    expect(revoked.json()).toMatchObject({ state: 'revoked', revoked: { by: 'the admin' } });
    await expect.poll(ask).toBe(401);
    expect((await read(bearer(created.secret))).body).toMatch(/was revoked on/);
    expect((await post(path, change, keyOf('admin'))).json()).toMatchObject({ code: 'api_key_unchanged' });
    const unknown = routes.revokeApiKey.path.replace(':id', '999999');
    expect((await post(unknown, change, keyOf('admin'))).json()).toMatchObject({ code: 'api_key_unknown' });
    await other.close();
  });

  it('are not created with an end in the past', async () => {
    const body = { ...change, name: 'late', role: 'viewer', expiresAt: '2020-01-01T00:00:00Z' };
    expect((await post(routes.createApiKey.path, body, keyOf('admin'))).json()).toMatchObject({
      code: 'period_invalid',
    });
  });
});
