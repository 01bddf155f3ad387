import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defineContract, integer, text } from '#contracts';
import { headerViolations } from '../../../src/contracts/check/header-violations.ts';
import { matchHeader } from '../../../src/contracts/check/match-header.ts';
import { propertyRuns } from '../../kills/choose-kills.ts';

const of = (headers: Readonly<Record<string, string | undefined>>) =>
  defineContract({
    name: 'x',
    columns: Object.fromEntries(
      Object.entries(headers).map(([name, header]) => [name, text(header === undefined ? {} : { header })]),
    ),
  });

/** Where each column was found, and what the file has wrong. */
function matched(headers: Readonly<Record<string, string | undefined>>, file: readonly string[]) {
  const match = matchHeader(of(headers), file);
  const { missing, extra, repeated, respelled } = match;
  const wrong = { missing, extra, repeated, respelled: respelled.map(({ file: name }) => name) };
  return {
    at: Object.fromEntries(match.positions),
    ...Object.fromEntries(Object.entries(wrong).filter(([, names]) => names.length > 0)),
  };
}

describe('a column with a header of its own', () => {
  it.each([
    ['none, as of the first column that pandas writes', { row: '', a: undefined }, ['', 'a'], { at: { row: 0, a: 1 } }],
    ['another', { age: 'Age (years)' }, ['Age (years)'], { at: { age: 0 } }],
    ['another in another case', { age: 'Years' }, ['years'], { at: { age: 0 }, respelled: ['years'] }],
    ['its own name, as good rows have', { age: 'Years' }, ['age'], { at: { age: 0 } }],
    ['both names', { age: 'Years' }, ['age', 'Years'], { at: { age: 1 }, extra: ['age'] }],
    ['neither', { age: 'Years' }, ['old'], { at: {}, missing: ['age'], extra: ['old'] }],
    ['that of a column beside it', { a: undefined, b: 'a' }, ['a', 'a'], { at: { a: 0, b: 1 } }],
    ['that one once', { b: 'a', a: undefined }, ['a'], { at: { a: 0 }, missing: ['b'] }],
    ['that one too often', { a: undefined, b: 'a' }, ['a', 'a', 'a'], { at: {}, repeated: ['a', 'b'] }],
    ['two that change names', { a: 'b', b: 'a' }, ['a', 'b'], { at: { a: 1, b: 0 } }],
  ] as const)('is found where the file calls it by %s', (_, headers, file, expected) => {
    expect(matched(headers, file)).toEqual(expected);
  });

  it('is named by both names when it is missing', () => {
    const contract = of({ age: 'Years' });
    const [violation] = headerViolations(contract, matchHeader(contract, ['a']), 1);
    expect(violation?.sentence).toBe('column age, named "Years" in files, is missing');
  });

  it('has a header that is a text', () => {
    // A caller without types may say anything.
    expect(() => integer({ header: 1 as unknown as string })).toThrow(
      'expects what the first line of a file says; got 1',
    );
  });
});

describe('a header', () => {
  const name = fc.constantFrom('a', 'b', 'c', 'a (2)', 'b (2)');
  const called = fc.constantFrom('a', 'b', 'c', '', 'A', ' b', 'a (2)', undefined);
  const columns = fc.dictionary(name, called, { minKeys: 1, maxKeys: 4 });
  const file = fc.array(fc.constantFrom('a', 'b', 'A', ' b', '', 'a (2)', 'x'), { maxLength: 5 });

  it('gives every column one place, and calls nothing else by its name', () => {
    fc.assert(
      fc.property(columns, file, (headers, given) => {
        const contract = of(headers);
        const { names, positions, missing, repeated, extra } = matchHeader(contract, given);
        const expected = Object.keys(contract.columns);
        expect([...positions.keys(), ...missing, ...repeated].sort()).toEqual(expected.sort());
        expect(new Set(positions.values()).size).toBe(positions.size);
        for (const [column, position] of positions) expect(names[position]).toBe(column);
        const known = names.filter((called) => contract.columns[called] !== undefined);
        expect(known.length + extra.length).toBe(given.length);
        if (repeated.length === 0) expect(known.sort()).toEqual([...positions.keys()].sort());
      }),
      { numRuns: propertyRuns(1000), seed: 12 },
    );
  });

  it('reads a header of one name a hundred thousand times, whose positions are not copied for each', () => {
    const match = matchHeader(
      of({ a: undefined, b: undefined }),
      Array.from({ length: 100_000 }, () => 'a'),
    );
    expect(match).toMatchObject({ repeated: ['a'], missing: ['b'], extra: [] });
  });
});
