import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import {
  boolean,
  type Contract,
  category,
  categoryShares,
  columnsMatch,
  date,
  decimal,
  defineContract,
  duration,
  fromOdcs,
  inRange,
  integer,
  number,
  ofType,
  row,
  rowCountBetween,
  text,
  time,
  timestamp,
  toJsonSchema,
  toOdcs,
  uniqueTogether,
  valueBetween,
  writtenNames,
} from '#contracts';

const people = defineContract({
  name: 'people',
  description: 'Who they are',
  delimiter: ';',
  evolution: 'discard',
  criticality: { mediumShare: 0.2, highShare: 0.8 },
  columns: {
    id: integer({ role: 'id', unique: true, min: 1 }),
    age: number({ min: 0, max: 120, nullable: true, unit: 'years', decimals: 1, label: 'Age', examples: [29] }),
    sex: category(['female', 'male', "it's: complicated"], { description: 'as stated' }),
    code: text({ role: 'meta', pattern: '[a-z]+\\d*', lengthMin: 1, lengthMax: 5, severity: 'warn', sensitive: true }),
    note: text({ nullable: true, role: 'meta' }),
    seen: timestamp({ role: 'time' }),
    born: date({ nullable: true }),
    alive: boolean({ role: 'label' }),
    deck: text({ alwaysNull: true }),
  },
  expectations: [
    rowCountBetween({ min: 1, max: 1000 }),
    inRange('age', { max: 90, severity: 'warn' }),
    uniqueTogether(['code', 'born']),
    row('old-are-dead', {
      holds: `alive = false or age < 110 or sex = 'it''s: complicated'`,
      columns: ['alive', 'age', 'sex'],
    }),
    categoryShares('sex', { shares: { female: 0.5 }, tolerance: 0.2 }),
    columnsMatch({ order: true }),
  ],
  unchecked: [{ path: 'people.quality[3]', column: 'note', rule: 'text: be kind', reason: 'it is written for people' }],
});

/** What other tools write, with something of each kind. */
const SEVERAL = stringify({
  apiVersion: 'v3.1.0',
  kind: 'DataContract',
  schema: [
    {
      name: 'orders',
      properties: [
        { name: 'order_id', logicalType: 'string', primaryKey: true, quality: [{ metric: 'nullValues', mustBe: 0 }] },
        {
          name: 'amount',
          logicalType: 'number',
          logicalTypeOptions: { exclusiveMinimum: 0, maximum: 10, format: 'f16' },
          quality: [{ type: 'sql', query: 'select count(*) from {object} where {property} > 5', mustBeLessThan: 3 }],
        },
        { name: 'unit', logicalType: 'string', logicalTypeOptions: { pattern: '^k' }, enum: [{ value: 'kg' }] },
        { name: 'tags', logicalType: 'array', items: { logicalType: 'string', required: true } },
      ],
      quality: [
        { metric: 'rowCount', mustBeBetween: [1, 5] },
        { type: 'text', description: 'fresh' },
      ],
    },
  ],
});

/** A contract as plain data: expectations by the SQL that they make. */
function plain(contract: Contract) {
  const names = writtenNames(contract.columns);
  return {
    ...contract,
    expectations: contract.expectations.map(({ sql, ...about }) => ({ ...about, sql: sql(names) })),
  };
}

describe('toOdcs', () => {
  it('writes a contract that fromOdcs reads back whole', () => {
    expect(plain(fromOdcs(toOdcs(people)))).toEqual(plain(people));
  });

  it('keeps decimals, times and durations, with every digit of their bounds', () => {
    const exact = defineContract({
      name: 'exact',
      columns: {
        price: decimal({ precision: 38, scale: 4, min: '-0.0001', max: '1234567890123456789012345678901234.5678' }),
        opens: time({ min: '08:00', max: '18:00:00.5', nullable: true }),
        took: duration({ min: 'PT0S', role: 'meta' }),
      },
      expectations: [valueBetween('took', { max: 'P7D', severity: 'warn' }), ofType('price', { kind: 'decimal(4,1)' })],
    });
    const read = fromOdcs(toOdcs(exact));
    expect(plain(read)).toEqual(plain(exact));
    expect(
      parse(toOdcs(exact)).schema[0].properties.map(({ logicalType }: { logicalType: string }) => logicalType),
    ).toEqual([...['number', 'time', 'string']]);
  });

  it('reads numbers of so many digits of a database as decimals', () => {
    const property = (name: string, types: object) => ({ name, ...types });
    const { columns } = fromOdcs(
      stringify({
        ...{ apiVersion: 'v3.1.0', kind: 'DataContract' },
        schema: [
          {
            name: 'orders',
            properties: [
              property('a', {
                logicalType: 'number',
                physicalType: 'DECIMAL(12, 2)',
                logicalTypeOptions: { minimum: 0 },
              }),
              property('b', { physicalType: 'numeric(38,0)' }),
              property('c', { logicalType: 'number', physicalType: 'decimal' }),
              property('d', { logicalType: 'integer', physicalType: 'DECIMAL(12,0)' }),
              property('e', { physicalType: 'decimal(2,5)' }),
              property('f', { logicalType: 'time', logicalTypeOptions: { maximum: '18:00' } }),
            ],
          },
        ],
      }),
    );
    expect(Object.values(columns).map(({ kind }) => kind)).toEqual([
      ...['decimal(12,2)', 'decimal(38,0)', 'number', 'integer', 'number', 'time'],
    ]);
  });

  it('writes an id as what it is: a primary key only when it is one', () => {
    const ids = defineContract({
      name: 'ids',
      columns: { a: text({ role: 'id' }), b: integer({ role: 'id', unique: true }) },
    });
    expect(plain(fromOdcs(toOdcs(ids)))).toEqual(plain(ids));
    const [a, b] = parse(toOdcs(ids)).schema[0].properties;
    expect([a.primaryKey, b.primaryKey]).toEqual([undefined, true]);
  });

  it('writes a document that it reads again and again as the same contract', () => {
    const first = fromOdcs(SEVERAL);
    const second = fromOdcs(toOdcs(first));
    expect(plain(second)).toEqual(plain(first));
    expect(toOdcs(second)).toBe(toOdcs(first));
  });

  it('says in the words of the standard what the standard has words for', () => {
    const document = parse(toOdcs(people, { version: '2.1.0', status: 'draft' }));
    expect(document).toMatchObject({
      apiVersion: 'v3.1.0',
      kind: 'DataContract',
      id: 'people',
      version: '2.1.0',
      status: 'draft',
    });
    const [id, age, sex] = document.schema[0].properties;
    expect(id).toMatchObject({ logicalType: 'integer', primaryKey: true, required: true, unique: true });
    expect(age).toMatchObject({
      businessName: 'Age',
      logicalTypeOptions: { minimum: 0, maximum: 120 },
      required: false,
    });
    expect(sex.quality).toMatchObject([
      {
        type: 'library',
        metric: 'invalidValues',
        arguments: { validValues: ['female', 'male', "it's: complicated"] },
        mustBe: 0,
      },
    ]);
  });
});

describe('fromOdcs', () => {
  const minimal = {
    apiVersion: 'v3.0.2',
    kind: 'DataContract',
    id: 'x',
    version: '1',
    status: 'active',
    team: { name: 'someone' },
    schema: [
      {
        name: 'orders',
        properties: [
          { name: 'a', logicalType: 'string', primaryKey: true, primaryKeyPosition: 1, required: true },
          { name: 'b', logicalType: 'integer', primaryKey: true, primaryKeyPosition: 2, classification: 'public' },
        ],
        quality: [
          { type: 'library', metric: 'rowCount', mustBeGreaterOrEqualTo: 10 },
          { type: 'text', description: 'nice' },
        ],
      },
    ],
  };

  it('reads what another tool wrote, and says what of it is not checked', () => {
    const contract = fromOdcs(stringify(minimal));
    expect(contract.columns).toMatchObject({
      a: { kind: 'text', role: 'id', nullable: false },
      b: { kind: 'integer', role: 'id', nullable: false },
    });
    expect(contract.expectations.map(({ name, sentence }) => [name, sentence])).toEqual([
      ['unique-together', 'a and b together are different in every row'],
      ['row-count', 'the number of rows is at least 10'],
    ]);
    expect(contract.unchecked).toEqual([
      { path: 'orders.quality[1]', rule: 'text: nice', reason: 'it is written for people' },
    ]);
  });

  it.each([
    ['no YAML', '{', /the text is not YAML/],
    ['another kind of document', stringify({ ...minimal, kind: 'DataProduct' }), /kind: /],
    ['another version', stringify({ ...minimal, apiVersion: 'v2.2.2' }), /apiVersion: a version 3/],
    ['no schema', stringify({ ...minimal, schema: [] }), /schema: /],
    ['a schema that is not there', stringify(minimal), /schema objects \(orders\); got "other"/, 'other'],
    [
      'the choice between several schemas',
      stringify({ ...minimal, schema: [...minimal.schema, { ...minimal.schema[0], name: 'more' }] }),
      /schema objects \(orders, more\): weir check --schema <name>/,
    ],
    [
      'a demand that is neither made nor not',
      stringify({ ...minimal, schema: [{ name: 'x', properties: [{ name: 'a', required: 'perhaps' }] }] }),
      /schema.0.properties.0.required: /,
    ],
    [
      'one of our own settings that is none',
      stringify({
        ...minimal,
        schema: [{ ...minimal.schema[0], customProperties: [{ property: 'weir.delimiter', value: ':' }] }],
      }),
      /orders, property weir.delimiter: /,
    ],
    [
      'one of our own properties of a column that is none',
      stringify({
        ...minimal,
        schema: [
          { name: 'x', properties: [{ name: 'a', customProperties: [{ property: 'weir.rôle', value: 'id' }] }] },
        ],
      }),
      /x.a, property weir: .*rôle/,
    ],
    [
      'two properties of one name',
      stringify({ ...minimal, schema: [{ name: 'x', properties: [{ name: 'a' }, { name: 'a' }] }] }),
      /"x" has two properties "a"/,
    ],
  ])('refuses %s', (_, yaml, message, schema?: string) => {
    expect(() => fromOdcs(yaml, schema === undefined ? {} : { schema })).toThrow(message);
  });

  it('takes the physical name of a property for what files call the column, and writes it so', () => {
    const names = { a: undefined, b: 'A (b)', c: '', d: ' d' };
    const columns = Object.fromEntries(
      Object.entries(names).map(([name, header]) => [name, text(header === undefined ? {} : { header })]),
    );
    const contract = defineContract({ name: 'named', columns });
    const document = toOdcs(contract);
    expect(fromOdcs(document).columns).toEqual(contract.columns);
    const { schema } = parse(document) as { schema: { properties: { physicalName?: string }[] }[] };
    expect(schema[0]?.properties.map(({ physicalName }) => physicalName)).toEqual([
      undefined,
      'A (b)',
      undefined,
      ' d',
    ]);
    const written = stringify({
      apiVersion: 'v3.1.0',
      kind: 'DataContract',
      schema: [
        { name: 'x', properties: ['a', '', 'b'].map((physicalName, at) => ({ name: `${'abc'[at]}`, physicalName })) },
      ],
    });
    expect(Object.values(fromOdcs(written).columns).map(({ header }) => header)).toEqual([undefined, undefined, 'b']);
  });

  it('does not expand a small text to a large one', () => {
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      ...'bcdefgh'.split('').map((name, at) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[at]}`)}]`),
    ].join('\n');
    expect(() => fromOdcs(bomb)).toThrow(
      expect.objectContaining({
        code: 'contract_invalid',
        cause: expect.objectContaining({ message: expect.stringContaining('alias') }),
      }),
    );
  });
});

describe('toJsonSchema', () => {
  it('says of one row what checkRows takes', () => {
    expect(toJsonSchema(people)).toEqual({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      title: 'people',
      description: 'Who they are',
      type: 'object',
      properties: {
        id: { type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER },
        age: { title: 'Age', type: ['number', 'null'], minimum: 0, maximum: 120, examples: [29], 'x-unit': 'years' },
        sex: { description: 'as stated', type: 'string', enum: ['female', 'male', "it's: complicated"] },
        code: { type: 'string', pattern: '^(?:[a-z]+\\d*)$', minLength: 1, maxLength: 5 },
        note: { type: ['string', 'null'] },
        seen: { type: 'string', format: 'date-time' },
        born: { type: ['string', 'null'], format: 'date' },
        alive: { type: 'boolean' },
        deck: { enum: [null, ''] },
      },
      required: ['id', 'sex', 'code', 'seen', 'alive'],
      additionalProperties: false,
    });
  });
});
