import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DuckdbPool } from '#store';
import {
  type BinRows,
  DEVIATIONS_SURE,
  differenceOf,
  differenceSql,
} from '../../../src/contracts/distribution/difference.ts';
import { propertyRuns } from '../../kills/choose-kills.ts';
import { seeded } from '../../monitor/drift/random.ts';
import { inProcessDuckdb } from '../duckdb-in-process.ts';

let duckdb: DuckdbPool;
beforeAll(async () => {
  duckdb = await inProcessDuckdb();
});
afterAll(() => duckdb.close());

const bins = (...rows: readonly (readonly [number, number])[]): readonly BinRows[] =>
  rows.map(([reference, current]) => ({ reference, current }));

async function inSql(rows: readonly BinRows[]) {
  const values = rows.map(({ reference, current }) => `(${reference}, ${current})`).join(', ');
  const [found] = await duckdb.use((connection) =>
    connection.all<{ stability_index: number | null; deviations: number | null }>(
      differenceSql(`(select * from (values ${values}) t(reference, current))`),
    ),
  );
  return found;
}

describe('the difference of two columns', () => {
  it('is none between equal shares, and where either has no rows', () => {
    expect(differenceOf(bins([62, 62], [38, 38]))).toEqual({ stabilityIndex: 0, deviations: expect.any(Number) });
    expect(differenceOf(bins([620, 62], [380, 38])).stabilityIndex).toBeLessThan(1e-4);
    expect(differenceOf(bins([62, 0], [38, 0]))).toEqual({ stabilityIndex: 0, deviations: 0 });
    expect(differenceOf([])).toEqual({ stabilityIndex: 0, deviations: 0 });
  });

  it('is the usual index of full bins', () => {
    const { stabilityIndex } = differenceOf(bins([62_000, 10_000], [38_000, 90_000]));
    expect(stabilityIndex).toBeCloseTo((0.1 - 0.62) * Math.log(0.1 / 0.62) + (0.9 - 0.38) * Math.log(0.9 / 0.38), 3);
  });

  it('does not depend on how many different new values there are', () => {
    const few = differenceOf(bins([500, 0], [500, 0], [0, 4000]));
    const many = differenceOf(bins([500, 0], [500, 0], ...Array.from({ length: 4000 }, () => [0, 1] as const)));
    expect(many.stabilityIndex).toBeCloseTo(few.stabilityIndex, 9);
    expect(many.stabilityIndex).toBeGreaterThan(5);
    expect(many.deviations).toBeGreaterThan(DEVIATIONS_SURE);
  });

  it('says nothing surely of rows that all stand alone', () => {
    const names = [
      ...Array.from({ length: 300 }, () => [1, 0] as const),
      ...Array.from({ length: 300 }, () => [0, 1] as const),
    ];
    expect(differenceOf(bins(...names)).deviations).toBeLessThan(1);
  });

  it('is the same in SQL', async () => {
    const rows = fc.integer({ min: 0, max: 40 });
    const tables = fc.array(fc.record({ reference: rows, current: rows }), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(tables, async (table) => {
        const { stabilityIndex, deviations } = differenceOf(table);
        const found = await inSql(table);
        expect(found?.stability_index ?? 0).toBeCloseTo(stabilityIndex, 9);
        expect(found?.deviations ?? 0).toBeCloseTo(deviations, 6);
      }),
      { seed: 8, numRuns: propertyRuns(150) },
    );
  });
});

describe('the false-alarm rate of a difference', () => {
  const random = seeded(31);
  const even = (count: number) => Array.from({ length: count }, (_, at) => (at + 1) / count);
  const uneven = (count: number) => {
    const weights = Array.from({ length: count }, (_, at) => 1 / (at + 1));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    let below = 0;
    return weights.map((weight) => {
      below += weight / total;
      return below;
    });
  };
  function draw(cumulated: readonly number[], count: number): number[] {
    const rows = new Array<number>(cumulated.length).fill(0);
    for (let row = 0; row < count; row += 1) {
      const at = random();
      let [low, high] = [0, cumulated.length - 1];
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (at < (cumulated[middle] ?? 1)) high = middle;
        else low = middle + 1;
      }
      rows[low] = (rows[low] ?? 0) + 1;
    }
    return rows;
  }

  // One in a thousand is what is asked; one in a hundred would be 6 of 600 or more, which one in a thousand gives one time in 1,500.
  it.each([
    ['2 values', even(2)],
    ['15 values', even(15)],
    ['200 values', even(200)],
    ['15 values of very different frequency', uneven(15)],
    ['200 values of very different frequency', uneven(200)],
  ] as const)('is about one in a thousand for %s, for few rows and for many', (_, cumulated) => {
    for (const [m, n] of [
      [50, 50],
      [700, 10],
      [700, 100],
      [1000, 1000],
      [50, 2000],
    ] as const) {
      let alarms = 0;
      for (let repeat = 0; repeat < 600; repeat += 1) {
        const [reference, current] = [draw(cumulated, m), draw(cumulated, n)];
        const { deviations } = differenceOf(
          reference.map((rows, at) => ({ reference: rows, current: current[at] ?? 0 })),
        );
        if (deviations > DEVIATIONS_SURE) alarms += 1;
      }
      expect(alarms).toBeLessThan(6);
    }
  });
});
