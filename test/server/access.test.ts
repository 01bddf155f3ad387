import Fastify from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiKey } from '#access';
import { includesRole, type Role, roles, routes, versionedPath } from '#api';
import { registerAccess } from '../../src/server/plugins/access.ts';
import { createWorld, type World } from './world.ts';

let world: World;
const keys = new Map<string, string>();

beforeAll(async () => {
  // There are more routes than an address may be refused in a minute.
  world = await createWorld({ access: { isLoginRequired: true }, limits: { refusalsPerMinute: 0 } });
  for (const role of roles) {
    const { text } = await createApiKey(world.database, { name: role, role, by: 'test', expiresAt: null });
    keys.set(role, text);
  }
});
afterAll(() => world.close());

const headersOf = (role: Role | undefined): Record<string, string> =>
  role === undefined ? {} : { authorization: `Bearer ${keys.get(role)}` };
/** Routes that are not JSON, and so not in the table of the API. */
const OTHERS = ['/metrics', '/docs', '/docs/json', '/docs/static/index.css', '/api/checks/1/report'].map((path) => ({
  ...({ method: 'GET', path, access: 'viewer' } as const),
}));
const all = [...Object.values(routes), ...OTHERS].flatMap(({ method, path, access }) => {
  const url = path.replaceAll(/:\w+/g, '1');
  const methods = method === 'GET' ? (['GET', 'HEAD'] as const) : [method];
  return methods.map((each) => ({ method: each, url, access }));
});
type Refusal = 401 | 403 | undefined;

/** Its answer never ends, so it is asked in a test of its own where it is allowed. */
const isEndless = (url: string): boolean => url === routes.runEvents.path;

async function refusalOf({ method, url }: (typeof all)[number], role: Role | undefined): Promise<Refusal> {
  const answer = await world.server.inject({ method, url, headers: headersOf(role) });
  if (answer.statusCode === 401) return 401;
  // A file may be refused for what it holds.
  const code = method === 'HEAD' || answer.statusCode !== 403 ? undefined : answer.json().code;
  return answer.statusCode === 403 && code !== 'file_sensitive' ? 403 : undefined;
}

function expectedOf(access: (typeof all)[number]['access'], role: Role | undefined): Refusal {
  if (access === 'anyone') return undefined;
  if (role === undefined) return 401;
  return includesRole(role, access) ? undefined : 403;
}

describe('each route, where a login is required', () => {
  it.each([undefined, ...roles])('answers the role %s as the table of routes says', async (role) => {
    const asked = all.filter(({ url, access }) => !isEndless(url) || expectedOf(access, role) !== undefined);
    const observed: string[] = [];
    for (const route of asked) observed.push(`${route.method} ${route.url} ${await refusalOf(route, role)}`);
    expect(observed).toEqual(asked.map(({ method, url, access }) => `${method} ${url} ${expectedOf(access, role)}`));
  });

  it('tells a stranger how to log in, and a program which role it lacks', async () => {
    const stranger = await world.server.inject({ method: 'GET', url: '/api/project' });
    expect(stranger.headers['www-authenticate']).toBe('Bearer realm="Weir"');
    expect(stranger.json()).toMatchObject({ code: 'login_required' });
    const url = '/api/runs/1/cancel';
    const viewer = await world.server.inject({ method: 'POST', url, headers: headersOf('viewer') });
    expect(viewer.json()).toMatchObject({
      code: 'role_insufficient',
      detail: expect.stringContaining('Expected the role operator or more; viewer has the role viewer'),
    });
    expect(world.engine.cancelled).toEqual([]);
  });

  it('that does not exist says so, with the methods of the one that does', async () => {
    expect((await world.server.inject({ method: 'GET', url: '/api/nowhere' })).statusCode).toBe(404);
    const answer = await world.server.inject({ method: 'POST', url: '/api/project' });
    expect(answer.headers.allow).toBe('GET, HEAD, OPTIONS');
  });
});

describe('the OpenAPI document of a server that requires a login', () => {
  it('says of each operation how to identify, the role it needs, and that it may be refused', async () => {
    const { json } = await world.server.inject({ method: 'GET', url: '/docs/json', headers: headersOf('viewer') });
    const { paths, components } = json();
    expect(Object.keys(components.securitySchemes)).toEqual(['bearer', 'apiKey']);
    for (const { method, path, access } of Object.values(routes)) {
      const operation = paths[versionedPath(path).replace(/:(\w+)/g, '{$1}')][method.toLowerCase()];
      const isOpen = access === 'anyone';
      expect(operation.security, path).toEqual(isOpen ? [] : [{ bearer: [access] }, { apiKey: [access] }]);
      if (!isOpen) expect(Object.keys(operation.responses), path).toEqual(expect.arrayContaining(['401', '403']));
    }
  });
});

describe('the actor on record', () => {
  const pause = (headers: Record<string, string>, { server }: World) =>
    server.inject({
      ...{ method: 'POST', url: '/api/schedules/ingest/pause', headers },
      payload: { by: 'Mallory', reason: 'test' },
    });

  it('is the key that sends a change, whatever it says, and without a login who the client says', async () => {
    const known = await pause(headersOf('operator'), world);
    const open = await createWorld();
    const said = await pause({}, open);
    for (const [answer, by] of [
      [known, 'operator'],
      [said, 'Mallory'],
    ] as const)
      expect(answer.json()).toMatchObject({ pause: { by } });
    await open.close();
  });
});

describe('a route that does not say who may use it', () => {
  it('does not register', () => {
    const app = Fastify();
    registerAccess(app, []);
    expect(() => app.get('/open', () => 'everything')).toThrow(/Expected config.access of the route GET \/open/);
  });
});

// Once it listens, requests have to name its port.
describe('the events of runs', () => {
  it('are sent to a viewer', async () => {
    const { url } = await world.server.listen({ port: 0 });
    const following = new AbortController();
    const headers = headersOf('viewer');
    const answer = await fetch(new URL(routes.runEvents.path, url), { headers, signal: following.signal });
    expect(answer.status).toBe(200);
    following.abort();
  });
});
