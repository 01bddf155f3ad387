import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { routes, versionedPath } from '#api';
import { createWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

describe('the OpenAPI document', () => {
  it('is of version 3.1 and has every route of the API', async () => {
    const document = (await world.server.inject('/docs/json')).json();
    expect(document.openapi).toMatch(/^3\.1\./);
    const described = Object.entries<Record<string, unknown>>(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const all = Object.values(routes).map(
      ({ method, path }) => `${method} ${versionedPath(path).replace(/:(\w+)/g, '{$1}')}`,
    );
    expect(described.sort()).toEqual(all.sort());
  });

  it('has one component for each thing, and every reference leads to one', async () => {
    const answer = await world.server.inject('/docs/json');
    const { components } = answer.json();
    const names = Object.keys(components.schemas);
    expect(names).toEqual(expect.arrayContaining(['Run', 'Check', 'StoredPrediction', 'Error', 'RowProblem']));
    const references = [...answer.body.matchAll(/"\$ref":\s*"#\/components\/(\w+)\/([^"]+)"/g)];
    expect(references.length).toBeGreaterThan(10);
    for (const [, kind = '', name = ''] of references) expect(Object.keys(components[kind])).toContain(name);
    expect(names.filter((name) => !references.some(([, , used]) => used === name))).toEqual([]);
    expect(answer.body.match(/\$defs|\$schema/)).toBeNull();
  });
});

describe('the documentation page', () => {
  it('asks this server alone, and its policy lets it ask nobody else', async () => {
    const page = await world.server.inject('/docs');
    expect(page.statusCode).toBe(200);
    const addresses = [...page.body.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address ?? '');
    expect(addresses.length).toBeGreaterThan(3);
    for (const address of addresses) {
      const { origin, pathname } = new URL(address, 'http://localhost/docs');
      expect(origin).toBe('http://localhost');
      expect((await world.server.inject(pathname)).statusCode, pathname).toBe(200);
    }
    const policy = String(page.headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/https?:|\*|unsafe/);
  });

  it('sends no document to an outside validator', async () => {
    const { body } = await world.server.inject('/docs/static/swagger-initializer.js');
    expect(body).toMatch(/validatorUrl: null|"validatorUrl":null/);
  });
});
