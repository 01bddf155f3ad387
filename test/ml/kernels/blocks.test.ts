import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BLOCK_ROWS, nearbyOrder } from '../../../src/ml/kernels/blocks.ts';

const spaces = fc
  .record({ rowCount: fc.integer({ min: 1, max: 200 }), width: fc.integer({ min: 1, max: 4 }) })
  .chain(({ rowCount, width }) =>
    fc
      .array(fc.integer({ min: -3, max: 3 }), { minLength: rowCount * width, maxLength: rowCount * width })
      .map((values) => ({ rows: Float32Array.from(values), rowCount, width })),
  );

it('an order of nearby rows has each row once, in ascending order within a block', () => {
  fc.assert(
    fc.property(spaces, (space) => {
      const order = nearbyOrder(space);
      expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: space.rowCount }, (_, row) => row));
      for (let start = 0; start < order.length; start += BLOCK_ROWS) {
        const block = [...order.subarray(start, start + BLOCK_ROWS)];
        expect(block).toEqual(block.toSorted((a, b) => a - b));
      }
    }),
  );
});

it('rows of one column end up in blocks that do not overlap', () => {
  const rows = Float32Array.from({ length: 100 }, (_, row) => (row * 37) % 100);
  const order = nearbyOrder({ rows, rowCount: 100, width: 1 });
  const values = Array.from(order, (row) => rows[row] ?? 0);
  for (let end = BLOCK_ROWS; end < 100; end += BLOCK_ROWS)
    expect(Math.max(...values.slice(0, end))).toBeLessThan(Math.min(...values.slice(end)));
});
