import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Goal, inlineExecutor } from '#engine';
import { propertyRuns } from '../kills/choose-kills.ts';
import {
  needNarrow,
  occupyAfter,
  occupyNarrow,
  occupyOne,
  occupySlot,
  occupyTogether,
  occupyTwo,
  poolTasks,
  readSteps,
  widest,
} from './fixtures/pool-tasks.ts';
import { createTestEngine, createWorkbench, type Workbench } from './fixtures/workbench.ts';

let bench: Workbench;
beforeAll(async () => {
  bench = await createWorkbench();
});
afterAll(() => bench.close());

const KINDS = ['narrow', 'two', 'one', 'slot', 'after', 'need', 'together'] as const;

/** One goal of a kind, and the journal of the pool it is in. */
function goalOf(kind: (typeof KINDS)[number], name: string, folder: string): Goal {
  const narrow = { name, journal: path.join(folder, 'narrow'), until: '' };
  const wide = { ...narrow, journal: path.join(folder, 'wide') };
  const free = { ...narrow, journal: path.join(folder, 'free') };
  switch (kind) {
    case 'narrow':
      return occupyNarrow.goal(narrow);
    case 'together':
      return occupyTogether.goal(narrow);
    case 'need':
      return needNarrow.goal(narrow);
    case 'two':
      return occupyTwo.goal(wide);
    case 'one':
      return occupyOne.goal(wide);
    case 'slot':
      return occupySlot.goal({ ...free, priority: name.length });
    case 'after':
      return occupyAfter.goal(free);
  }
}

describe('dispatching', () => {
  it('ends whatever mixture of pools, slots, needs, priorities and batches two engines have, and holds nothing then', async () => {
    const kinds = fc.array(fc.constantFrom(...KINDS), { minLength: 1, maxLength: 14 });
    const { database, artifacts } = bench;
    await fc.assert(
      fc.asyncProperty(fc.tuple(kinds, kinds), fc.integer({ min: 1, max: 3 }), async (lists, slots) => {
        const folder = path.join(bench.folder, randomUUID());
        const executor = inlineExecutor({
          ...{ tasks: poolTasks, database, artifacts, slots, folder: path.join(folder, 'attempts') },
        });
        const engines = lists.map(() =>
          createTestEngine(bench, { executor, tasks: poolTasks, pools: { narrow: 1, wide: 3 } }),
        );
        await mkdir(folder);
        const runs = lists.map((list, engine) =>
          engines[engine]?.run(list.map((kind, n) => goalOf(kind, `${engine} ${n}`, folder))),
        );
        expect(await Promise.all(runs)).toEqual(['succeeded', 'succeeded']);
        for (const engine of engines) await engine.close();
        expect(await database.query('select 1 from pool_leases')).toEqual([]);
        expect(await database.query('select 1 from claims')).toEqual([]);
        expect(widest(await readSteps(path.join(folder, 'narrow')))).toBeLessThanOrEqual(1);
        expect(widest(await readSteps(path.join(folder, 'wide')))).toBeLessThanOrEqual(3);
      }),
      { numRuns: propertyRuns(12) },
    );
  });
});
