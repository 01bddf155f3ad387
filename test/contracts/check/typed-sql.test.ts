import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DuckdbPool } from '#store';
import { instantOf, isDay, isTimestamp } from '../../../src/contracts/check/moments.ts';
import { readableSql, typedSql } from '../../../src/contracts/check/typed-sql.ts';
import { seeded } from '../../../src/contracts/corrupt/random.ts';
import { literal } from '../../../src/contracts/sql.ts';
import { inProcessDuckdb } from '../duckdb-in-process.ts';

const TEXTS = 60_000;
const NUMBERS = [
  '12',
  '-1.5',
  '+3e5',
  '.5',
  '9007199254740991',
  '-9007199254740992',
  '1e308',
  '1e400',
  '00012',
  '-',
  'nan',
];
const MOMENTS = ['2026-03-01', '2026-02-29', '2024-02-29T00:00Z', '2026-03-01T12:34:56Z', '2026-03-01 23:59:59'].concat(
  ['2026-03-01T12:00:00.123+02:00', '2026-12-31T24:00:00Z', '9999-12-31T23:59:59'],
);
const CHARACTERS = [...'01234567890123456789+-._eE xXTtzZ:/\t\v\fnaif,Ｉ９ü[]!^*?\\\u00a0'];

/** Texts that nearly are numbers or moments: up to three characters of one that is are changed, put in or taken out. */
function nearlyTyped(seed: number): readonly string[] {
  const random = seeded(seed);
  const bases = [...NUMBERS, ...MOMENTS];
  const pick = <T>(from: readonly T[]): T => from[random.below(from.length)] as T;
  const texts = new Set(bases);
  while (texts.size < TEXTS) {
    const characters = [...pick(bases)];
    for (let changes = random.below(4); changes > 0; changes--) {
      const removed = random.below(3) === 0 ? 0 : 1;
      characters.splice(
        random.below(characters.length + 1),
        removed,
        ...(random.below(4) === 0 ? [] : [pick(CHARACTERS)]),
      );
    }
    if (characters.length > 0) texts.add(characters.join(''));
  }
  return [...texts];
}

const numberOf = (text: string): number | null =>
  /^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$/.test(text) && Number.isFinite(Number(text))
    ? Number(text)
    : null;
const integerOf = (text: string): number | null =>
  /^[+-]?[0-9]+$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : null;

let duckdb: DuckdbPool;
beforeAll(async () => {
  duckdb = await inProcessDuckdb();
  const rows = nearlyTyped(7).map((text) => `(${literal(text)})`);
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
  it.each([
    ['number', numberOf],
    ['integer', integerOf],
  ] as const)('reads a %s exactly as the contract says, whatever DuckDB would take for one', async (kind, oracle) => {
    const found = await read<number | null>(typedSql(kind, 't'));
    const wrong = found.filter(({ t, value }) => value !== oracle(t));
    expect(wrong).toEqual([]);
    expect(found.filter(({ value }) => value !== null).length).toBeGreaterThan(1000);
  });

  it.each([
    ['date', typedSql('date', 't'), isDay],
    ['timestamp', typedSql('timestamp', 't'), isTimestamp],
    ['timestamp that nobody reads', readableSql('timestamp', 't'), isTimestamp],
  ] as const)('takes for a %s only what is one', async (_, sql, oracle) => {
    const found = await read<boolean>(`(${sql}) is not null`);
    const wrong = found.filter(({ t, value }) => value !== oracle(t));
    expect(wrong).toEqual([]);
    expect(found.filter(({ value }) => value).length).toBeGreaterThan(100);
  });

  it('gives the instant that a timestamp names, offset included', async () => {
    const found = await read<number | null>(`epoch_us(${typedSql('timestamp', 't')})`);
    const named = found.filter(({ t, value }) => value !== null && t >= '1970-01-02');
    const wrong = named.filter(({ t, value }) => {
      const [seconds = '', fraction = ''] = instantOf(t).split('.');
      // Of more than six digits DuckDB rounds the last, where ours is cut.
      return Math.abs((value ?? 0) - (Number(seconds) * 1e6 + Number(fraction))) > 1;
    });
    expect(wrong).toEqual([]);
    expect(named.length).toBeGreaterThan(100);
  });
});
