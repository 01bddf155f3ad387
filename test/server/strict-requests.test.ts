import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Route, routes } from '#api';
import { type RawAnswer, sendRaw } from './send-raw.ts';
import { ask, createWorld, parcel, type World } from './world.ts';

let world: World;
let listening: World;
let port: number;

beforeAll(async () => {
  world = await createWorld();
  listening = await createWorld();
  ({ port } = await listening.server.listen({ port: 0 }));
});
afterAll(async () => {
  await world.close();
  await listening.close();
});

const send = (lines: readonly string[], body = ''): Promise<RawAnswer> =>
  sendRaw(port, `${[...lines, 'connection: close'].join('\r\n').replaceAll('PORT', String(port))}\r\n\r\n${body}`);
const HOST = 'host: 127.0.0.1:PORT';
const POST = ['POST /api/predict HTTP/1.1', HOST, 'content-type: application/json'];

describe('a request that programs could read differently', () => {
  it.each([
    ['two Host headers', ['GET /api/project HTTP/1.1', HOST, 'host: evil.example']],
    ['two equal Host headers', ['GET /api/project HTTP/1.1', HOST, HOST]],
    ['an address of another host', ['GET http://evil.example/api/project HTTP/1.1', HOST]],
    ['a length that is no number', [...POST, 'content-length: 1e2']],
    ['a negative length', [...POST, 'content-length: -1']],
    ['two lengths', [...POST, 'content-length: 1', 'content-length: 2']],
    ['a length and chunks', [...POST, 'content-length: 2', 'transfer-encoding: chunked']],
    ['an unknown transfer encoding', [...POST, 'transfer-encoding: magic']],
    ['half a percent sign', ['GET /api/past-predictions?search=%4 HTTP/1.1', HOST]],
    ['percent signs that are no UTF-8', ['GET /api/past-predictions?search=%ff HTTP/1.1', HOST]],
    ['an encoded NUL', ['GET /api/past-predictions?search=a%00b HTTP/1.1', HOST]],
    ['a NUL in a header', ['GET /api/project HTTP/1.1', HOST, 'x-any: a\0b']],
  ])('is refused: %s', async (_, lines) => {
    const { status, body } = await send(lines, '{}');
    expect(status).toBe(400);
    expect(JSON.parse(body)).toMatchObject({ code: 'request_invalid' });
  });

  it('is answered when its whole address names this server', async () => {
    expect((await send(['GET http://127.0.0.1:PORT/api/project HTTP/1.1', HOST])).status).toBe(200);
  });
});

describe('a parameter that comes twice', () => {
  const parameters = Object.values<Route>(routes).flatMap((route) =>
    route.query instanceof z.ZodObject
      ? Object.entries<z.ZodType>(route.query.shape).map(([name, schema]) => ({
          route,
          path: route.path,
          name,
          schema,
        }))
      : [],
  );
  const single = parameters.filter(({ schema }) => !schema.safeParse(['1', '2']).success);

  it.each(single)('is refused by $path: $name', async ({ route, name }) => {
    const path = route.path.replaceAll(/:\w+/g, '1');
    const answer = await world.server.inject({ method: route.method, url: `${path}?${name}=1&${name}=1` });
    expect(answer.statusCode).toBe(400);
  });

  it('is one value, but where a list is taken', () => {
    const lists = parameters.filter((parameter) => !single.includes(parameter)).map(({ path, name }) => [path, name]);
    for (const [path] of lists) expect(path).toBe(routes.dashboard.path);
  });
});

describe('a field that a body does not take', () => {
  const bodies = Object.values<Route>(routes).filter(({ method, body, isRaw }) => method === 'POST' && !isRaw && body);

  it.each(bodies)('is never ignored by $path', ({ body }) => {
    // Rows and labels have the columns of the contract, which it checks itself.
    const wrong = body?.safeParse({ unheard: {} });
    expect(wrong?.success).toBe(false);
  });

  it('is refused with the name it may be meant for', async () => {
    const body = { by: 'ada', reasn: 'the source moves' };
    const { status, json } = await ask(world, routes.pauseSchedule, { params: { pipeline: 'ingest' }, body });
    expect(status).toBe(400);
    expect(json.detail).toContain('got "reasn"; the nearest known is "reason"');
  });

  it('is refused where no body is taken at all', async () => {
    const { status, json } = await ask(world, routes.cancelRun, { params: { id: '1' }, body: { force: true } });
    expect({ status, detail: json.detail }).toEqual({ status: 400, detail: expect.stringContaining('"force"') });
  });
});

describe('a media type', () => {
  const post = (headers: Record<string, string>, payload: string | Buffer = JSON.stringify(parcel)) =>
    world.server.inject({ method: 'POST', url: '/api/predict', headers, payload });

  it.each(['text/plain', 'application/xml', 'application/json; charset=latin1', 'application/json;charset="utf-16"'])(
    'of a body is refused when it is %s, with what is taken',
    async (type) => {
      const answer = await post({ 'content-type': type });
      expect(answer.statusCode).toBe(415);
      expect(answer.headers.accept).toBe('application/json');
      expect(answer.json()).toMatchObject({ code: 'media_type_unsupported' });
    },
  );

  it('may say that it is UTF-8, and is refused when it is not', async () => {
    const utf8 = { 'content-type': 'application/json; charset=UTF-8' };
    expect((await post(utf8)).json().code).toBe('champion_missing');
    const latin1 = await post(utf8, Buffer.from(JSON.stringify({ ...parcel, note: 'é' }), 'latin1'));
    expect(latin1.json()).toMatchObject({ code: 'json_invalid', status: 400 });
  });

  it.each([
    ['text/html', 406],
    ['application/json;q=0, text/*', 406],
    ['application/json', 200],
    ['text/html, */*;q=0.1', 200],
    ['application/*', 200],
  ])('of an answer that is asked for with %s gives %i', async (accept, status) => {
    const { status: answered } = await ask(world, routes.project, { headers: { accept } });
    expect(answered).toBe(status);
  });
});

describe('HEAD', () => {
  it.each(['/api/project', '/api/runs', '/api/v1/runs', '/docs/json', '/metrics', '/api/nowhere'])(
    'is answered as GET is, without its body: %s',
    async (url) => {
      const [head, get] = await Promise.all(
        (['HEAD', 'GET'] as const).map((method) => world.server.inject({ method, url })),
      );
      expect(head?.body).toBe('');
      expect([head?.statusCode, head?.headers['content-type']]).toEqual([
        get?.statusCode,
        get?.headers['content-type'],
      ]);
    },
  );
});

describe('the time of an answer', () => {
  it('ends while the body of the request still arrives', async () => {
    const hurried = await createWorld({ limits: { answerMs: 1 } });
    const { port: at } = await hurried.server.listen({ port: 0 });
    const socket = connect(at, '127.0.0.1');
    // The rest of the body never comes.
    socket.write(
      `POST /api/predict HTTP/1.1\r\nhost: 127.0.0.1:${at}\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{`,
    );
    const answer = await text(socket);
    expect(answer).toMatch(/^HTTP\/1\.1 503 /);
    expect(answer).toContain('"code":"answer_timeout"');
    await hurried.close();
  });

  it('ends when the body has arrived, and its work takes too long', async () => {
    const hurried = await createWorld({
      limits: { answerMs: 20 },
      predictor: { explain: async () => [], predict: () => new Promise(() => undefined) },
    });
    const { url } = await hurried.server.listen({ port: 0 });
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${url}/api/predict`, { method: 'POST', headers, body: JSON.stringify(parcel) });
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ code: 'answer_timeout' });
    await hurried.close();
  });
});
