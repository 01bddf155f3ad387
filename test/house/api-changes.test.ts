import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { toOpenapi } from '../../src/server/openapi/document.ts';
import { parcels, parcelsProject } from '../server/parcels.ts';
import { breakingChanges, type Schema } from './breaking-changes.ts';

/** The document of the last release. `RELEASE_API=1 npx vitest run test/house/api-changes.test.ts` replaces it. */
const RELEASED = path.join(import.meta.dirname, '../golden/api/openapi-v1.json');

/** Without what no program reads, and without errors, which share one shape. */
const present = (): Schema => {
  const document = toOpenapi({ contract: parcels, project: parcelsProject, dashboards: [] });
  const text = JSON.stringify(document, (key, value) => (isForPeople(key, value) ? undefined : value));
  return JSON.parse(text) as Schema;
};

const isForPeople = (key: string, value: unknown): boolean =>
  // A field may have such a name, and is an object then.
  (typeof value === 'string' && /^(?:description|summary|title)$/.test(key)) || /^(?:examples?|[45]\d\d)$/.test(key);

describe('the API', () => {
  it('breaks no client of the released version', async () => {
    if (process.env.RELEASE_API === '1') await writeFile(RELEASED, `${JSON.stringify(present(), null, 2)}\n`);
    const released = JSON.parse(await readFile(RELEASED, 'utf8')) as Schema;
    expect(breakingChanges(released, present())).toEqual([]);
  });
});

describe('a change that breaks clients', () => {
  const change = (edit: (text: string) => string): readonly string[] =>
    breakingChanges(DOCUMENT, JSON.parse(edit(JSON.stringify(DOCUMENT))) as Schema);
  const DOCUMENT = documentOf({
    parameters: [{ in: 'query', name: 'limit', required: false, schema: { type: 'integer', maximum: 500 } }],
    requestBody: {
      content: { 'application/json': { schema: { $ref: '#/components/schemas/Change' } } },
    },
    responses: {
      200: {
        content: {
          'application/json': {
            schema: {
              type: 'object',
              properties: { items: { type: 'array', items: { type: 'string', enum: ['a', 'b'] } } },
              required: ['items'],
            },
          },
        },
      },
    },
  });

  it.each([
    ['a route that is gone', '"/api/v1/things"', '"/api/v1/others"', 'POST /api/v1/things is gone'],
    ['a parameter that is gone', '"name":"limit"', '"name":"size"', 'POST /api/v1/things: query limit is gone'],
    ['a smaller bound', '500', '50', 'POST /api/v1/things: query limit takes no maximum above 50'],
    [
      'a parameter that must come',
      '"required":false',
      '"required":true',
      'POST /api/v1/things: query limit is required now',
    ],
    [
      'a field that must come',
      '"required":["by"]',
      '"required":["by","reason"]',
      'POST /api/v1/things: body.reason is required now',
    ],
    [
      'a field of another type',
      '"reason":{"type":"string"}',
      '"reason":{"type":"number"}',
      'POST /api/v1/things: body.reason takes no string',
    ],
    [
      'a field of an answer that is gone',
      '"items":{"type":"array"',
      '"rows":{"type":"array"',
      'POST /api/v1/things: answer.items is gone',
    ],
    [
      'a value of an answer that is new',
      '["a","b"]',
      '["a","b","c"]',
      'POST /api/v1/things: answer.items[] may be "c"',
    ],
    [
      'a field of an answer that may be absent',
      '"required":["items"]',
      '"required":[]',
      'POST /api/v1/things: answer.items may be absent now',
    ],
  ])('is seen: %s', (_, from, to, expected) => {
    expect(change((text) => text.replace(from, to))).toEqual([expected]);
  });

  it('is none that adds what nobody must send or read', () => {
    const added = change((text) =>
      text.replace('"reason":', '"note":{"type":"string"},"reason":').replace('500', '1000'),
    );
    expect(added).toEqual([]);
  });
});

function documentOf(operation: Schema): Schema {
  const Change = {
    type: 'object',
    properties: { by: { type: 'string' }, reason: { type: 'string' } },
    required: ['by'],
  };
  return { paths: { '/api/v1/things': { post: operation } }, components: { schemas: { Change } } };
}
