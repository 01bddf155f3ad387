import { describe, expect, it } from 'vitest';
import { toTimeTicks } from '../../../src/web/dashboard/time-ticks.ts';

const MINUTE_MS = 60_000;
const ticksOf = (from: string, minutes: number, { offsetMinutes = 0, most = 6 } = {}) => {
  const start = Date.parse(from);
  const ticks = toTimeTicks({ from: start, to: start + minutes * MINUTE_MS, most, offsetMinutes });
  return ticks.times.map((time) => new Date(time).toISOString().slice(5, 16));
};

describe('the ticks of time', () => {
  it('are round times inside the window, one step apart', () => {
    expect(ticksOf('2026-03-01T10:03:27Z', 30)).toEqual([
      ...['03-01T10:05', '03-01T10:10', '03-01T10:15', '03-01T10:20', '03-01T10:25', '03-01T10:30'],
    ]);
  });

  it('are fewer where there is less room', () => {
    expect(ticksOf('2026-03-01T10:03:27Z', 30, { most: 3 })).toEqual(['03-01T10:10', '03-01T10:20', '03-01T10:30']);
  });

  it('are round in the zone that is shown', () => {
    expect(ticksOf('2026-03-01T10:03:27Z', 1440, { offsetMinutes: 330 })).toEqual([
      ...['03-01T12:30', '03-01T18:30', '03-02T00:30', '03-02T06:30'],
    ]);
  });

  it.each([1, 10, 30, 180, 360, 1440, 10_080, 44_640])('have even steps over %i minutes', (minutes) => {
    const from = Date.parse('2026-03-01T10:03:27Z');
    const { stepMs, times } = toTimeTicks({ from, to: from + minutes * MINUTE_MS, most: 6, offsetMinutes: 0 });
    expect(times.length).toBeGreaterThanOrEqual(2);
    expect(times.length).toBeLessThanOrEqual(7);
    expect(times.slice(1).every((time, at) => time - (times[at] ?? 0) === stepMs)).toBe(true);
  });
});
