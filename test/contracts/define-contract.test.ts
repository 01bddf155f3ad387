import { describe, expect, it } from 'vitest';
import {
  boolean,
  category,
  columnsMatch,
  defineContract,
  inRange,
  integer,
  number,
  row,
  shareBetween,
  text,
  withoutRoles,
} from '#contracts';

// What the types refuse, JavaScript can still be told.
const untyped = (value: unknown) => value as never;

describe('column makers', () => {
  it('fill in what was not said', () => {
    expect(number({ min: 0 })).toEqual({
      kind: 'number',
      role: 'feature',
      nullable: false,
      unique: false,
      severity: 'fail',
      min: 0,
    });
  });

  it('take a column that is always null for nullable', () => {
    expect(text({ alwaysNull: true })).toMatchObject({ nullable: true, alwaysNull: true });
  });

  it('give frozen data', () => {
    expect(Object.isFrozen(boolean())).toBe(true);
    expect(Object.isFrozen(category(['a']).categories)).toBe(true);
  });

  it.each([
    [
      'an unknown option',
      () => number(untyped({ minimum: 1 })),
      /does not know the option "minimum". It knows: .*min, max/,
    ],
    ['a bound that is no number', () => number({ min: Number.NaN }), /finite number; got null/],
    ['bounds in the wrong order', () => integer({ min: 2, max: 1 }), /min ≤ max; got min 2 and max 1/],
    ['no category', () => category([]), /at least one category/],
    ['an empty category', () => category(['']), /not empty; got ""/],
    ['a category twice', () => category(['a', 'a']), /names "a" twice/],
    ['an unknown role', () => boolean(untyped({ role: 'target' })), /id, feature, label, time, meta; got "target"/],
    ['a pattern that is none', () => text({ pattern: '(' }), /regular expression of RE2; got "\("/],
    ['look-ahead in a pattern', () => text({ pattern: 'a(?=b)' }), /look-around/],
    ['a length that is no count', () => text({ lengthMax: 1.5 }), /whole number of characters/],
    [
      'always null and never null',
      () => number({ alwaysNull: true, nullable: false }),
      /cannot also be nullable: false/,
    ],
  ])('refuse %s', (_, make, message) => {
    expect(make).toThrow(message);
  });
});

describe('defineContract', () => {
  const columns = { id: integer({ role: 'id' }), age: number() };

  it('gives frozen data with defaults', () => {
    const contract = defineContract({ name: 'people', columns });
    expect(contract).toEqual({
      name: 'people',
      columns,
      expectations: [],
      delimiter: ',',
      criticality: { mediumShare: 0.1, highShare: 0.5 },
      evolution: 'evolve',
    });
    expect(Object.isFrozen(contract) && Object.isFrozen(contract.columns)).toBe(true);
  });

  it.each([
    [
      'two labels',
      { a: number({ role: 'label' }), b: number({ role: 'label' }) },
      {},
      /2 columns with role 'label' \(a, b\)/,
    ],
    ['no column', {}, {}, /has no column/],
    ['a name with a line end', { 'a\nb': number() }, {}, /no outer space, quote or line end/],
    ['a name that the check uses itself', { rowID: number() }, {}, /"rowID" is a name that the check itself uses/],
    ['names that differ in case only', { age: number(), Age: number() }, {}, /differ only in case/],
    ['an unknown option', columns, { sep: ';' }, /does not know the option "sep"/],
    ['an unknown mode of evolution', columns, { evolution: 'lax' }, /evolve, discard, strict, freeze; got "lax"/],
    ['an unknown delimiter', columns, { delimiter: '::' }, /a comma, semicolon, tab or bar; got "::"/],
    ['criticality shares out of order', columns, { criticality: { mediumShare: 0.9 } }, /mediumShare ≤ highShare/],
    [
      'an expectation of no column',
      columns,
      { expectations: [inRange('agee', { max: 3 })] },
      /names the column "agee".*It has: id, age/,
    ],
    ['an expectation twice', columns, { expectations: [columnsMatch(), columnsMatch()] }, /"columns-match" twice/],
  ])('refuses %s', (_, wrong, more, message) => {
    expect(() => defineContract(untyped({ name: 'people', columns: wrong, ...more }))).toThrow(message);
  });
});

describe('withoutRoles', () => {
  const contract = defineContract({
    name: 'people',
    columns: { id: integer({ role: 'id' }), age: number(), alive: boolean({ role: 'label' }) },
    expectations: [
      columnsMatch(),
      row('dead-are-old', { holds: 'alive or age > 10', columns: ['alive', 'age'] }),
      shareBetween('few-old', { where: 'age > 90', max: 0.1, columns: ['age'] }),
    ],
  });

  it('leaves out the columns and what is expected of them', () => {
    const arriving = withoutRoles(contract, ['label']);
    expect(Object.keys(arriving.columns)).toEqual(['id', 'age']);
    expect(arriving.expectations.map(({ name }) => name)).toEqual(['columns-match', 'few-old']);
    expect(Object.keys(contract.columns)).toContain('alive');
  });
});
