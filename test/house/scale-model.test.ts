import { describe, expect, it } from 'vitest';
import { type Costs, simulate } from '../../bench/scale-model.ts';
import { seededRandom } from '../kills/seeded-random.ts';

const FREE: Costs = {
  ...{ schedulerMs: 0, submitMs: 0, commitMs: 0, workerMs: 0, idleMsPerSecond: 0, runningMsPerSecond: 0 },
};
const GOALS = 60_000;
const mean = (wait: (quantile: number) => number): number => {
  const steps = 10_000;
  return Array.from({ length: steps }, (_, index) => wait((index + 0.5) / steps)).reduce((a, b) => a + b) / steps;
};

/** Mean wait in the queue of `servers`, by Erlang's formula C (A. K. Erlang, 1917); times in the unit of the service. */
function erlangWait({ servers, load }: { readonly servers: number; readonly load: number }): number {
  const terms = Array.from({ length: servers }, (_, k) => load ** k / factorial(k));
  const last = (load ** servers / factorial(servers)) * (servers / (servers - load));
  const waits = last / (terms.reduce((a, b) => a + b, 0) + last);
  return waits / (servers - load);
}
const factorial = (n: number): number => (n <= 1 ? 1 : n * factorial(n - 1));

describe('the simulation of fleets', () => {
  it.each([
    { servers: 1, load: 0.5 },
    { servers: 4, load: 3 },
    { servers: 10, load: 8 },
  ])('waits as long as Erlang says: $servers servers, $load busy', ({ servers, load }) => {
    const taskMs = 100;
    const goalsPerSecond = (load * 1_000) / taskMs;
    const { wait, slotsBusy } = simulate(
      FREE,
      { workers: servers, slotsEach: 1, databaseCores: 1, window: 1e9 },
      { goalsPerSecond, burstShare: 0, taskMs, seconds: GOALS / goalsPerSecond, random: seededRandom(7) },
    );
    expect(Math.abs(mean(wait) / (erlangWait({ servers, load }) * taskMs) - 1)).toBeLessThan(0.1);
    expect(slotsBusy).toBeCloseTo(load / servers, 1);
  });

  it('ends all that arrives while nothing is saturated, and no more than a saturated database can', () => {
    const fleet = { workers: 100, slotsEach: 10, databaseCores: 1, window: 2_000 };
    const load = { burstShare: 0, taskMs: 10, seconds: 60, random: seededRandom(3) };
    const costs = { ...FREE, submitMs: 1, commitMs: 1 };
    const calm = simulate(costs, fleet, { ...load, goalsPerSecond: 100 });
    expect(calm.left).toBeLessThan(10);
    const flooded = simulate(costs, fleet, { ...load, goalsPerSecond: 2_000 });
    expect(flooded.perSecond).toBeGreaterThan(480);
    expect(flooded.perSecond).toBeLessThan(510);
    expect(flooded.databaseBusy).toBeGreaterThan(0.99);
  });

  it('lets a burst of a minute wait for its turn', () => {
    const { wait } = simulate(
      FREE,
      { workers: 10, slotsEach: 1, databaseCores: 1, window: 1e9 },
      { goalsPerSecond: 10, burstShare: 1, taskMs: 100, seconds: 600, random: seededRandom(5) },
    );
    // 600 tasks of 0.1 s over ten slots take six seconds.
    expect(wait(0.99)).toBeGreaterThan(5_000);
    expect(wait(0.99)).toBeLessThan(7_500);
  });

  it('counts what waiting workers ask of the database', () => {
    const costs = { ...FREE, idleMsPerSecond: 2 };
    const load = { goalsPerSecond: 1, burstShare: 0, taskMs: 1, seconds: 10, random: seededRandom(1) };
    expect(
      simulate(costs, { workers: 250, slotsEach: 1, databaseCores: 1, window: 1e9 }, load).databaseBusy,
    ).toBeCloseTo(0.5, 2);
  });
});
