import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  type Column,
  category,
  checkFile,
  decimal,
  defineContract,
  divergenceBetween,
  duration,
  type Expectation,
  matchesJsonSchema,
  nearReference,
  notInSet,
  number,
  row,
  satisfies,
  text,
  time,
} from '#contracts';
import { countedWorld } from '../counted-world.ts';

const { duckdb, statementsOf, folder } = await countedWorld('pass');

/** What a check of the lines finds, and how many statements it asks of a database. */
async function checked(
  lines: readonly string[],
  expectations: readonly Expectation[],
  columns: Readonly<Record<string, Column>> = {},
) {
  const file = path.join(folder, 'in.csv');
  await writeFile(file, `${lines.join('\n')}\n`);
  const contract = defineContract({
    name: 'any',
    columns: { class: category(['1st', '2nd'], { nullable: true, severity: 'warn' }), ...columns },
    expectations,
  });
  const options = { path: file, contract, folder: path.join(folder, 'out'), duckdb };
  const found: Awaited<ReturnType<typeof checkFile>>[] = [];
  const statements = await statementsOf(async () => {
    found.push(await checkFile(options));
  });
  return { statements, violations: found[0]?.result.violations.map(({ sentence }) => sentence) };
}

const reference = { kind: 'category', rows: 100, shares: { '1st': 0.5, '2nd': 0.5 } } as const;
const distances = [
  nearReference('class', { reference }),
  divergenceBetween('class', { reference, measure: 'l-infinity', max: 0.1 }),
];

describe('one pass over a file', () => {
  it('compares categories with a reference, with values that the column does not name', async () => {
    const rows = Array.from({ length: 60 }, (_, index) => ['1st', '2nd', `deck-${index % 3}`][index % 3] ?? '');
    expect(await checked(['class', ...rows], distances)).toEqual({
      statements: 0,
      violations: [
        'class is distributed as in the reference of 100 rows; found 1.51564',
        'the l-infinity divergence of class from the reference of 100 rows is at most 0.1; found 0.333333',
        'class is one of 1st, 2nd',
      ],
    });
  });

  it('leaves a reference to the database where a column has more other values than it counts', async () => {
    const rows = Array.from({ length: 10_001 }, (_, index) => `deck-${index}`);
    // What no database can say is decided in a pass all the same, and so is nothing twice.
    const last = satisfies('not-the-last', { columns: ['class'], holds: (cells) => cells.class !== 'deck-10000' });
    const schema = matchesJsonSchema('class', { schema: { type: 'string' }, severity: 'warn' });
    const { statements, violations } = await checked(['class', ...rows], [...distances, last, schema]);
    expect(statements).toBeGreaterThan(0);
    expect(violations?.slice(1)).toEqual([
      'class is one of 1st, 2nd',
      'not-the-last',
      'class is JSON of the schema {"type":"string"}',
    ]);
    expect(violations).toContain(
      'the l-infinity divergence of class from the reference of 100 rows is at most 0.1; found 0.5',
    );
  });

  it('reads, bounds and tells apart decimals, times and durations', async () => {
    const columns = {
      price: decimal({ precision: 18, scale: 2, min: '0.01', unique: true }),
      opens: time({ max: '18:00', nullable: true }),
      took: duration({ min: 'PT0S', nullable: true }),
    };
    const rows = ['1st,9999999999999999.99,18:00:00.000001,PT60M', '1st,9999999999999999.98,,-PT1S', '1st,0,09:30,P1M'];
    const repeated = ['1st,1.5,,PT1H', '1st,01.50,,', '1st,0.015,24:00,P7D'];
    const { statements, violations } = await checked(
      ['class,price,opens,took', ...rows, ...repeated],
      [notInSet('took', { values: ['P1W', 'none'] })],
      columns,
    );
    expect(statements).toBe(0);
    expect(violations).toEqual([
      'price is a decimal of at most 18 digits, 2 of them behind the point, such as 0.01',
      'price is at least 0.01',
      'price is different in every row',
      'opens is a time of day (ISO 8601)',
      'opens is at most 18:00',
      'took is a duration (ISO 8601) without years and months',
      'took is at least PT0S',
      'took is none of P1W, none',
    ]);
  });

  const PAYLOADS = { payload: text({ nullable: true }), price: number() };
  const HAS_ID = matchesJsonSchema('payload', { schema: { title: 'an event', required: ['id'] } });
  const EVENTS = ['class,payload,price', '1st,"{""id"":1}",1', '1st,{},2', '2nd,[],3', '2nd,{,4'];

  it('tests texts by JSON schemas, with their lines', async () => {
    expect(await checked(EVENTS, [HAS_ID], PAYLOADS)).toEqual({
      statements: 0,
      violations: ['payload is JSON of the schema an event'],
    });
  });

  it('tests by JSON schemas also where a database decides the rest, and with conditions and tolerances', async () => {
    const dear = row('dear', { holds: 'price > 1', columns: ['price'], severity: 'warn' });
    const some = matchesJsonSchema('payload', {
      schema: { type: 'string' },
      where: HAS_ID,
      atLeast: 0.5,
      name: 'none',
    });
    const { statements, violations } = await checked(EVENTS, [HAS_ID, dear, some], PAYLOADS);
    expect(statements).toBeGreaterThan(0);
    expect(violations).toEqual(['payload is JSON of the schema an event', 'price > 1']);
  });
});
