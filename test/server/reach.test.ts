import { request } from 'node:https';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiKey } from '#access';
import type { ServerReach } from '#server';
import { type RawAnswer, sendRaw } from './send-raw.ts';
import { createWorld, type World } from './world.ts';

/** For localhost and 127.0.0.1, valid for a hundred years, and trusted by nobody. */
const TLS = {
  cert: `-----BEGIN CERTIFICATE-----
MIIBmzCCAUGgAwIBAgIULkGEmouYvGKDVcVcYuKItOJdC3kwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEzMDE3MjUwNFoYDzIxMjYxMTA2
MTcyNTA0WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQ0uIMoLW3hSO32uhSem7yAwAThCtQndRaSZCf6wTS6Y0ZuN+AQp6zq
Lew/dZvo4mjptPrnHdVIawaEjZJJQysPo28wbTAdBgNVHQ4EFgQUCPJIW3YAqEp/
Qal3IaSWSu6jwgswHwYDVR0jBBgwFoAUCPJIW3YAqEp/Qal3IaSWSu6jwgswDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSAAwRQIhAO+mKpfzGufElAVA/CE1AA8RgtVMGyXrNo232Jq23yNpAiBH
9MDq9+uwC3m5e+O5QjQPHsf3qHJPDFDLE3deJ0rS0g==
-----END CERTIFICATE-----`,
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgJAOmS1BXg7SU5yAz
PYzAMHRkzFzJWTJQQu7NWwJbHEyhRANCAAQ0uIMoLW3hSO32uhSem7yAwAThCtQn
dRaSZCf6wTS6Y0ZuN+AQp6zqLew/dZvo4mjptPrnHdVIawaEjZJJQysP
-----END PRIVATE KEY-----`,
};
const URL_OF_PEOPLE = 'https://weir.example.com';
let world: World;
let port: number;
let key: string;

const start = async (reach: ServerReach) => createWorld({ access: { isLoginRequired: true }, reach });

beforeAll(async () => {
  world = await start({ url: URL_OF_PEOPLE, hosts: ['weir.internal', 'other.internal:8443'] });
  ({ port } = await world.server.listen({ host: '127.0.0.2', port: 0 }));
  const created = await createApiKey(world.database, { name: 'x', role: 'operator', by: 'test', expiresAt: null });
  key = created.text;
});
afterAll(() => world.close());

function send(headers: Record<string, string>, { method = 'GET', path = '/api/health', to = port } = {}) {
  const lines = Object.entries({ connection: 'close', 'content-length': '0', ...headers });
  const text = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return sendRaw(to, `${method} ${path} HTTP/1.1\r\n${text}\r\n`, '127.0.0.2');
}
const change = (headers: Record<string, string>, to = port): Promise<RawAnswer> =>
  send({ authorization: `Bearer ${key}`, ...headers }, { method: 'POST', path: '/api/pipelines/ingest/runs', to });

describe('the Host header of a server that requires a login', () => {
  it.each([
    '127.0.0.2:PORT',
    'localhost:PORT',
    'weir.example.com',
    'WEIR.example.com',
    'weir.internal',
    'weir.internal:9',
    'other.internal:8443',
  ])('may be %s', async (host) => {
    expect((await send({ host: host.replace('PORT', String(port)) })).status).toBe(200);
  });

  it.each(['evil.example', 'weir.example.com:1', 'other.internal', '127.0.0.3:PORT', '127.0.0.2:1', 'localhost'])(
    'is refused when it is %s, with the settings that may allow it',
    async (host) => {
      const { status, body } = await send({ host: host.replace('PORT', String(port)) });
      expect(status).toBe(421);
      expect(JSON.parse(body)).toMatchObject({ code: 'host_refused', detail: expect.stringContaining('server.hosts') });
    },
  );

  it('is not what a stranger says that a proxy said', async () => {
    expect((await send({ host: 'evil.example', 'x-forwarded-host': 'weir.example.com' })).status).toBe(421);
  });
});

describe('the origin of a change', () => {
  it('may be the address that people use, over https alone', async () => {
    expect((await change({ host: 'weir.example.com', origin: URL_OF_PEOPLE })).status).toBe(200);
    expect((await change({ host: 'weir.example.com', origin: 'http://weir.example.com' })).status).toBe(403);
    expect((await change({ host: 'weir.internal', origin: URL_OF_PEOPLE })).status).toBe(403);
    expect((await change({ host: 'weir.internal', origin: 'http://weir.internal' })).status).toBe(200);
  });

  it('is what a trusted proxy says', async () => {
    const behind = await start({ hosts: ['weir.internal'], trustProxy: ['127.0.0.0/8'] });
    const { port: to } = await behind.server.listen({ host: '127.0.0.2', port: 0 });
    const own = await createApiKey(behind.database, { name: 'x', role: 'operator', by: 'test', expiresAt: null });
    const through = (headers: Record<string, string>) =>
      change({ authorization: `Bearer ${own.text}`, host: `127.0.0.2:${to}`, ...headers }, to);
    const forwarded = { 'x-forwarded-host': 'weir.internal', 'x-forwarded-proto': 'https' };
    expect((await through({ ...forwarded, origin: 'https://weir.internal' })).status).toBe(200);
    expect((await through({ ...forwarded, origin: 'http://weir.internal' })).status).toBe(403);
    expect((await through({ ...forwarded, 'x-forwarded-host': 'evil.example' })).status).toBe(421);
    await behind.close();
  });
});

describe('a server with a certificate', () => {
  it('answers over https, also to its own pages, and not over http', async () => {
    const secure = await start({ tls: TLS });
    const { url, port: to } = await secure.server.listen({ host: '127.0.0.1', port: 0 });
    expect(url).toBe(`https://127.0.0.1:${to}`);
    const own = await createApiKey(secure.database, { name: 'x', role: 'operator', by: 'test', expiresAt: null });
    const post = (origin: string) =>
      new Promise<number | undefined>((resolve, reject) => {
        const headers = { authorization: `Bearer ${own.text}`, origin };
        const options = { method: 'POST', headers, ca: TLS.cert, agent: false };
        request(`${url}/api/pipelines/ingest/runs`, options, (answer) => resolve(answer.resume().statusCode))
          .on('error', reject)
          .end();
      });
    expect(await post(url)).toBe(200);
    expect(await post(`http://127.0.0.1:${to}`)).toBe(403);
    expect((await sendRaw(to, 'GET /api/health HTTP/1.1\r\nhost: localhost\r\n\r\n')).status).not.toBe(200);
    await secure.close();
  });
});
