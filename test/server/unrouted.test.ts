import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import type { InjectOptions } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorBody, routes } from '#api';
import { type RawAnswer, sendRaw } from './send-raw.ts';
import { createWorld, type World } from './world.ts';

let world: World;
let port: number;

beforeAll(async () => {
  world = await createWorld();
  ({ port } = await world.server.listen({ port: 0 }));
});
afterAll(() => world.close());

const inject = ({ headers = {}, ...request }: InjectOptions) =>
  world.server.inject({ ...request, headers: { host: `127.0.0.1:${port}`, ...headers } });

/** Sends bytes as they are, and reads until the server ends the connection. */
const send = (request: string): Promise<RawAnswer> => sendRaw(port, request);

const SHAPE = {
  'content-type': 'application/problem+json',
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cache-control': 'no-store',
};

describe('a method that an address does not take', () => {
  it.each(Object.values(routes).map(({ method, path }) => [method, path]))(
    'is refused beside %s %s',
    async (method, path) => {
      const other = method === 'GET' ? 'PUT' : 'DELETE';
      const answer = await inject({ method: other, url: path.replace(/:\w+/g, '1') });
      expect(answer.statusCode).toBe(405);
      expect(answer.json()).toMatchObject({ code: 'method_not_allowed', detail: expect.stringContaining(other) });
      expect(String(answer.headers.allow).split(', ')).toEqual(expect.arrayContaining([method, 'OPTIONS']));
    },
  );

  it.each(['PROPFIND', 'TRACE', 'MKCOL', 'QUERY'])('is refused when it is %s, over a socket', async (method) => {
    const { status, headers, body } = await send(
      `${method} /api/runs HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nconnection: close\r\n\r\n`,
    );
    expect({ status, allow: headers.allow }).toEqual({ status: 405, allow: 'GET, HEAD, OPTIONS' });
    expect(errorBody.parse(JSON.parse(body))).toMatchObject({ code: 'method_not_allowed' });
  });

  it('is a 404 where there is no address at all', async () => {
    expect((await inject({ method: 'DELETE', url: '/api/nowhere' })).statusCode).toBe(404);
  });
});

describe('OPTIONS', () => {
  it.each([
    ['/api/predict', 'POST, OPTIONS'],
    ['/api/runs/1', 'GET, HEAD, OPTIONS'],
    ['/docs', 'GET, HEAD, OPTIONS'],
    ['/metrics', 'GET, HEAD, OPTIONS'],
    ['/runs', 'GET, HEAD, OPTIONS'],
    ['*', 'GET, HEAD, OPTIONS'],
  ])('says which methods %s takes', async (url, allow) => {
    const { status, headers } = await send(
      `OPTIONS ${url} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nconnection: close\r\n\r\n`,
    );
    expect({ status, allow: headers.allow }).toEqual({ status: 204, allow });
  });

  it('lets no page of another site in', async () => {
    const headers = { origin: 'https://evil.example', 'access-control-request-method': 'POST' };
    const answer = await inject({ method: 'OPTIONS', url: '/api/predict', headers });
    expect(answer.statusCode).toBe(204);
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  it('has nothing to say of an address that does not exist', async () => {
    expect((await inject({ method: 'OPTIONS', url: '/api/nowhere' })).statusCode).toBe(404);
  });
});

describe('a request that cannot be read', () => {
  it.each([
    ['no HTTP', 'hello\r\n\r\n', 400, 'request_invalid'],
    ['a space in a header name', 'GET / HTTP/1.1\r\nho st: a\r\n\r\n', 400, 'request_invalid'],
    [
      'two lengths',
      'POST /api/predict HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n',
      400,
      'request_invalid',
    ],
    [
      'headers beyond the bound',
      `GET / HTTP/1.1\r\nhost: a\r\nx-long: ${'a'.repeat(20_000)}\r\n\r\n`,
      431,
      'headers_too_large',
    ],
    ['no Host', 'GET /api/runs HTTP/1.1\r\nconnection: close\r\n\r\n', 400, 'request_invalid'],
    [
      'a percent sign alone',
      'GET /api/runs/% HTTP/1.1\r\nhost: 127.0.0.1:PORT\r\nconnection: close\r\n\r\n',
      400,
      'request_invalid',
    ],
  ])('is refused in the form of all errors: %s', async (_, request, status, code) => {
    const answer = await send(request.replace('PORT', String(port)));
    expect(answer.status).toBe(status);
    expect(answer.headers).toMatchObject(SHAPE);
    expect(errorBody.parse(JSON.parse(answer.body))).toMatchObject({ code });
  });

  it('is refused in the form of all errors when it does not arrive in time', async () => {
    const slow = await createWorld({ limits: { receiveMs: 1 } });
    const { port: slowPort } = await slow.server.listen({ port: 0 });
    const socket = connect(slowPort, '127.0.0.1');
    // The end of the headers never comes.
    socket.write('GET /api/runs HTTP/1.1\r\nhost: a\r\n');
    const answer = await text(socket);
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(errorBody.parse(JSON.parse(answer.split('\r\n\r\n')[1] ?? ''))).toMatchObject({ code: 'request_timeout' });
    await slow.close();
  });

  it('with an expectation that nobody knows is answered as if it had none', async () => {
    const request = `GET /api/project HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nexpect: magic\r\nconnection: close\r\n\r\n`;
    expect((await send(request)).status).toBe(200);
  });
});
