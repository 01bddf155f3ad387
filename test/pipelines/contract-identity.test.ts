import { describe, expect, it } from 'vitest';
import { category, defineContract, meanBetween, number } from '#contracts';
import { contractIdentity } from '../../src/pipelines/contract-identity.ts';

const columns = { size: number({ min: 0 }), kind: category(['a', 'b']) };
const base = defineContract({ name: 'things', columns });

describe('contractIdentity', () => {
  it('is the same for the same contract, whatever its description', () => {
    const same = defineContract({ name: 'things', description: 'in other words', columns });
    expect(contractIdentity(same)).toBe(contractIdentity(base));
  });

  it.each([
    ['a column', defineContract({ name: 'things', columns: { ...columns, size: number({ min: 1 }) } })],
    [
      'an expectation',
      defineContract({ name: 'things', columns, expectations: [meanBetween('size', { min: 1, max: 2 })] }),
    ],
    ['the delimiter', defineContract({ name: 'things', columns, delimiter: ';' })],
    ['what happens to new columns', defineContract({ name: 'things', columns, evolution: 'strict' })],
  ])('changes with %s', (_what, contract) => {
    expect(contractIdentity(contract)).not.toBe(contractIdentity(base));
  });

  it('tells apart expectations that differ in their bounds alone', () => {
    const within = (max: number) =>
      defineContract({ name: 'things', columns, expectations: [meanBetween('size', { min: 1, max })] });
    expect(contractIdentity(within(2))).not.toBe(contractIdentity(within(3)));
  });
});
