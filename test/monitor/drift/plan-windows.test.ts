import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planWindows, startOfStep } from '../../../src/monitor/drift/plan-windows.ts';

const rules = { stepMs: 10, rowsMin: 30, stepsMax: 3, watermark: 1_000 };
const steps = (...rows: readonly number[]) => rows.map((count, at) => ({ at: at * 10, rows: count }));

describe('planWindows', () => {
  it('makes each step with rows enough a window', () => {
    expect(planWindows(steps(30, 40), rules)).toEqual([
      { from: 0, to: 10, rows: 30 },
      { from: 10, to: 20, rows: 40 },
    ]);
  });

  it('merges steps until there are rows enough', () => {
    expect(planWindows(steps(10, 15, 5, 30), rules)).toEqual([
      { from: 0, to: 30, rows: 30 },
      { from: 30, to: 40, rows: 30 },
    ]);
  });

  it('ends the longest window with too few rows', () => {
    expect(planWindows(steps(10, 0, 5, 30), rules)).toEqual([
      { from: 0, to: 30, rows: 15 },
      { from: 30, to: 40, rows: 30 },
    ]);
    expect(planWindows(steps(10), rules)).toEqual([{ from: 0, to: 30, rows: 10 }]);
  });

  it('waits for the watermark, with few rows and with many', () => {
    expect(planWindows(steps(30), { ...rules, watermark: 9 })).toEqual([]);
    expect(planWindows(steps(30), { ...rules, watermark: 10 })).toHaveLength(1);
    expect(planWindows(steps(10), { ...rules, watermark: 29 })).toEqual([]);
    // A newer step does not end a window that older rows may still join.
    expect(planWindows([...steps(10), { at: 30, rows: 1 }], { ...rules, watermark: 10 })).toEqual([]);
  });

  it('begins a window with its first rows, however long nothing came', () => {
    expect(planWindows([{ at: 500, rows: 30 }], rules)).toEqual([{ from: 500, to: 510, rows: 30 }]);
  });

  it('gives each row that is old enough one window at most, and plans on as if it had planned all at once', () => {
    const rows = fc.array(fc.record({ at: fc.integer({ min: 0, max: 30 }), rows: fc.integer({ min: 1, max: 40 }) }));
    fc.assert(
      fc.property(rows, fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 40 }), (given, some, more) => {
        const all = [...new Map(given.map(({ at, rows: count }) => [at, { at: at * 10, rows: count }])).values()];
        const watermark = Math.max(some, more) * 10;
        const once = planWindows(all, { ...rules, watermark });
        const first = planWindows(all, { ...rules, watermark: Math.min(some, more) * 10 });
        const end = first.at(-1)?.to ?? 0;
        const second = planWindows(
          all.filter(({ at }) => at >= end),
          { ...rules, watermark },
        );
        expect([...first, ...second]).toEqual(once);
        for (const [at, { from, to, rows: count }] of once.entries()) {
          expect(from).toBeGreaterThanOrEqual(once[at - 1]?.to ?? 0);
          expect(to).toBeLessThanOrEqual(watermark);
          const within = all.filter((step) => step.at >= from && step.at < to);
          expect(count).toBe(within.reduce((sum, step) => sum + step.rows, 0));
        }
      }),
    );
  });
});

describe('startOfStep', () => {
  it('counts steps from 1970, also before', () => {
    expect([startOfStep(25, 10), startOfStep(20, 10), startOfStep(-1, 10)]).toEqual([20, 20, -10]);
  });
});
