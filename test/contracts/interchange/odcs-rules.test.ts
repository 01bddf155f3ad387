import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { checkFile, fromOdcs, renderReport } from '#contracts';
import type { DuckdbPool } from '#store';
import { inProcessDuckdb } from '../duckdb-in-process.ts';

let duckdb: DuckdbPool;
let folder: string;
beforeAll(async () => {
  duckdb = await inProcessDuckdb();
  folder = await mkdtemp(path.join(tmpdir(), 'weir-odcs-'));
});
afterAll(async () => {
  await duckdb.close();
  await rm(folder, { recursive: true, force: true });
});

type Part = Readonly<Record<string, unknown>>;

/** A document of one schema with the columns `a`, as given, and `b`, any text. */
function documentOf(a: Part, schema: Part = {}): string {
  const properties = [
    { name: 'a', logicalType: 'string', ...a },
    { name: 'b', logicalType: 'string' },
  ];
  return stringify({ apiVersion: 'v3.1.0', kind: 'DataContract', schema: [{ name: 'orders', properties, ...schema }] });
}

async function check(document: string, rows: readonly string[]) {
  const contract = fromOdcs(document);
  const file = path.join(folder, 'orders.csv');
  await writeFile(file, `${Object.keys(contract.columns).join(',')}\n${rows.join('\n')}\n`);
  const { result } = await checkFile({ path: file, contract, folder, duckdb });
  return result;
}

/** The verdict, how many rows are bad, and where what is not checked stands. */
async function outcome(document: string, rows: readonly string[]) {
  const { verdict, rows: counts, unchecked = [] } = await check(document, rows);
  return { verdict, bad: counts.bad, unchecked: unchecked.map((each) => each.path) };
}

describe('a document whose column is a key, never empty and never repeated', () => {
  it('fails the file that breaks all of it, row by row', async () => {
    const document = stringify({
      apiVersion: 'v3.1.0',
      kind: 'DataContract',
      schema: [
        {
          name: 'orders',
          properties: [
            {
              name: 'order_id',
              logicalType: 'string',
              primaryKey: true,
              quality: [
                { metric: 'nullValues', mustBe: 0 },
                { metric: 'duplicateValues', mustBe: 0 },
              ],
            },
            { name: 'note', logicalType: 'string' },
          ],
        },
      ],
    });
    const { verdict, rows, violations } = await check(document, ['1,a', '1,zzz', ',N/A']);
    expect({ verdict, rows }).toEqual({ verdict: 'fail', rows: { in: 3, good: 1, bad: 2, rejected: 0 } });
    expect(violations.map(({ sentence, rows: count }) => [sentence, count])).toEqual([
      ['order_id is never empty', 1],
      ['order_id is different in every row', 1],
    ]);
  });
});

/** A rule under column `a`, cells of `a`, and how many of the three rows are bad: all where the whole file fails. */
type Case = readonly [name: string, rule: Part, cells: readonly [string, string, string], bad: number];
const NULLS = { metric: 'nullValues' };
const REPEATS = { metric: 'duplicateValues' };
const KG = { metric: 'invalidValues', arguments: { validValues: ['kg', 'g'] } };
const CODES = { metric: 'invalidValues', arguments: { pattern: '^[A-Z]{2}$' } };
const NA = { metric: 'missingValues', arguments: { missingValues: [null, '', 'N/A'] } };

const OF_TEXTS: readonly Case[] = [
  ['no empty cell', { ...NULLS, mustBe: 0 }, ['x', '', 'y'], 1],
  ['no empty cell, in the words of 3.0', { type: 'library', rule: 'nullCheck' }, ['x', '', 'y'], 1],
  ['no empty cell in percent', { ...NULLS, mustBeLessOrEqualTo: 0, unit: 'percent' }, ['x', '', 'y'], 1],
  ['fewer than one empty cell', { ...NULLS, mustBeLessThan: 1 }, ['x', '', 'y'], 1],
  ['less than one percent of empty cells', { ...NULLS, mustBeLessThan: 1, unit: 'percent' }, ['x', '', 'y'], 3],
  ['a number in quotes', { ...NULLS, mustBe: '0' }, ['x', '', 'y'], 1],
  ['some empty cells, and there are so many', { ...NULLS, mustBe: 1 }, ['x', '', 'y'], 0],
  ['another number of empty cells', { ...NULLS, mustNotBe: 1 }, ['x', '', 'y'], 3],
  ['more than one empty cell', { ...NULLS, mustBeGreaterThan: 1 }, ['x', '', 'y'], 3],
  ['at least one empty cell', { ...NULLS, mustBeGreaterOrEqualTo: 1 }, ['x', '', 'y'], 0],
  ['fewer than two empty cells', { ...NULLS, mustBeLessThan: 2 }, ['x', '', 'y'], 0],
  ['fewer than two empty cells, and there are two', { ...NULLS, mustBeLessThan: 2 }, ['x', '', ''], 3],
  ['at most two empty cells', { ...NULLS, mustBeLessOrEqualTo: 2 }, ['x', '', ''], 0],
  ['one or two empty cells, both included', { ...NULLS, mustBeBetween: [1, 2] }, ['x', '', ''], 0],
  ['two or three empty cells', { ...NULLS, mustBeBetween: [2, 3] }, ['x', '', 'y'], 3],
  ['not one or two empty cells', { ...NULLS, mustNotBeBetween: [1, 2] }, ['x', '', 'y'], 3],
  ['a share within bounds', { ...NULLS, mustBeBetween: [33, 34], unit: 'percent' }, ['x', '', 'y'], 0],
  ['two comparisons at once', { ...NULLS, mustBeGreaterThan: 0, mustBeLessThan: 2 }, ['x', 'y', 'z'], 3],
  ['two comparisons that nothing meets', { ...NULLS, mustBe: 0, mustBeGreaterThan: 0 }, ['x', 'y', 'z'], 3],
  ['no repeated value', { ...REPEATS, mustBe: 0 }, ['x', 'x', 'x'], 2],
  ['no repeated value, in the words of 3.0', { rule: 'duplicateCount', mustBe: 0 }, ['x', 'x', ''], 1],
  ['fewer than two repeated values', { ...REPEATS, mustBeLessThan: 2 }, ['x', 'x', ''], 0],
  ['fewer than two repeated values, and there are two', { ...REPEATS, mustBeLessThan: 2 }, ['x', 'x', 'x'], 3],
  ['a share of repeated values', { ...REPEATS, mustBeLessThan: 34, unit: 'percent' }, ['x', 'x', 'y'], 0],
  ['no missing value', { ...NA, mustBe: 0 }, ['x', '', 'N/A'], 2],
  ['fewer than two missing values', { ...NA, mustBeLessThan: 2 }, ['x', '', 'N/A'], 3],
  ['no missing value, without a list of them', { metric: 'missingValues', mustBe: 0 }, ['x', '', 'N/A'], 1],
  ['values of a list', { ...KG, mustBe: 0 }, ['kg', 'lb', ''], 1],
  ['values of a list, with a name', { ...KG, mustBe: 0, name: 'Units' }, ['kg', 'lb', 'st'], 2],
  ['few values that are not of a list', { ...KG, mustBeLessThan: 2 }, ['kg', 'lb', ''], 0],
  ['few values that are not of a list, and there are more', { ...KG, mustBeLessThan: 2 }, ['kg', 'lb', 'st'], 3],
  ['values of a list, in the words of 3.0', { rule: 'validValues', validValues: ['kg'] }, ['kg', 'lb', 'g'], 2],
  ['values of a pattern', { ...CODES, mustBe: 0 }, ['AB', 'ABC', 'a'], 2],
  ['few values beside a pattern', { ...CODES, mustBeLessThan: 2 }, ['AB', 'ABC', 'a'], 3],
  [
    'a pattern that stands beside its arguments',
    { metric: 'invalidValues', arguments: null, pattern: '^A', mustBe: 0 },
    ['AB', 'B', 'A'],
    1,
  ],
  ['a number of rows, under a column', { metric: 'rowCount', mustBe: 3 }, ['x', 'y', 'z'], 0],
  [
    'SQL with a number',
    { type: 'sql', query: "select count(*) from {object} where {property} = 'x'", mustBe: 1 },
    ['x', 'y', 'z'],
    0,
  ],
  [
    'SQL with another number',
    { type: 'sql', query: `SELECT count(*) FROM \${table} WHERE \${column} IS NULL;`, mustBe: 0 },
    ['x', '', 'z'],
    3,
  ],
  [
    'SQL of the table by its name',
    { type: 'sql', query: 'select count(distinct a) from Orders where Orders.a <> b', mustBeLessThan: 3 },
    ['x', 'y', 'z'],
    3,
  ],
  [
    'SQL with true or false',
    { type: 'sql', query: "select min(a) = 'x' from {schema}.{model}", mustBe: true },
    ['x', 'y', 'z'],
    0,
  ],
  [
    'SQL without an answer',
    { type: 'sql', query: 'select max(a) from {table} where false', mustBe: 'z' },
    ['x', 'y', 'z'],
    3,
  ],
];

const OF_NUMBERS: readonly Case[] = [
  [
    'values of a list of numbers',
    { metric: 'invalidValues', arguments: { validValues: [1, '2', 'x'] }, mustBe: 0 },
    ['1.0', '2', '3'],
    1,
  ],
  [
    'numbers that stand for nothing',
    { metric: 'missingValues', arguments: { missingValues: [-1, 'N/A'] }, mustBe: 0 },
    ['1', '-1.0', ''],
    2,
  ],
  [
    'few of them',
    { metric: 'missingValues', arguments: { missingValues: [-1, 'N/A'] }, mustBeLessThan: 2 },
    ['1', '-1', ''],
    3,
  ],
  ['repeats by value', { ...REPEATS, mustBe: 0 }, ['1', '1.0', '2'], 1],
];

describe('a rule of a column', () => {
  it.each(OF_TEXTS)('of texts: %s', async (_, rule, cells, bad) => {
    const rows = cells.map((cell, index) => `${cell},${index}`);
    expect(await outcome(documentOf({ quality: [rule] }), rows)).toEqual({
      ...{ verdict: bad === 0 ? 'pass' : 'fail', bad, unchecked: [] },
    });
  });

  it.each(OF_NUMBERS)('of numbers: %s', async (_, rule, cells, bad) => {
    const rows = cells.map((cell, index) => `${cell},${index}`);
    expect((await outcome(documentOf({ logicalType: 'number', quality: [rule] }), rows)).bad).toBe(bad);
  });

  it.each(['warning', 'info'])('of severity %s only warns', async (severity) => {
    const document = documentOf({ quality: [{ ...NULLS, mustBe: 0, severity }] });
    expect(await outcome(document, ['x,1', ',2', 'y,3'])).toEqual({ verdict: 'warn', bad: 0, unchecked: [] });
  });

  it('is called what its document calls it', async () => {
    const quality = [
      { ...NULLS, mustBe: 0, name: 'Amount is there' },
      { ...REPEATS, mustBe: 0, id: 'amount_is_there' },
    ];
    const { violations } = await check(documentOf({ quality }), ['x,1', ',2', 'x,3']);
    expect(violations.map(({ expectation }) => expectation)).toEqual(['amount-is-there', 'amount-is-there-2']);
  });

  it('may be said twice', async () => {
    const quality = [NULLS, { ...NULLS, mustBe: 0 }, { ...NULLS, mustBe: 0 }];
    const { violations } = await check(documentOf({ required: true, quality }), ['x,1', ',2', 'x,3']);
    expect(violations).toHaveLength(1);
  });
});

describe('a rule of a table', () => {
  it.each([
    ['a number of rows', { metric: 'rowCount', mustBeGreaterThan: 3 }, 3],
    ['a number of rows that is there', { metric: 'rowCount', mustBeBetween: [1, 3] }, 0],
    ['no repeated combination', { ...REPEATS, arguments: { properties: ['a', 'b'] }, mustBe: 0 }, 1],
    ['few repeated combinations', { ...REPEATS, arguments: { properties: ['a', 'b'] }, mustBeLessThan: 2 }, 0],
    ['more repeated combinations', { ...REPEATS, arguments: { properties: ['a', 'b'] }, mustBeGreaterThan: 1 }, 3],
    [
      'SQL',
      { type: 'sql', query: 'with few as (select * from orders limit 2) select count(*) from few', mustNotBe: 2 },
      3,
    ],
  ])('%s', async (_, rule, bad) => {
    expect(await outcome(documentOf({}, { quality: [rule] }), ['x,1', 'x,1', 'x,2'])).toEqual({
      ...{ verdict: bad === 0 ? 'pass' : 'fail', bad, unchecked: [] },
    });
  });

  it('may call the table and its columns as the database does', async () => {
    const properties = [
      { name: 'a', physicalName: 'cd_a' },
      { name: 'b', physicalName: 'A', logicalType: 'integer' },
    ];
    const query = `select count(*) from tab_orders t where t.CD_A = 'x' and b > 1`;
    const quality = [{ type: 'sql', query, mustBe: 1 }];
    const document = documentOf({}, { properties, quality, physicalName: 'TAB_ORDERS' });
    expect(await outcome(document, ['x,1', 'x,2', 'y,3'])).toEqual({ verdict: 'pass', bad: 0, unchecked: [] });
  });

  it('compares the columns of a primary key together, and lets none of them be empty', async () => {
    const properties = [
      { name: 'a', logicalType: 'string', primaryKey: true, primaryKeyPosition: 2 },
      { name: 'b', logicalType: 'integer', primaryKey: true, primaryKeyPosition: 1 },
    ];
    const document = documentOf({}, { properties });
    expect((await outcome(document, ['x,1', 'x,2', 'y,1'])).verdict).toBe('pass');
    expect((await outcome(document, ['x,1', 'x,1', ',2'])).bad).toBe(2);
  });
});

/** The type of column `a` and its options, three cells and how many of them are bad. */
const OF_TYPES: readonly (readonly [string, Part, readonly [string, string, string], number])[] = [
  ['string', { minLength: 2, maxLength: 3 }, ['a', 'ab', 'abcd'], 2],
  ['string', { minLength: 3, maxLength: 2 }, ['ab', 'abc', 'abcd'], 3],
  ['string', { pattern: '[a-z]+' }, ['a', 'a1', '1'], 2],
  ['string', { pattern: '^[a-z]+$' }, ['a', 'a1', '1'], 2],
  ['string', { pattern: '^a' }, ['a', 'ab', 'ba'], 1],
  ['string', { pattern: 'a$' }, ['a', 'ab', 'ba'], 1],
  ['string', { pattern: '^a|b$' }, ['ax', 'xb', 'x'], 1],
  ['string', { format: 'email' }, ['a@b.org', 'a', 'b.org'], 2],
  ['string', { format: 'uuid' }, ['0c3f7f6e-2f0e-4c50-9a1a-0c3f7f6e2f0e', 'a', '1'], 2],
  ['string', { format: 'ipv4' }, ['1.2.3.4', '1.2.3', '1.2.3.400'], 2],
  ['string', { format: 'hostname' }, ['a.example', 'a_b', '-a'], 2],
  ['string', { format: 'uri' }, ['mailto:a@b.org', 'b.org', '1:2'], 2],
  ['string', { format: 'date' }, ['2024-02-29', '2023-02-29', 'x'], 2],
  ['string', { enum: ['x', 'y'] }, ['x', 'y', 'z'], 1],
  ['integer', { minimum: 1, maximum: 2 }, ['0', '1', '3'], 2],
  ['integer', { minimum: 3, maximum: 2 }, ['1', '2', '3'], 3],
  ['integer', { exclusiveMinimum: 1, exclusiveMaximum: 3 }, ['1', '2', '3'], 2],
  ['integer', { multipleOf: 5 }, ['5', '6', '-10'], 1],
  ['integer', { format: 'u8' }, ['-1', '255', '256'], 2],
  ['integer', { format: 'i64' }, ['-1', '255', '1.5'], 1],
  ['number', { exclusiveMinimum: 0 }, ['0', '0.1', '-1'], 2],
  ['number', { multipleOf: 0.01 }, ['1234567.89', '0.001', '1'], 1],
  ['number', { format: 'f64' }, ['1', '2', 'x'], 1],
  ['date', { minimum: '2024-01-01', exclusiveMaximum: '2024-02-01' }, ['2023-12-31', '2024-01-01', '2024-02-01'], 2],
  ['date', { format: 'yyyy-MM-dd' }, ['2024-01-01', '2024-13-01', 'x'], 2],
  ['timestamp', { exclusiveMinimum: '2024-01-01T00:00:00Z' }, ['2024-01-01T00:00:00Z', '2024-01-01T00:00:01Z', ''], 1],
  ['timestamp', { format: "yyyy-MM-dd'T'HH:mm:ssZ" }, ['2024-01-01T00:00:00Z', '2024-01-01 00:00', 'x'], 1],
  ['boolean', {}, ['true', '0', 'x'], 1],
];

describe('a type', () => {
  it.each(OF_TYPES)('%s with %j is checked', async (logicalType, logicalTypeOptions, cells, bad) => {
    const rows = cells.map((cell, index) => `${cell},${index}`);
    const found = await outcome(documentOf({ logicalType, logicalTypeOptions }), rows);
    expect(found).toEqual({ verdict: bad === 0 ? 'pass' : 'fail', bad, unchecked: [] });
  });

  it('may be said by what it is in the database', async () => {
    const document = documentOf({ logicalType: undefined, physicalType: 'DECIMAL(10, 2)' });
    expect((await outcome(document, ['1.5,a', 'x,b', '2,c'])).bad).toBe(1);
  });

  it.each([
    ['string', { enum: [{ value: 'x', label: 'X' }, { value: 'y' }] }],
    ['integer', { enum: [{ value: 1 }, { value: 2 }] }],
  ])('%s limited to %j', async (logicalType, given) => {
    const cells = logicalType === 'string' ? ['x', 'y', 'z'] : ['1', '2.0', '3'];
    const rows = cells.map((cell) => `${cell},-`);
    expect(await outcome(documentOf({ logicalType, ...given }), rows)).toEqual({
      verdict: 'fail',
      bad: 1,
      unchecked: [],
    });
  });
});

describe('what a document asks for and no check looks at', () => {
  const ROWS = ['x,1', 'y,2', 'z,3'];

  it.each<readonly [string, Part, readonly string[]]>([
    ['a text for people', { quality: [{ type: 'text', description: 'fresh' }] }, ['quality[0]']],
    [
      'a rule for another engine',
      { quality: [{ type: 'custom', engine: 'soda', implementation: 'x' }] },
      ['quality[0]'],
    ],
    ['a type of rule that nobody knows', { quality: [{ type: 'magic', mustBe: 0 }] }, ['quality[0]']],
    ['a metric that nobody knows', { quality: [{ metric: 'freshness', mustBeLessThan: 5 }] }, ['quality[0]']],
    ['a comparison that nobody knows', { quality: [{ ...NULLS, mustBeRather: 0 }] }, ['quality[0]']],
    ['a comparison with nothing', { quality: [{ ...NULLS, mustBe: null }] }, ['quality[0]']],
    ['bounds in the wrong order', { quality: [{ ...NULLS, mustBeBetween: [2, 1] }] }, ['quality[0]']],
    ['a unit that nobody knows', { quality: [{ ...NULLS, mustBe: 0, unit: 'tons' }] }, ['quality[0]']],
    [
      'an argument that nobody knows',
      { quality: [{ ...NULLS, mustBe: 0, arguments: { filter: 'a > 1' } }] },
      ['quality[0]'],
    ],
    ['a key that nobody knows', { quality: [{ ...NULLS, mustBe: 0, filter: 'a > 1' }] }, ['quality[0].filter']],
    ['a bound that nobody knows', { quality: [{ ...NULLS, threshold: 5 }] }, ['quality[0]']],
    ['what is no rule', { quality: ['never empty'] }, ['quality[0]']],
    ['a rule without a list', { quality: { type: 'text', description: 'fresh' } }, ['quality[0]']],
    [
      'a pattern that RE2 does not have',
      { quality: [{ metric: 'invalidValues', arguments: { pattern: '(?=a)' }, mustBe: 0 }] },
      ['quality[0]'],
    ],
    ['rows in percent', { quality: [{ metric: 'rowCount', mustBe: 3, unit: 'percent' }] }, ['quality[0]']],
    ['a query that is missing', { quality: [{ type: 'sql', mustBe: 0 }] }, ['quality[0]']],
    ['a query without a comparison', { quality: [{ type: 'sql', query: 'select 1' }] }, ['quality[0]']],
    ['two queries in one', { quality: [{ type: 'sql', query: 'select 1; select 2', mustBe: 1 }] }, ['quality[0]']],
    [
      'SQL of another database',
      { quality: [{ type: 'sql', query: 'select top 1 a from {object}', mustBe: 'x' }] },
      ['quality[0]'],
    ],
    [
      'SQL over another table',
      { quality: [{ type: 'sql', query: 'select count(*) from customers', mustBe: 0 }] },
      ['quality[0]'],
    ],
    [
      'SQL over an unknown column',
      { quality: [{ type: 'sql', query: 'select max(c) from orders', mustBe: 0 }] },
      ['quality[0]'],
    ],
    [
      'SQL with several columns',
      { quality: [{ type: 'sql', query: 'select a, b from orders limit 1', mustBe: 'x' }] },
      ['quality[0]'],
    ],
    [
      'SQL with several rows',
      { quality: [{ type: 'sql', query: 'select a from orders', mustBe: 'x' }] },
      ['quality[0]'],
    ],
    [
      'an option that nobody knows',
      { logicalTypeOptions: { minLength: 1, colour: 'red' } },
      ['logicalTypeOptions.colour'],
    ],
    ['an option of another type', { logicalTypeOptions: { minimum: 1 } }, ['logicalTypeOptions.minimum']],
    ['an option that cannot be', { logicalTypeOptions: { minLength: -1 } }, ['logicalTypeOptions.minLength']],
    ['a pattern that is none', { logicalTypeOptions: { pattern: '[' } }, ['logicalTypeOptions.pattern']],
    ['a format that nobody knows', { logicalTypeOptions: { format: 'ipv6' } }, ['logicalTypeOptions.format']],
    [
      'days in another format',
      { logicalType: 'date', logicalTypeOptions: { format: 'dd/MM/yyyy' } },
      ['logicalType', 'logicalTypeOptions.format'],
    ],
    [
      'a list',
      { logicalType: 'array', items: { logicalType: 'string', quality: [NULLS] } },
      ['logicalType', 'items.quality[0]'],
    ],
    [
      'an object',
      { logicalType: 'object', properties: [{ name: 'c', required: true, logicalTypeOptions: { minLength: 1 } }] },
      ['logicalType', 'c.required', 'c.logicalTypeOptions.minLength'],
    ],
    ['a type that nobody knows', { logicalType: 'geography' }, ['logicalType']],
    ['a type of the database that nobody knows', { logicalType: undefined, physicalType: 'MONEY' }, ['logicalType']],
    ['a relationship', { relationships: [{ to: 'customers.id' }] }, ['relationships[0]']],
    ['a type that is no word', { logicalType: ['string', 'null'] }, ['logicalType']],
    ['a unit that is no word', { quality: [{ ...NULLS, mustBe: 0, unit: {} }] }, ['quality[0]']],
    ['an option in the wrong place', { minLength: 5, description: null, tags: ['x'] }, ['minLength']],
    ['a word of another standard', { isNullable: false }, ['isNullable']],
    [
      'a map',
      { logicalType: 'map', map: { value: { logicalTypeOptions: { minimum: 0 } } } },
      ['logicalType', 'map.value.logicalTypeOptions.minimum'],
    ],
    ['an enum that is none', { enum: [] }, ['enum']],
  ])('is named: %s', async (_, property, paths) => {
    expect(await outcome(documentOf(property), ROWS)).toEqual({
      ...{ verdict: 'pass', bad: 0, unchecked: paths.map((each) => `orders.a.${each}`) },
    });
  });

  it.each([
    ['a column that is not there', { ...REPEATS, arguments: { properties: ['a', 'constructor'] }, mustBe: 0 }],
    ['no column at all', { ...NULLS, mustBe: 0 }],
    ['a column without saying which', { type: 'sql', query: 'select count({property}) from {object}', mustBe: 0 }],
    ['Weir, but not as Weir writes', { type: 'custom', engine: 'weir', implementation: { level: 'row', sql: 'true' } }],
  ])('is named: a rule of the table about %s', async (_, rule) => {
    expect((await outcome(documentOf({}, { quality: [rule] }), ROWS)).unchecked).toEqual(['orders.quality[0]']);
  });

  it('is named: a key of the table that nobody knows', async () => {
    const schema = { physicalName: 'ORDERS', primaryKeys: ['a'], tags: [] };
    expect((await outcome(documentOf({}, schema), ROWS)).unchecked).toEqual(['orders.primaryKeys']);
  });

  it('is named: a key of the document that nobody knows', async () => {
    const document = `${documentOf({})}\nquality: [{ rule: nullCheck }]\nslaProperties: []\nprice: { priceAmount: 1 }\n`;
    expect((await outcome(document, ROWS)).unchecked).toEqual(['quality']);
  });

  it('keeps the cells of such a column as they stand, and checks the others', async () => {
    const properties = [
      { name: 'a', logicalType: 'array', required: true },
      { name: 'b', logicalType: 'integer' },
    ];
    const { rows, violations } = await check(documentOf({}, { properties }), ['"[1,2]",1', '"[",x', ',2']);
    expect(rows.good).toBe(1);
    expect(violations.map(({ sentence }) => sentence)).toEqual(['a is never empty', 'b is a whole number']);
  });

  it('stands in the summary, in the result and on the page of the report', async () => {
    const quality = [
      { type: 'text', description: '<b>fresh</b>' },
      { type: 'sql', query: 'select top 1 a', mustBe: 1 },
    ];
    const result = await check(documentOf({}, { quality }), ROWS);
    expect(result.verdict).toBe('pass');
    expect(result.summary).toBe(
      '3 rows: 3 good; 2 rules of the contract are not checked: orders.quality[0] (text: <b>fresh</b>), orders.quality[1] (select top 1 a: the answer is 1)',
    );
    expect(result.unchecked?.map(({ reason }) => reason)).toEqual([
      'it is written for people',
      expect.stringMatching(/^DuckDB cannot run its SQL: Parser Error/),
    ]);
    expect(result.expectations).toEqual([]);
    const page = renderReport(result);
    expect(page).toContain('<h2>Not checked</h2>');
    expect(page).toContain('&lt;b&gt;fresh&lt;/b&gt;');
    expect(page).not.toContain('<b>fresh</b>');
  });
});
