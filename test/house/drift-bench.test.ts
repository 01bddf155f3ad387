import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { category, number, twelveColumns, windowsOf } from '../../bench/drift-cases.ts';
import { readWindows, writeWindows } from '../../bench/drift-files.ts';
import { countAlarms, countSustained } from '../../bench/drift-verdicts.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'weir-drift-bench-test-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the bench of drift', () => {
  const sizes = { title: '', m: 300, n: 60, windows: 20 };

  it('finds a drift that nobody could miss in every window, and a small one in some', () => {
    expect(countAlarms({ ...sizes, columns: [number(2)] }, 1).usual).toEqual({ windows: 20, alarms: 20 });
    expect(countAlarms({ ...sizes, columns: [category(6, 0.6)] }, 2).usual.alarms).toBe(20);
    const { alarms } = countAlarms({ ...sizes, columns: [number(0.4)] }, 3).usual;
    expect(alarms).toBeGreaterThan(5);
    expect(alarms).toBeLessThan(20);
  });

  it('counts few alarms where nothing drifts, fewer with the floors, and in windows in a row', () => {
    // At one in twenty, more than 5 of 20 come once in 3,000 times; the seed is fixed.
    const { alone, usual } = countAlarms({ ...sizes, columns: twelveColumns() }, 4);
    expect(alone.alarms).toBeLessThanOrEqual(5);
    expect(usual.alarms).toBeLessThanOrEqual(alone.alarms);
    const { single, sustained } = countSustained({ ...sizes, columns: [number()] }, { k: 3, n: 5, seed: 5 });
    expect([single.windows, sustained.windows]).toEqual([20, 20]);
    expect(sustained.alarms).toBeLessThanOrEqual(5);
  });

  it('gives all contestants the same windows', () => {
    const each = {
      ...sizes,
      windows: 3,
      columns: [number(1), category(4, 0.5)],
      file: 'w.bin',
      isCompared: false,
      repetitions: 0,
    };
    writeWindows(folder, each, 7);
    expect([...readWindows(folder, each)]).toEqual([...windowsOf(each, 7)]);
  });
});
