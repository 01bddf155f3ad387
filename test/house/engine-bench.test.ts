import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { measureCode } from '../../bench/engine-code.ts';
import { measureDecisions } from '../../bench/engine-decisions.ts';
import { measureGraph, measureLatency } from '../../bench/engine-durable.ts';
import { measurePlanner } from '../../bench/engine-planner.ts';
import { SHAPES } from '../../bench/engine-tasks.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'weir-engine-bench-test-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the bench of the engine', () => {
  it('leads every shape through planner and scheduler to its end', () => {
    const goals = SHAPES.map((shape) => [shape, measurePlanner(shape, 16).goals]);
    expect(Object.fromEntries(goals)).toEqual({ flat: 16, 'fan-in': 17, chain: 16, lattice: 16 });
  });

  it('completes a graph cold and warm in a database of its own', async () => {
    const figures = await measureGraph('lattice', { size: 16, folder });
    expect(figures).toMatchObject({ goals: 16, cold: { seconds: expect.any(Number) } });
    expect(figures.warm.processorSeconds).toBeGreaterThan(0);
  });

  it('times each link of a chain beside goals that stay blocked', async () => {
    const figures = await measureLatency(20, { folder, links: 30 });
    expect(figures.blocked).toBe(20);
    expect(figures.startMs).toHaveLength(29);
    expect(figures.startMs.every((ms) => ms > 0)).toBe(true);
    expect(measureDecisions(20)).toHaveLength(1_000);
  });

  it('builds a project of tasks, again after one of them changed', async () => {
    expect(await measureCode(3, folder)).toMatchObject({ tasks: 3, changedSeconds: expect.any(Number) });
  });
});
