import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DuckdbPool } from '#store';
import { maybeConstantSql, maybeValue } from '../../src/contracts/kinds/cell-value.ts';
import { maybeConstant } from '../../src/contracts/kinds/comparable.ts';
import { microsecondsOf } from '../../src/contracts/kinds/moments.ts';
import { durationOf, timeOf } from '../../src/contracts/kinds/times.ts';
import { rowValueSql, typedSql, writtenSql } from '../../src/contracts/kinds/typed-sql.ts';
import { literal } from '../../src/contracts/sql.ts';
import { inProcessDuckdb } from './duckdb-in-process.ts';
import { nearlyTyped } from './nearly-typed.ts';

const TEXTS = 90_000;

let duckdb: DuckdbPool;
beforeAll(async () => {
  duckdb = await inProcessDuckdb();
  const rows = nearlyTyped(7, { count: TEXTS }).map((text) => `(${literal(text)})`);
  await duckdb.use(async (connection) => {
    await connection.run('create table texts (t varchar)');
    for (let from = 0; from < rows.length; from += 10_000)
      await connection.run(`insert into texts values ${rows.slice(from, from + 10_000).join(', ')}`);
  });
});
afterAll(() => duckdb.close());

const read = <T>(sql: string): Promise<readonly { t: string; value: T }[]> =>
  duckdb.use((connection) => connection.all(`select t, ${sql} as value from texts`));

describe('typedSql', () => {
  it.each(['number', 'integer', 'boolean'] as const)(
    'reads a %s exactly as the contract says, whatever DuckDB would take for one',
    async (kind) => {
      const found = await read<number | boolean | null>(typedSql(kind, 't'));
      expect(found.filter(({ t, value }) => value !== (maybeValue(kind, t) ?? null))).toEqual([]);
      if (kind !== 'boolean') expect(found.filter(({ value }) => value !== null).length).toBeGreaterThan(1000);
    },
  );

  it('reads a date from a day and from its midnight in UTC, and from nothing else', async () => {
    const found = await read<string | null>(`(${typedSql('date', 't')})::varchar`);
    expect(found.filter(({ t, value }) => value !== (maybeValue('date', t) ?? null))).toEqual([]);
    expect(found.filter(({ t, value }) => value !== null && t.length > 10).length).toBeGreaterThan(50);
  });

  it.each(['decimal(12,2)', 'decimal(3,3)', 'decimal(38,0)', 'decimal(38,38)', 'decimal(18,4)'] as const)(
    'reads a %s to its last digit, and never rounds',
    async (kind) => {
      const found = await read<string | null>(rowValueSql(kind, 't'));
      expect(found.filter(({ t, value }) => value !== (maybeValue(kind, t) ?? null))).toEqual([]);
      expect(found.filter(({ value }) => value !== null).length).toBeGreaterThan(200);
    },
  );

  it.each([
    ['time', timeOf],
    ['duration', durationOf],
  ] as const)('reads a %s to the microsecond', async (kind, numberOf) => {
    // As text: a whole number of so many microseconds may be more than a double holds.
    const found = await read<string | null>(`(epoch_us(${typedSql(kind, 't')}))::varchar`);
    const isOdd = ({ t, value }: { t: string; value: string | null }): boolean =>
      value !== (maybeValue(kind, t) === undefined ? null : String(numberOf(t)));
    expect(found.filter(isOdd)).toEqual([]);
    expect(found.filter(({ value }) => value !== null).length).toBeGreaterThan(200);
  });

  it.each(['list', 'struct'] as const)('takes for a %s only JSON of its type', async (kind) => {
    const nested = [
      '[]',
      '[1,"a",null]',
      ' [ ] ',
      '[1,]',
      '{}',
      '{"a":[1]}',
      '{"a":1,}',
      'null',
      '1',
      '"[]"',
      '[NaN]',
      '["\\ud800"]',
    ];
    const rows = nested.map((text) => `(${literal(text)})`).join(', ');
    const sql = `select t, ${typedSql(kind, 't')} as value from (values ${rows}) v(t)`;
    const found = await duckdb.use((connection) => connection.all<{ t: string; value: string | null }>(sql));
    expect(found.filter(({ t, value }) => value !== (maybeValue(kind, t) ?? null))).toEqual([]);
    expect(found.filter(({ value }) => value !== null).length).toBeGreaterThan(1);
  });

  it('takes for a timestamp only what is one', async () => {
    const found = await read<boolean>(`(${typedSql('timestamp', 't')}) is not null`);
    expect(found.filter(({ t, value }) => value !== (maybeValue('timestamp', t) !== undefined))).toEqual([]);
    expect(found.filter(({ value }) => value).length).toBeGreaterThan(100);
  });

  it('gives the instant that a timestamp names, offset included', async () => {
    const found = await read<number | null>(`epoch_us(${typedSql('timestamp', 't')})`);
    const named = found.filter(({ value }) => value !== null);
    const wrong = named.filter(({ t, value }) => {
      return value !== Number(microsecondsOf(t));
    });
    expect(wrong).toEqual([]);
    expect(named.length).toBeGreaterThan(100);
  });
});

describe('the value of a cell', () => {
  it.each([
    ['integer', ['1', '01', '+1', '1.0', '1.', '1e0', '10e-1', '0.1e1', '1.000000000000000000000']],
    ['integer', ['0', '-0', '0.0', '-.0', '0e5', '000']],
    ['integer', ['9007199254740991', '9007199254740991.00', '9.007199254740991e15']],
    ['number', ['0.1', '.1', '1e-1', '00.10', '+0.1']],
    ['number', ['0', '-0', '-0.0', '0e9']],
    ['boolean', ['true', 'TRUE', '1', '1.0']],
    ['boolean', ['false', 'False', '0', '0.0']],
    ['decimal(12,2)', ['12.5', '12.50', '+012.500', '12.50000000000000000000000000000000000000000']],
    ['decimal(12,2)', ['0', '-0', '.0', '0.', '-0.00']],
    ['time', ['09:30', '09:30:00', '09:30:00.0', '09:30:00.0000001']],
    ['duration', ['PT90M', 'PT1H30M', '+PT5400S', 'PT5400.0000009S']],
    ['duration', ['P1W', 'P7D', 'PT168H']],
    ['date', ['2026-03-01', '2026-03-01 00:00:00', '2026-03-01T00:00:00Z', '2026-03-01T00:00:00.000000000+0000']],
  ] as const)('of the kind %s is the same for %j', async (kind, texts) => {
    const rows = texts.map((text) => `(${literal(text)})`).join(', ');
    const sql = `select count(distinct value) as n, count(value) as filled from (select ${typedSql(kind, 't')} as value from (values ${rows}) v(t))`;
    const found = await duckdb.use((connection) => connection.all(sql));
    expect(found).toEqual([{ n: 1, filled: texts.length }]);
    const values = texts.map((text) => maybeConstant(kind, text));
    expect([...new Set(values)].filter((value) => value !== undefined).length).toBe(1);
    expect(values).not.toContain(undefined);
    const [first] = texts;
    const equal = `select bool_and(${typedSql(kind, 't')} = ${maybeConstantSql(kind, first)}) as equal from (values ${rows}) v(t)`;
    expect(await duckdb.use((connection) => connection.all(equal))).toEqual([{ equal: true }]);
  });

  it.each([
    ['integer', ['2.5', '1e-1', '9007199254740990.5', '9007199254740992', '1e16', '1.0.0', '1,0', '0x1', '']],
    ['decimal(12,2)', ['12.505', '1e2', '12,50', '12345678901', '.', '', '+', ' 1', '1 ', '0x1', 'NaN', '1_000']],
    ['time', ['24:00', '9:30', '09:60', '09:30:60', '09:30Z', '09:30:00.', '09:30:00.1234567890', '']],
    ['duration', ['P1Y', 'P1M', 'P', 'PT', 'P1DT', 'P1W2D', 'PT1.5H', '1H', 'PT1S1M', 'p1d', 'P12345678D', '--PT1S']],
    ['boolean', ['2', '10', '01', 'yes', '1.00']],
    [
      'date',
      [
        '2026-03-01T00:00:01Z',
        '2026-03-01T00:00',
        '2026-03-01T00:00:00+02:00',
        '2026-02-30T00:00:00',
        '2026-03-01 ',
        '0000-01-01',
      ],
    ],
  ] as const)('of the kind %s is none for %j', async (kind, texts) => {
    const rows = texts.map((text) => `(${literal(text)})`).join(', ');
    const sql = `select count(${typedSql(kind, 't')}) as filled from (values ${rows}) v(t)`;
    expect(await duckdb.use((connection) => connection.all(sql))).toEqual([{ filled: 0 }]);
    expect(texts.map((text) => maybeConstantSql(kind, text))).toEqual(texts.map(() => undefined));
  });
});

describe('writtenSql', () => {
  it('guesses from how texts are written, as the next file may have a fraction or a time of day', async () => {
    const sql = `select count(${writtenSql('integer', 't')}) as whole, count(${writtenSql('date', 't')}) as days from (values ('1.0'), ('7'), ('2026-03-01T00:00:00'), ('2026-03-01')) v(t)`;
    expect(await duckdb.use((connection) => connection.all(sql))).toEqual([{ whole: 1, days: 1 }]);
  });
});
