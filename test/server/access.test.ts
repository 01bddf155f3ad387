import Fastify from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { routes } from '#api';
import { registerAccess } from '../../src/server/plugins/access.ts';
import { createWorld, type World } from './world.ts';

let world: World;

beforeAll(async () => {
  world = await createWorld({ access: { isLoginRequired: true } });
});
afterAll(() => world.close());

const pathOf = (path: string): string => path.replaceAll(/:\w+/g, '1');
const each = Object.entries(routes);

describe('a request without credentials, where a login is required', () => {
  it.each(each.filter(([, { access }]) => access !== 'anyone'))('is refused by %s', async (_, { method, path }) => {
    const answer = await world.server.inject({ method, url: pathOf(path) });
    expect(answer.statusCode).toBe(401);
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="Weir"');
    expect(answer.json()).toMatchObject({ code: 'login_required' });
  });

  it.each(each.filter(([, { access }]) => access === 'anyone'))('is answered by %s', async (_, { method, path }) => {
    expect((await world.server.inject({ method, url: pathOf(path) })).statusCode).not.toBe(401);
  });

  it.each(['/metrics', '/docs', '/docs/', '/docs/json', '/docs/static/index.css', '/api/checks/1/report'])(
    'is refused at %s',
    async (url) => {
      expect((await world.server.inject({ method: 'GET', url })).statusCode).toBe(401);
      expect((await world.server.inject({ method: 'HEAD', url })).statusCode).toBe(401);
    },
  );

  it('learns that there is no such route', async () => {
    expect((await world.server.inject({ method: 'GET', url: '/api/nowhere' })).statusCode).toBe(404);
  });
});

describe('a route that does not say who may use it', () => {
  it('does not register', () => {
    const app = Fastify();
    registerAccess(app, []);
    expect(() => app.get('/open', () => 'everything')).toThrow(/Expected config.access of the route GET \/open/);
  });
});
