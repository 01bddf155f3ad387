import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Route, routes } from '#api';
import { parcelsProject as PROJECT } from './parcels.ts';
import { ask, createWorld, parcel, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

// Of a path, what is no number.
const PARAMS = new Map([
  ['rule', 'bad-rows'],
  ['part', 'good'],
]);

const messageOf = async (query: Record<string, string>): Promise<string> => {
  const { status, json } = await ask(world, routes.pastPredictions, { query });
  expect(status).toBe(400);
  return json.detail;
};

describe('a parameter that a route refuses', () => {
  it.each([
    [
      { from: '2026-01-01T10:00:00' },
      'query from: expected a date such as 2026-03-01, or a date and time with its zone, such as 2026-03-01T12:00:00Z; got "2026-01-01T10:00:00"',
    ],
    [{ limit: 'ten' }, 'query limit: expected a value of type number; got "ten"'],
    [{ limit: '1.5' }, 'query limit: expected a whole number; got "1.5"'],
    [{ limit: '0' }, 'query limit: expected at least 1; got "0"'],
    [{ limit: '501' }, 'query limit: expected at most 500; got "501"'],
    [{ source: 'root' }, 'query source: expected one of "webapp", "scheduled", "api", "all"; got "root"'],
    [{ timezone: 'x'.repeat(61) }, 'query timezone: expected at most 60 characters; got'],
    [{ sorce: 'api' }, 'query: expected no such field; got "sorce"; the nearest known is "source"'],
  ])('is told what was expected and what came: %o', async (query, sentence) => {
    expect(await messageOf(query as unknown as Record<string, string>)).toContain(sentence);
  });

  // Of a route with a body and no query the body would be refused first.
  it.each(Object.values<Route>(routes).filter(({ query, body }) => query !== undefined || body === undefined))(
    'is never dropped in silence when $method $path knows no such name',
    async ({ method, path, body }) => {
      const answer = await world.server.inject({
        method,
        url: `${path.replaceAll(/:(\w+)/g, (_, name: string) => PARAMS.get(name) ?? '1')}?colour=blue`,
        ...(body && { payload: parcel }),
      });
      expect(answer.json()).toMatchObject({ status: 400, detail: expect.stringContaining('"colour"') });
    },
  );

  it('of a path is told with the form it has', async () => {
    const params = { rule: 'Bad rows' };
    const { json } = await ask(world, routes.alertRuleHistory, { params });
    expect(json.detail).toContain('params rule: expected a name of lower-case words joined by hyphens; got "Bad rows"');
  });

  it('of a body is told in the same way', async () => {
    const { json } = await ask(world, routes.pauseSchedule, { params: { pipeline: 'ingest' }, body: { by: 7 } });
    expect(json.detail).toContain('body reason: expected a value of type string; got nothing');
    expect(json.detail).toContain('body by: expected a value of type string; got 7');
  });
});

describe('a body that is no JSON', () => {
  const refusalOf = async (payload: string): Promise<string> => {
    const { status, json } = await ask(world, routes.predict, { payload });
    expect({ status, code: json.code }).toEqual({ status: 400, code: 'json_invalid' });
    return json.detail;
  };

  it.each(['{"weight":2,}', "{'weight':2}", '{"weight":NaN}', '{"weight":2', 'weight=2', '[1 2]'])(
    'is told where it stops being one: %s',
    async (payload) => {
      expect(await refusalOf(payload)).toMatch(
        /^Expected the body to be JSON; .*(position|end of JSON|not valid JSON)/,
      );
    },
  );

  it.each([
    ['{"weight":2,"__proto__":{"polluted":true}}', '"__proto__"'],
    ['[{"weight":2},{"__proto__":null}]', '"__proto__"'],
    ['{"weight":2,"\\u005f_proto__":1}', '"__proto__"'],
    ['{"constructor":{"prototype":{"polluted":true}}}', '"constructor.prototype"'],
    ['{"a":{"b":[{"constructor":{"prot\\u006ftype":1}}]}}', '"constructor.prototype"'],
  ])('or holds a key that is never allowed is told which: %s', async (payload, key) => {
    expect(await refusalOf(payload)).toContain(`holds the key ${key}`);
  });
});

describe('a row', () => {
  it.each([
    ['{"weight":1e999,"size":"small","fragile":true}', 'a number beyond 1.8e308'],
    ['{"weight":-1e999,"size":"small","fragile":true}', 'a number beyond 1.8e308'],
    ['{"weight":null,"size":"small","fragile":true}', 'null'],
    ['{"size":"small","fragile":true}', 'nothing'],
  ])('with a number that no computer holds is not said to be null: %s', async (payload, got) => {
    const { status, json } = await ask(world, routes.predict, { payload });
    expect(status).toBe(422);
    expect(json.problems).toEqual([expect.objectContaining({ row: 0, field: 'weight', got })]);
  });
});

describe('the documentation page', () => {
  it('shows a title with markup as text', async () => {
    const hostile = await createWorld({
      project: { ...PROJECT, title: 'Tom & <script>alert(1)</script> "Jerry"' },
    });
    const { body } = await hostile.server.inject('/docs');
    expect(body).toContain('<title>Tom &amp; &lt;script&gt;alert(1)&lt;/script&gt; &quot;Jerry&quot;: API</title>');
    expect(body).not.toContain('<script>alert');
    await hostile.close();
  });
});
