import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listStale } from '#engine';
import { makeGoalId } from '../../../src/engine/define/key.ts';
import { clearTombstones, setTombstones } from '../../../src/engine/records/staleness.ts';
import { propertyRuns } from '../../kills/choose-kills.ts';
import { createWorkbench, type Workbench } from '../fixtures/workbench.ts';

let bench: Workbench;
beforeAll(async () => {
  bench = await createWorkbench();
});
afterAll(() => bench.close());

const PARTITIONS = ['a', 'b', 'c', 'd'];
const GOALS_MAX = 14;

interface Use {
  readonly goal: number;
  /** A partition, or an earlier goal, or something that is never stale. */
  readonly used: number;
  readonly isStatic: boolean;
}

const uses = fc.array(
  fc.record({
    goal: fc.nat(GOALS_MAX - 1),
    used: fc.integer({ min: -PARTITIONS.length - 1, max: GOALS_MAX - 2 }),
    isStatic: fc.boolean(),
  }),
  { minLength: 1, maxLength: 40 },
);
const changes = fc.array(fc.record({ isRemoval: fc.boolean(), names: fc.subarray(PARTITIONS, { minLength: 1 }) }), {
  minLength: 1,
  maxLength: 6,
});

let worlds = 0;

describe('marks of staleness', () => {
  it('after any removals and returns are those that the definition gives from nothing', async () => {
    await fc.assert(
      fc.asyncProperty(uses, changes, async (given, taken) => {
        const world = await newWorld(given.filter(({ goal, used }) => used < goal));
        const gone = new Set<string>();
        for (const { isRemoval, names } of taken) {
          for (const name of names) isRemoval ? gone.add(name) : gone.delete(name);
          const change = isRemoval ? setTombstones : clearTombstones;
          await bench.database.transaction((tx) => change(tx, { source: world.source, names }));
          const marks = await listStale(bench.database, { source: world.source });
          expect(marks.map(({ goal }) => goal).sort()).toEqual(world.staleWhen(gone));
          for (const { partition } of marks) expect(gone).toContain(partition);
        }
      }),
      { seed: 42, numRuns: propertyRuns(40) },
    );
  });
});

async function newWorld(given: readonly Use[]) {
  const n = ++worlds;
  const source = `world${n}`;
  const idOf = (place: number): string => {
    const name = PARTITIONS[-place - 1];
    if (place >= 0) return `${source}-goal-${place}`;
    return name === undefined ? `${source}-list` : makeGoalId(`${source}-partition`, { name });
  };
  const goals = [...new Set(given.map(({ goal }) => goal))].sort((a, b) => a - b);
  await bench.database.query(
    `insert into manifests (key, goal, task, params, code, inputs, outputs, token)
     select goal, goal, 'some', '{}', 'version:1', '{}', '{}', 1 from unnest($1::text[]) as g (goal)`,
    [goals.map(idOf)],
  );
  await bench.database.query(
    `insert into goal_uses (used, goal, is_static) select used, goal, bool_or(is_static)
     from unnest($1::text[], $2::text[], $3::boolean[]) as u (used, goal, is_static) group by used, goal`,
    [given.map(({ used }) => idOf(used)), given.map(({ goal }) => idOf(goal)), given.map(({ isStatic }) => isStatic)],
  );
  const staleWhen = (gone: ReadonlySet<string>): readonly string[] => {
    const stale = new Set([...gone].map((name) => idOf(-PARTITIONS.indexOf(name) - 1)));
    for (const goal of goals) {
      const own = given.filter((use) => use.goal === goal);
      const isStale = ({ used }: Use): boolean => stale.has(idOf(used));
      if (own.some((use) => use.isStatic && isStale(use)) || own.every(isStale)) stale.add(idOf(goal));
    }
    return [...stale].sort();
  };
  return { source, staleWhen };
}
