import { describe, expect, it } from 'vitest';
import { type ContractColumn, toExampleValue } from '#api';

const column = (given: Partial<ContractColumn>): ContractColumn => ({
  ...{
    name: 'x',
    kind: 'number',
    expected: '',
    role: 'feature',
    nullable: false,
    label: 'x',
  },
  ...given,
});

describe('an example of a column', () => {
  it.each([
    ['the first example of the contract', { examples: [7, 8] }, 7],
    ['the middle of its range', { min: 0, max: 50 }, 25],
    ['its only limit', { max: -3 }, -3],
    ['within a range that is narrower than it is rounded', { min: 0.001, max: 0.004 }, 0.0025],
    ['whole', { kind: 'integer', min: 1, max: 4 }, 3],
    ['an id that hardly any row has', { kind: 'integer', role: 'id' }, 999_999_999],
    ['an id within its range', { kind: 'integer', role: 'id', min: 1, max: 99 }, 99],
    ['a category', { kind: 'category', categories: ['a', 'b'] }, 'a'],
    ['missing where a text may be', { kind: 'text', nullable: true }, null],
    ['missing where every value is', { kind: 'category', categories: ['a'], alwaysNull: true }, null],
    ['a text as long as it must be', { kind: 'text', lengthMin: 9 }, 'exampleex'],
    ['a text no longer than it may be', { kind: 'text', lengthMax: 3 }, 'exa'],
  ] satisfies readonly (readonly [string, Partial<ContractColumn>, unknown])[])('is %s', (_, given, value) => {
    expect(toExampleValue(column(given))).toBe(value);
  });
});
