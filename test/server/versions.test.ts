import Fastify from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Route, routes, versionedPath } from '#api';
import { fulfil } from '../../src/server/routes/fulfil.ts';
import { createWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

describe('the version of the API', () => {
  it('may stand in every address, or be left out', async () => {
    for (const { method, path } of Object.values(routes).filter(({ answerType = '' }: Route) => answerType === '')) {
      const [plain, versioned] = await Promise.all(
        [path, versionedPath(path)]
          .map((each) => each.replaceAll(/:\w+/g, '1'))
          .map((url) => world.server.inject({ method, url })),
      );
      expect([path, versioned?.statusCode]).toEqual([path, plain?.statusCode]);
    }
  });

  it('is the one there is', async () => {
    expect((await world.server.inject('/api/v2/runs')).statusCode).toBe(404);
    expect((await world.server.inject('/api/v1')).statusCode).toBe(404);
  });
});

describe('a deprecated route', () => {
  it('says since when, until when, and what to use, also when it refuses', async () => {
    const app = Fastify().setValidatorCompiler(validatorCompiler).setSerializerCompiler(serializerCompiler);
    const deprecated = { since: '2026-03-01', until: '2026-09-01', successor: '/api/v2/runs' };
    fulfil(app, { ...routes.runs, deprecated }, { handle: () => ({ items: [], nextCursor: null }) });
    for (const url of ['/api/runs', '/api/runs?limit=no']) {
      const { headers } = await app.inject(url);
      expect(headers).toMatchObject({
        deprecation: '@1772323200',
        sunset: 'Tue, 01 Sep 2026 00:00:00 GMT',
        link: '</api/v2/runs>; rel="successor-version"',
      });
    }
  });
});
