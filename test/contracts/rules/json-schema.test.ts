import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileJsonSchema } from '../../../src/contracts/rules/json-schema.ts';
import type { Json, JsonCellSchema } from '../../../src/contracts/rules/json-tests.ts';
import { propertyRuns } from '../../kills/choose-kills.ts';

function isMet(schema: JsonCellSchema, value: Json): boolean {
  return compileJsonSchema(schema)(JSON.stringify(value));
}

const TREE = {
  $defs: {
    node: {
      type: 'object',
      properties: { value: { type: 'number' }, more: { type: 'array', items: { $ref: '#/$defs/node' } } },
      required: ['value'],
      unevaluatedProperties: false,
    },
  },
  $ref: '#/$defs/node',
} as const;

const VALUES = fc.oneof(
  fc.constantFrom<Json>(
    null,
    true,
    false,
    0,
    1,
    1.5,
    -2,
    10,
    'a',
    'ab',
    'abc',
    '',
    'é👍',
    [],
    [1],
    [1, 1],
    [1, '1'],
    {},
  ),
  fc.json({ maxDepth: 2 }).map((text): Json => JSON.parse(text)),
  fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.constantFrom<Json>(1, 'a', null, [1], { a: 1 })),
  fc.array(fc.constantFrom<Json>(1, 2, 'a', null, { a: 1, b: 2 }, { b: 2, a: 1 }), { maxLength: 4 }),
);

const count = fc.nat(3);
const PLAIN: fc.Arbitrary<Record<string, Json>> = fc.oneof(
  fc.constantFrom('null', 'boolean', 'number', 'integer', 'string', 'array', 'object').map((type) => ({ type })),
  fc.record({ enum: fc.array(VALUES, { minLength: 1, maxLength: 3 }) }),
  fc.record({ const: VALUES }),
  fc.record({ minimum: fc.integer({ min: -3, max: 3 }) }),
  fc.record({ exclusiveMaximum: fc.integer({ min: -3, max: 3 }) }),
  fc.record({ multipleOf: fc.constantFrom(1, 2, 0.5) }),
  fc.record({ maxLength: count }),
  fc.record({ minItems: count }),
  fc.record({ maxProperties: count }),
  fc.constantFrom('a', '^a+$', '.b').map((pattern) => ({ pattern })),
  fc.record({ uniqueItems: fc.boolean() }),
  fc.record({ required: fc.subarray(['a', 'b', 'c']) }),
  fc.constant({ dependentRequired: { a: ['b'] } }),
);
const { schema: SCHEMAS } = fc.letrec<{ schema: Json; object: Record<string, Json> }>((tie) => {
  const own = tie('schema');
  const few = fc.array(own, { minLength: 1, maxLength: 2 });
  const named = fc.dictionary(fc.constantFrom('a', 'b'), own, { minKeys: 1 });
  return {
    schema: fc.oneof({ depthSize: 'small' }, fc.boolean(), PLAIN, tie('object')),
    object: fc
      .record(
        {
          allOf: few,
          anyOf: few,
          oneOf: few,
          not: own,
          if: own,
          // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
          then: own,
          else: own,
          properties: named,
          patternProperties: fc.dictionary(fc.constantFrom('^a', 'b|c'), own, { minKeys: 1 }),
          additionalProperties: own,
          propertyNames: own,
          dependentSchemas: named,
          prefixItems: few,
          items: own,
          contains: own,
          unevaluatedProperties: own,
        },
        { requiredKeys: [] },
      )
      .chain((schema) => PLAIN.map((plain) => ({ ...plain, ...schema }))),
  };
});

describe('compileJsonSchema', () => {
  it('finds what another validator finds', () => {
    const seen = { met: 0, unmet: 0 };
    const property = fc.property(SCHEMAS, fc.array(VALUES, { minLength: 3, maxLength: 6 }), (schema, values) => {
      const other = new Ajv2020({ strict: false, allErrors: false, validateSchema: false });
      // The arbitrary makes objects and truths only.
      const given = schema as JsonCellSchema;
      const [own, theirs] = [compileJsonSchema(given), other.compile(given)];
      for (const value of values) {
        const expected = theirs(value);
        expect({ schema, value, isMet: own(JSON.stringify(value)) }).toEqual({ schema, value, isMet: expected });
        seen[expected ? 'met' : 'unmet'] += 1;
      }
    });
    fc.assert(property, { numRuns: propertyRuns(60), seed: 20261201 });
    expect(Math.min(seen.met, seen.unmet)).toBeGreaterThan(20);
  });

  it('follows references, anchors and the address of the schema', () => {
    expect(isMet(TREE, { value: 1, more: [{ value: 2, more: [] }] })).toBe(true);
    expect(isMet(TREE, { value: 1, more: [{ value: '2' }] })).toBe(false);
    expect(isMet(TREE, { value: 1, more: [{ value: 2, other: 0 }] })).toBe(false);
    const anchored = {
      $id: 'https://a.b/c',
      $defs: { n: { $anchor: 'n', type: 'integer' } },
      items: { $ref: 'https://a.b/c#n' },
    };
    expect([isMet(anchored, [1]), isMet(anchored, [1.5])]).toEqual([true, false]);
    const escaped = { $defs: { 'a/b%': { type: 'null' } }, $ref: '#/$defs/a~1b%25' };
    expect([isMet(escaped, null), isMet(escaped, 0)]).toEqual([true, false]);
  });

  it('asks of items only what no schema has looked at', () => {
    const schema = { contains: { type: 'string' }, prefixItems: [true], unevaluatedItems: { type: 'null' } };
    expect([isMet(schema, [1, 'a', null]), isMet(schema, [1, 'a', 2]), isMet(schema, [1, null])]).toEqual([
      true,
      false,
      false,
    ]);
    const nested = {
      allOf: [{ prefixItems: [true] }],
      anyOf: [{ items: true, minItems: 3 }, true],
      unevaluatedItems: false,
    };
    expect([isMet(nested, [1]), isMet(nested, [1, 2]), isMet(nested, [1, 2, 3])]).toEqual([true, false, true]);
  });

  it.each([
    ['date', '2026-02-28', '2026-02-30'],
    ['date-time', '2026-03-01T12:00:00.5+02:00', '2026-03-01T12:00:00'],
    ['time', '23:59:59Z', '24:00:00Z'],
    ['duration', 'P3DT4H', 'P'],
    ['email', 'a@b.de', 'a@b'],
    ['ipv4', '127.0.0.1', '127.0.0.256'],
    ['ipv6', '::1', '12345::'],
    ['uuid', '6f9619ff-8b86-d011-b42d-00cf4fc964ff', '6f9619ff-8b86-d011-b42d-00cf4fc964f'],
    ['hostname', 'a-b.example', '-a.example'],
    ['uri', 'urn:isbn:0451450523', 'a b:c'],
  ])('tests the format %s', (format, good, bad) => {
    expect([isMet({ format }, good), isMet({ format }, bad), isMet({ format }, 7)]).toEqual([true, false, true]);
  });

  it.each<[string, JsonCellSchema, string]>([
    [
      'a misspelt keyword',
      { requierd: ['a'] },
      '# has "requierd", which is no keyword that is tested. Correct or remove it.',
    ],
    ['a format without a test', { format: 'iri' }, '#/format expects a format that is tested, one of date,'],
    [
      'another document',
      { $ref: 'https://example.org/a' },
      '#/$ref expects a place in the same schema, such as #/$defs/name',
    ],
    ['a place that is not there', { $ref: '#/$defs/a' }, '$ref expects a place that the schema has'],
    [
      'a pattern that takes more than linear time',
      { pattern: '(a)\\1' },
      '#/pattern expects a regular expression of RE2',
    ],
    [
      'another draft',
      { $schema: 'http://json-schema.org/draft-07/schema#' },
      '#/$schema expects https://json-schema.org/draft/2020-12/schema',
    ],
    ['a schema that never ends', { allOf: [{ $ref: '#' }] }, 'refers to itself, and not to a part of the value'],
    [
      'a type that there is not',
      { properties: { a: { type: 'int' } } },
      '#/properties/a/type expects one of null, boolean',
    ],
  ])('refuses %s', (_, schema, message) => {
    expect(() => compileJsonSchema(schema)).toThrow(message);
  });

  it('takes no text as matching that is nested or branched beyond its steps', () => {
    const deep = (levels: number): string => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
    const branched = {
      allOf: [1, 2].map((n) => ({ required: ['a'], properties: { a: { $ref: '#' } }, maxProperties: n })),
    };
    // Each level is asked twice, so that thirty take a billion steps.
    expect(compileJsonSchema(branched)(deep(30))).toBe(false);
    const nested = { properties: { a: { $ref: '#' } } };
    expect(compileJsonSchema(nested)(deep(190))).toBe(true);
    expect(compileJsonSchema(nested)(deep(300))).toBe(false);
    expect(compileJsonSchema({ not: nested })(deep(300))).toBe(false);
  });

  it('compares many items in linear steps', () => {
    const items = Array.from({ length: 50_000 }, (_, index) => ({ index }));
    const isUnique = compileJsonSchema({ uniqueItems: true });
    expect(isUnique(JSON.stringify(items))).toBe(true);
    expect(isUnique(JSON.stringify([...items, { index: 0 }]))).toBe(false);
  });
});
