import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ServerError } from '#server';
import { sendRaw } from './send-raw.ts';
import { createWorld, parcel, type World } from './world.ts';

let world: World;
let port: number;
let url: string;

beforeAll(async () => {
  world = await createWorld();
  ({ port, url } = await world.server.listen({ host: '127.0.0.1', port: 0 }));
});
afterAll(() => world.close());

const get = (headers: Record<string, string>) => world.server.inject({ method: 'GET', url: '/api/project', headers });

describe('the Host header', () => {
  it.each(['127.0.0.1', 'localhost', '[::1]', 'LOCALHOST'])('may be %s with the port of the server', async (name) => {
    expect((await get({ host: `${name}:${port}` })).statusCode).toBe(200);
  });

  it.each([
    'evil.example',
    'evil.example:PORT',
    'localhost.evil.example:PORT',
    '127.0.0.1.nip.io:PORT',
    'localhost',
    '127.0.0.1:1',
    '0.0.0.0:PORT',
    'localhost:PORT@evil.example',
    '',
  ])('is refused when it is %s', async (host) => {
    const request = `GET /api/project HTTP/1.1\r\nhost: ${host.replace('PORT', String(port))}\r\nconnection: close\r\n\r\n`;
    const { status, body } = await sendRaw(port, request);
    expect(status).toBe(421);
    expect(JSON.parse(body)).toMatchObject({ code: 'host_refused' });
  });

  it('is asked for files and unknown addresses as well', async () => {
    for (const path of ['/', '/docs', '/docs/json', '/nowhere', '/metrics']) {
      const answer = await world.server.inject({ method: 'GET', url: path, headers: { host: 'evil.example' } });
      expect(answer.statusCode, path).toBe(421);
    }
  });
});

describe('a request that changes something', () => {
  const post = (headers: Record<string, string>) =>
    fetch(`${url}/api/pipelines/ingest/runs`, { method: 'POST', headers });

  it.each([
    ['another site', { origin: 'https://evil.example' }],
    ['another port of this machine', { origin: 'http://127.0.0.1:1' }],
    ['a page without origin', { origin: 'null' }],
    ['another site by its fetch metadata', { 'sec-fetch-site': 'cross-site' }],
    ['another port by its fetch metadata', { 'sec-fetch-site': 'same-site' }],
  ])('is refused from %s', async (_, headers) => {
    const answer = await world.server.inject({
      method: 'POST',
      url: '/api/pipelines/ingest/runs',
      headers: { host: `127.0.0.1:${port}`, ...headers },
    });
    expect(answer.statusCode).toBe(403);
    expect(world.engine.started).toEqual([]);
  });

  it('is taken from a program and from our own page', async () => {
    expect((await post({})).status).toBe(200);
    expect((await post({ origin: url })).status).toBe(200);
    expect(world.engine.started).toEqual(['ingest', 'ingest']);
  });
});

describe('binding', () => {
  it.each(['127.0.0.2', '0.0.0.0', '::', '192.168.1.2', 'example.com'])(
    '%s is refused where no login is required',
    async (host) => {
      await expect(world.server.listen({ host, port: 0 })).rejects.toThrow(/loopback/);
    },
  );
});

describe('every answer', () => {
  it('tells browsers to guess nothing, embed nothing, and keep nothing without asking again', async () => {
    const { headers } = await get({ host: `localhost:${port}`, origin: 'https://evil.example' });
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'cache-control': 'private, no-cache',
    });
    expect(headers).not.toHaveProperty('access-control-allow-origin');
  });

  it('to an unknown route is JSON and names the route, not the query', async () => {
    const answer = await world.server.inject({
      url: '/api/nowhere?token=secret',
      headers: { host: `localhost:${port}` },
    });
    expect(answer.statusCode).toBe(404);
    expect(answer.json()).toMatchObject({ code: 'route_unknown', detail: expect.stringContaining('/api/nowhere') });
    expect(answer.body).not.toContain('secret');
    expect(world.log.join('')).not.toContain('secret');
  });

  it('to an address that cannot be read is JSON', async () => {
    for (const path of ['/api/runs/%', '/api/runs/%c0%af', `/api/runs/${'1'.repeat(5000)}`]) {
      const answer = await world.server.inject({ url: path, headers: { host: `localhost:${port}` } });
      expect([400, 404, 414], path).toContain(answer.statusCode);
      expect(answer.json(), path).toHaveProperty('code');
    }
  });

  it('that says try again is logged in a line, without a stack and without a password', async () => {
    const cause = new Error('cannot reach postgres://weir:hunter2@127.0.0.1:5432/weir');
    const away = await createWorld({
      predictor: {
        explain: async () => [],
        predict: () => Promise.reject(new ServerError('database_unreachable', undefined, { cause })),
      },
    });
    const answer = await away.server.inject({ method: 'POST', url: '/api/predict', payload: parcel });
    expect(answer.statusCode).toBe(503);
    const [line] = away.log.filter((each) => each.includes('database_unreachable'));
    expect(JSON.parse(line ?? '{}')).toMatchObject({ level: 40, cause: expect.stringContaining('127.0.0.1:5432') });
    expect(line).not.toMatch(/stack|hunter2/);
    await away.close();
  });

  it('to a failure inside says nothing of it', async () => {
    const broken = await createWorld({
      predictor: { explain: async () => [], predict: () => Promise.reject(new Error('select password from secrets')) },
    });
    const answer = await broken.server.inject({ method: 'POST', url: '/api/predict', payload: parcel });
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toMatch(/password|at .*\.ts/);
    expect(broken.log.join('')).toContain('select password from secrets');
    await broken.close();
  });
});
