import { describe, expect, it } from 'vitest';
import { boolean, category, checkRows, date, defineContract, integer, number, text, timestamp } from '#contracts';

const people = defineContract({
  name: 'people',
  columns: {
    id: integer({ role: 'id', unique: true }),
    age: number({ min: 0, max: 100, nullable: true }),
    sex: category(['female', 'male']),
  },
});

describe('checkRows', () => {
  it('gives typed rows, with null for what is absent, null or empty', () => {
    const { rows, problems, indexes } = checkRows(people, [
      { id: 1, age: 3.5, sex: 'male' },
      { sex: 'female', id: 2 },
      { id: 3, age: '', sex: 'male' },
    ]);
    expect(problems).toEqual([]);
    expect(indexes).toEqual([0, 1, 2]);
    expect(rows).toEqual([
      { id: 1, age: 3.5, sex: 'male' },
      { id: 2, age: null, sex: 'female' },
      { id: 3, age: null, sex: 'male' },
    ]);
  });

  it('says of every problem where it is, what was expected and what came', () => {
    const { rows, problems } = checkRows(people, [
      { id: '1', age: 101, sex: 'unknown', deck: 'A' },
      { id: 1.5, sex: null },
      'x',
      { id: 7, sex: 'male' },
      { id: 7, sex: 'male' },
    ]);
    expect(rows).toHaveLength(1);
    expect(problems).toEqual([
      { row: 0, field: 'deck', expected: 'no such field; the columns are id, age, sex', got: '"A"' },
      { row: 0, field: 'id', expected: 'a whole number', got: '"1"' },
      { row: 0, field: 'age', expected: 'a number from 0 to 100 or null', got: '101' },
      { row: 0, field: 'sex', expected: 'one of "female", "male"', got: '"unknown"' },
      { row: 1, field: 'id', expected: 'a whole number', got: '1.5' },
      { row: 1, field: 'sex', expected: 'one of "female", "male"', got: 'null' },
      { row: 2, field: '', expected: 'an object with the columns as fields', got: '"x"' },
      { row: 4, field: 'id', expected: 'a value that no earlier row has', got: '7' },
    ]);
  });

  it.each([
    [
      timestamp(),
      ['2026-01-01T10:00:00Z', '2026-01-01 10:00', '2024-02-29T00:00:00.5+02:00'],
      ['2026-02-29T00:00Z', '2026-01-01T24:00:00Z', '2026-01-01', 'now', 5],
    ],
    [
      date(),
      ['2024-02-29', '0001-01-01', '2024-02-29T00:00:00Z'],
      ['2026-02-29', '0000-01-01', '2026-1-1', '2026-01-01T00:00', 20260101],
    ],
    [boolean(), [true, false], ['true', 1, 0]],
    [text({ pattern: '[a-z]+', lengthMax: 3 }), ['abc'], ['abcd', 'AB', 'a1', 5, 'a\0']],
    [text({ lengthMax: 1 }), ['👍'], ['👍👍']],
    [integer(), [-0, 9007199254740991], [9007199254740992, 1e300, Number.NaN]],
    [number(), [1e300, -1], [Number.POSITIVE_INFINITY, '1', true, [1], {}]],
  ])('takes of %o only what it means', (column, fine, wrong) => {
    const contract = defineContract({ name: 'one', columns: { value: column } });
    expect(
      checkRows(
        contract,
        fine.map((value) => ({ value })),
      ).problems,
    ).toEqual([]);
    expect(
      checkRows(
        contract,
        wrong.map((value) => ({ value })),
      ).problems,
    ).toHaveLength(wrong.length);
  });

  it('gives one value for a day and for its midnight, and for zero with and without a sign', () => {
    const contract = defineContract({ name: 'one', columns: { day: date({ unique: true }), size: number() } });
    const given = [
      { day: '2026-01-01T00:00:00.000Z', size: -0 },
      { day: '2026-01-01', size: 1 },
    ];
    const { rows, problems } = checkRows(contract, given);
    expect(rows).toEqual([{ day: '2026-01-01', size: 0 }]);
    expect(problems).toMatchObject([{ row: 1, field: 'day', expected: 'a value that no earlier row has' }]);
  });

  it('takes a field that it was not given for missing, whatever objects inherit', () => {
    const contract = defineContract({
      name: 'odd',
      columns: { constructor: text({ nullable: true }), toString: number({ nullable: true }), ['__proto__']: number() },
    });
    expect(checkRows(contract, [{}]).problems.map(({ field }) => field)).toEqual(['__proto__']);
    const { rows, problems } = checkRows(contract, [JSON.parse('{"__proto__": 2}')]);
    expect(problems).toEqual([]);
    expect(Object.entries(rows[0] ?? {})).toEqual([
      ['constructor', null],
      ['toString', null],
      ['__proto__', 2],
    ]);
  });

  it('is not led astray by names that every object inherits', () => {
    const { problems } = checkRows(people, [{ id: 1, sex: 'male', constructor: 1, ...JSON.parse('{"__proto__": 2}') }]);
    expect(problems.map(({ field }) => field).sort()).toEqual(['__proto__', 'constructor']);
  });

  it('stops at a thousand problems', () => {
    const { problems } = checkRows(
      people,
      Array.from({ length: 700 }, () => ({})),
    );
    expect(problems).toHaveLength(1000);
  });
});
