import * as contracts from '#contracts';
import { type Column, date, type Expectation, number, text, timestamp } from '#contracts';

export type Columns = Readonly<Record<string, Column>>;
export const all = { nullable: true, role: 'meta' } as const;
export const N: Columns = { n: number(all) };
export const T: Columns = { t: text(all) };
export const NM: Columns = { n: number(all), m: number(all) };
export const TU: Columns = { t: text(all), u: text(all) };

/** An expectation of rows: its cells, and which of them it is to find. */
export type RowCase = readonly [Expectation, Columns, readonly (readonly string[])[], readonly number[]];
export const one = (...cells: readonly string[]): readonly (readonly string[])[] => cells.map((cell) => [cell]);

export const ROW_CASES: readonly RowCase[] = [
  [contracts.notNull('n'), N, one('1', '', '0'), [1]],
  [contracts.alwaysNull('t'), T, one('', 'x'), [1]],
  [contracts.ofType('n', { kind: 'number' }), N, one('1', '', '1.5'), []],
  [contracts.inRange('n', { min: 0, max: 1 }), N, one('0', '1', '-0.001', '1.001', ''), [2, 3]],
  [contracts.inSet('t', { values: ['a', "o'b"] }), T, one('a', "o'b", 'c', ''), [2]],
  [contracts.notInSet('t', { values: ['n/a', '-'] }), T, one('a', 'n/a', '-', ''), [1, 2]],
  [contracts.unique('n'), N, one('1', '01', '2', '', '', '1.0'), [1, 5]],
  [
    contracts.uniqueTogether(['n', 'm']),
    NM,
    [
      ['1', '1'],
      ['1', '2'],
      ['1', '1'],
      ['1', ''],
      ['1', ''],
    ],
    [2],
  ],
  [contracts.matchesPattern('t', { pattern: '[a-c]+' }), T, one('abc', 'abcd', ''), [1]],
  [contracts.notMatchesPattern('t', { pattern: '[0-9]' }), T, one('abc', 'a1', ''), [1]],
  [contracts.lengthBetween('t', { min: 2, max: 3 }), T, one('é👍', 'a', 'abcd', ''), [1, 2]],
  [contracts.startsWith('t', { prefix: 'a%' }), T, one('a%b', 'ab', ''), [1]],
  [contracts.endsWith('t', { suffix: "'b" }), T, one("a'b", 'b', ''), [1]],
  [contracts.trimmed('t'), T, one('a b', ' a', 'a\t', ' ', ''), [1, 2, 3]],
  [
    contracts.valueBetween('p', { min: '0', max: '12345678901234567890.12' }),
    { p: contracts.decimal({ precision: 22, scale: 2, ...all }) },
    one('0.00', '12345678901234567890.12', '12345678901234567890.13', '-0.01', '1', ''),
    [2, 3],
  ],
  [
    contracts.inRange('p', { min: 0.1, excludesMin: true }),
    { p: contracts.decimal({ precision: 22, scale: 2, ...all }) },
    one('0.1', '0.11', '.10', '-3', ''),
    [0, 2, 3],
  ],
  [
    contracts.valueBetween('o', { min: '08:00', max: '18:00', excludesMax: true }),
    { o: contracts.time(all) },
    one('08:00:00', '17:59:59.999999', '18:00', '07:59:59.9', ''),
    [2, 3],
  ],
  [
    contracts.valueBetween('w', { max: 'P1D' }),
    { w: contracts.duration(all) },
    one('PT24H', 'PT1440M', '-P1W', 'PT24H0.000001S', 'P1W', ''),
    [3, 4],
  ],
  [contracts.multipleOf('n', { step: 0.1 }), N, one('0.3', '-12.7', '0.35', ''), [2]],
  [
    contracts.momentBetween('d', { min: '2026-01-01', max: '2026-12-31' }),
    { d: date(all) },
    one('2026-01-01', '2026-12-31', '2025-12-31', '2027-01-01', ''),
    [2, 3],
  ],
  [
    contracts.momentBetween('d', { max: '2026-01-01T12:00:00+02:00' }),
    { d: timestamp(all) },
    one('2026-01-01T10:00:00Z', '2026-01-01T10:00:01Z'),
    [1],
  ],
  [contracts.uuid('t'), T, one('123e4567-e89b-12d3-a456-426614174000', '123e4567', ''), [1]],
  [contracts.email('t'), T, one('a.b+c@example.co.uk', 'a@b', 'a b@c.de', '@c.de', ''), [1, 2, 3]],
  [
    contracts.webAddress('t'),
    T,
    one('https://a.b/c?d#e', 'http://a:80', 'ftp://a', 'https://u:p@h', 'a.b', ''),
    [2, 3, 4],
  ],
  [contracts.ipAddress('t'), T, one('127.0.0.1', '256.0.0.1', '::1', '01.2.3.4', ''), [1, 3]],
  [
    contracts.decimalDigits('n', { precision: 4, scale: 2 }),
    N,
    one('12.34', '-99.99', '1.2', '1.230', '123', '1.234', '1e2', '0.001', '0', ''),
    [4, 5, 6, 7],
  ],
  [
    contracts.timeOfDay('t'),
    T,
    one('23:59', '07:30:00.5+02:00', '00:00:00Z', '24:00', '7:30', '12:60', '12:00:60', '12', ''),
    [3, 4, 5, 6, 7],
  ],
  [
    contracts.isoDuration('t'),
    T,
    one('P1Y2M', 'PT36H', 'P3W', 'PT0.5S', 'P1DT1M', 'P', 'P1DT', 'PT', '1D', 'P1W2D', 'PT1', 'P-1D', ''),
    [5, 6, 7, 8, 9, 10, 11],
  ],
  [contracts.cellSatisfies('n', { holds: (n) => Number(n) % 2 === 0 }), N, one('2', '3', '', '4.0'), [1]],
  [
    contracts.satisfies('same-length', {
      columns: ['t', 'u'],
      holds: ({ t, u }) => String(t).length === String(u).length,
    }),
    TU,
    [
      ['a', 'b'],
      ['a', 'ab'],
      ['null', ''],
    ],
    [1],
  ],
  [contracts.keysIn('t', { dataset: 'others', columnsThere: 'key' }), T, one('a', 'c', '', 'b', 'A'), [1, 4]],
  [contracts.json('t'), T, one('{"a":[1]}', '1', '{a:1}', ''), [2]],
  [
    contracts.matchesJsonSchema('t', { schema: { type: 'object', required: ['a'] } }),
    T,
    one('{"a":[1]}', '{"b":1}', '{a:1}', '1', ''),
    [1, 2, 3],
  ],
  [
    contracts.lessThanColumn('n', { other: 'm' }),
    NM,
    [
      ['1', '2'],
      ['2', '2'],
      ['3', '2'],
      ['', '1'],
      ['1', ''],
    ],
    [1, 2],
  ],
  [
    contracts.lessThanColumn('n', { other: 'm', orEqual: true }),
    NM,
    [
      ['2', '2'],
      ['3', '2'],
    ],
    [1],
  ],
  [
    contracts.equalsColumn('t', { other: 'u' }),
    TU,
    [
      ['a', 'a'],
      ['a', 'b'],
      ['', ''],
      ['', 'a'],
    ],
    [1, 3],
  ],
  [
    contracts.requiredWhen('t', { when: `u = 'x'`, columns: ['u'] }),
    TU,
    [
      ['', 'x'],
      ['', 'y'],
      ['a', 'x'],
      ['', ''],
    ],
    [0],
  ],
  [
    contracts.someNotNull(['t', 'u']),
    TU,
    [
      ['', ''],
      ['a', ''],
      ['a', 'b'],
    ],
    [0],
  ],
  [
    contracts.someNotNull(['t', 'u'], { min: 1, max: 1 }),
    TU,
    [
      ['', ''],
      ['a', ''],
      ['a', 'b'],
    ],
    [0, 2],
  ],
  [
    contracts.addsUp('m', { parts: ['n', 'row'] }),
    NM,
    [
      ['0.1', '0.1'],
      ['0.2', '1.2'],
      ['0.2', '2.3'],
      ['', '1'],
    ],
    [2],
  ],
  [
    contracts.row('either', { holds: 'n > 0 or m > 0', columns: ['n', 'm'] }),
    NM,
    [
      ['1', '0'],
      ['0', '0'],
      ['', '0'],
      ['', '1'],
    ],
    [1],
  ],
];
