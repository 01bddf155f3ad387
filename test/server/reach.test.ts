import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiKey } from '#access';
import type { ServerReach } from '#server';
import { type RawAnswer, sendRaw } from './send-raw.ts';
import { createWorld, type World } from './world.ts';

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
