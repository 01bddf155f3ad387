import { describe, expect, it } from 'vitest';
import { defineContract, number, text, timestamp } from '#contracts';
import { atOnce } from '../../src/server/in-turns.ts';
import { DEFAULT_LIMITS } from '../../src/server/options.ts';
import { rowReader } from '../../src/server/predictions/contract-rows.ts';

const contract = defineContract({
  name: 'sales',
  columns: {
    key: text({ role: 'id', unique: true, pattern: '[a-z]+-[0-9]+|😀+' }),
    sold: timestamp({ role: 'time' }),
    area: number({ role: 'feature' }),
    note: text({ role: 'meta' }),
    price: number({ role: 'label' }),
  },
});
const steps = rowReader(contract, DEFAULT_LIMITS);
const read = (body: unknown) => atOnce(steps(body));
const problemsOf = (body: unknown): unknown => {
  try {
    return read(body);
  } catch (error) {
    // Rows are refused by a ServerError, which lists the problems.
    return (error as { readonly problems: unknown }).problems;
  }
};

describe('rows to predict', () => {
  it('may come with the id and the time of the row, which are kept apart from its features', () => {
    const rows = [
      { key: 'a-1', sold: '2026-03-01 12:00:00.5+02:00', area: 70, note: 'corner', price: 300 },
      { area: 80, sold: '2026-03-01T12:00' },
      { area: 90, key: null },
    ];
    expect(read(rows)).toEqual({
      rows: [{ area: 70 }, { area: 80 }, { area: 90 }],
      identities: [
        { rowId: 'a-1', rowTime: new Date('2026-03-01T10:00:00.500Z') },
        { rowTime: new Date('2026-03-01T12:00:00Z') },
        {},
      ],
    });
  });

  it('have no identities when none of them has an id or a time', () => {
    expect(read({ area: 70 })).toEqual({ rows: [{ area: 70 }] });
  });

  it.each([
    ['an id of another form', { key: 'A 1', area: 70 }, { field: 'key', got: '"A 1"' }],
    ['an id of another type', { key: 1, area: 70 }, { field: 'key', got: '1' }],
    ['an id that no index takes', { key: '😀'.repeat(501), area: 70 }, { field: 'key' }],
    ['a time that is none', { sold: '31.02.2026', area: 70 }, { field: 'sold', got: '"31.02.2026"' }],
  ])('are refused with row and field for %s', (_, row, problem) => {
    expect(problemsOf([{ area: 1 }, row])).toMatchObject([{ row: 1, ...problem }]);
  });

  it('are refused when two of them have one id that the contract calls unique', () => {
    expect(problemsOf([1, 2].map((area) => ({ key: 'a-1', area })))).toMatchObject([{ row: 1, field: 'key' }]);
  });
});
