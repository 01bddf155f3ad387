import { describe, expect, it } from 'vitest';
import { COLUMNS, fillRows } from '../../../src/web/dashboard/fill-rows.ts';

const sizes = (...panels: [width: number, height: number][]) => panels.map(([width, height]) => ({ width, height }));

describe('the panels of a dashboard', () => {
  it('keep their size in a row that is full', () => {
    const full = sizes([12, 8], [12, 8], [8, 6], [8, 6], [8, 6]);
    expect(fillRows(full)).toEqual(full);
  });

  it('fill a row in which one stands alone, or in which room is left', () => {
    expect(fillRows(sizes([12, 8], [24, 10]))).toEqual(sizes([24, 8], [24, 10]));
    expect(fillRows(sizes([6, 4], [12, 4]))).toEqual(sizes([8, 4], [16, 4]));
  });

  it('are as high as the highest of their row', () => {
    expect(fillRows(sizes([12, 8], [12, 10], [24, 5]))).toEqual(sizes([12, 10], [12, 10], [24, 5]));
  });

  it('leave no hole, whatever their widths', () => {
    for (let first = 1; first <= 30; first++) {
      for (let second = 1; second <= COLUMNS; second++) {
        const filled = fillRows(sizes([first, 4], [second, 4], [7, 4], [5, 4]));
        let taken = 0;
        for (const { width } of filled) {
          expect(width).toBeGreaterThan(0);
          taken = (taken % COLUMNS) + width;
          expect(taken).toBeLessThanOrEqual(COLUMNS);
        }
        expect(taken).toBe(COLUMNS);
      }
    }
  });
});
