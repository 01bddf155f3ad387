import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineTask, type EngineOptions, type Goal, inlineExecutor, value } from '#engine';
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
import { createTestEngine, createWorkbench, type TestEngine, type Workbench } from './fixtures/workbench.ts';

let bench: Workbench;
const engines: TestEngine[] = [];
beforeAll(async () => {
  bench = await createWorkbench();
});
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.engine.close(0);
  expect(await bench.database.query('select 1 from pool_leases where expires_at > clock_timestamp()')).toEqual([]);
});
afterAll(() => bench.close());

function engineOn(slots: number, options: Partial<EngineOptions> = {}): TestEngine {
  const { database, artifacts, folder } = bench;
  const executor = inlineExecutor({
    ...{ tasks: poolTasks, database, artifacts, slots, folder: path.join(folder, 'attempts') },
  });
  const engine = createTestEngine(bench, { executor, tasks: poolTasks, pools: { narrow: 1, wide: 3 }, ...options });
  engines.push(engine);
  return engine;
}

const places = () => {
  const journal = path.join(bench.folder, randomUUID());
  return { journal, until: `${journal}.until` };
};

describe('a pool', () => {
  it('lets through no more than its size', async () => {
    const { journal } = places();
    const goals = ['a', 'b', 'c', 'd'].map((name) => occupyNarrow.goal({ name, journal, until: '' }));
    expect(await engineOn(4).run(goals)).toBe('succeeded');
    const steps = await readSteps(journal);
    expect(steps).toHaveLength(8);
    expect(widest(steps)).toBe(1);
  });

  it('lets through no more than its size when two engines work on one database', async () => {
    const { journal } = places();
    const runs = ['first', 'second'].map((engine) =>
      engineOn(4).run(
        ['a', 'b', 'c'].map((name) => occupyNarrow.goal({ name: `${engine} ${name}`, journal, until: '' })),
      ),
    );
    expect(await Promise.all(runs)).toEqual(['succeeded', 'succeeded']);
    const steps = await readSteps(journal);
    expect(steps).toHaveLength(12);
    expect(widest(steps)).toBe(1);
  });

  it('is not waited for in a slot', async () => {
    const { journal, until } = places();
    const engine = engineOn(2);
    const goals = ['a', 'b', 'c'].map((name) => occupyNarrow.goal({ name, journal, until }));
    const id = await engine.start(goals);
    await expect.poll(() => readSteps(journal)).toEqual(['+a']);
    // The second of two slots serves all the others.
    const others = [1, 2, 3].map((n) =>
      occupySlot.goal({ name: String(n), journal: `${journal}.others`, until: '', priority: 0 }),
    );
    expect(await engine.run(others)).toBe('succeeded');
    expect(await readSteps(journal)).toEqual(['+a']);
    await writeFile(until, '');
    expect(await engine.engine.finished(id)).toBe('succeeded');
  });

  it('gives units in the order of asking, so that small ones do not starve a large one', async () => {
    const { journal, until } = places();
    const asked: string[] = [];
    // The engine wants to know how urgent a goal is in the moment in which it asks for its units.
    const priority = ({ name }: { readonly name: string }): number => {
      asked.push(name);
      return 0;
    };
    const tasks = [occupyTwo, occupyOne].map((task) => ({ ...task, priority }));
    const engine = engineOn(8, { tasks });
    const ids: string[] = [];
    for (const goal of [
      occupyTwo.goal({ name: 'first two', journal, until }),
      occupyTwo.goal({ name: 'second two', journal, until: '' }),
      occupyOne.goal({ name: 'one', journal, until: '' }),
    ]) {
      ids.push(await engine.start([goal]));
      await expect.poll(() => asked).toHaveLength(ids.length);
    }
    expect(asked).toEqual(['first two', 'second two', 'one']);
    await expect.poll(() => readSteps(journal)).toEqual(['+first two']);
    expect(await engine.states()).toEqual({ 'occupy-one': 'queued' });
    await writeFile(until, '');
    for (const id of ids) expect(await engine.engine.finished(id)).toBe('succeeded');
    // Of those two, which fit together then, either may be the first to write.
    expect((await readSteps(journal)).slice(0, 2)).toEqual(['+first two', '-first two']);
  });

  it('is given back while an attempt waits for a need, even by one that needs the same pool', async () => {
    const { journal } = places();
    const goals = ['a', 'b'].map((name) => needNarrow.goal({ name, journal, until: '' }));
    expect(await engineOn(4).run(goals)).toBe('succeeded');
    expect(widest(await readSteps(journal))).toBe(1);
  });

  it('is held once by a batch, however many items it has', async () => {
    const { journal } = places();
    const goals = ['a', 'b', 'c', 'd'].map((name) => occupyTogether.goal({ name, journal, until: '' }));
    expect(await engineOn(4).run(goals)).toBe('succeeded');
    expect(await readSteps(journal)).toEqual(['+abc', '-abc', '+d', '-d']);
  });

  it('gets its units back when a run is cancelled, whether it holds them or waits', async () => {
    const { journal, until } = places();
    const engine = engineOn(4);
    const id = await engine.start(['a', 'b'].map((name) => occupyNarrow.goal({ name, journal, until })));
    await expect.poll(() => readSteps(journal)).toEqual(['+a']);
    await engine.engine.cancel(id, 'enough');
    expect(await engine.engine.finished(id)).toBe('cancelled');
    expect(await bench.database.query('select 1 from pool_leases')).toEqual([]);
    expect(await engine.run([occupyNarrow.goal({ name: 'c', journal: `${journal}.c`, until: '' })])).toBe('succeeded');
    await writeFile(until, '');
  });

  it('is free at once of what a dead owner held when nobody else works on the database', async () => {
    const { journal } = places();
    await bench.database.query(`insert into pools values ('narrow', 1) on conflict do nothing`);
    await bench.database.query(
      `insert into pool_leases values (gen_random_uuid(), 'narrow', 1, 'dead', now() + interval '1 hour')`,
    );
    const engine = engineOn(1, { isSoleOwner: true });
    await engine.engine.recover();
    expect(await engine.run([occupyNarrow.goal({ name: 'a', journal, until: '' })])).toBe('succeeded');
  });

  it.each([
    ['has no size', {}, 'uses pool "narrow", which has no size'],
    ['is smaller than what a task takes', { narrow: 1, wide: 1 }, 'takes 2 units of pool wide, which has 1'],
  ])('that %s is refused when the engine is made', (_, pools, message) => {
    expect(() => engineOn(1, { pools })).toThrow(message);
  });

  it.each([0, 1.5, -1])('of which a task takes %s units is refused', (units) => {
    const define = () =>
      defineTask({
        ...{ name: 'greedy', version: '1', params: z.object({}), outputs: { nothing: value<null>() } },
        pool: { name: 'narrow', units },
        run: async () => ({ nothing: null }),
      });
    expect(define).toThrow('expected a whole number from 1 on');
  });
});

describe('priority', () => {
  /** The order in which goals begin that were all ready while the only slot was taken. */
  async function orderOf(
    goals: (journal: string) => readonly Goal[],
    backfilled: (journal: string) => readonly Goal[] = () => [],
  ): Promise<readonly string[]> {
    const { journal, until } = places();
    const engine = engineOn(1);
    const first = await engine.start([occupySlot.goal({ name: 'blocker', journal, until, priority: 0 })]);
    await expect.poll(() => readSteps(journal)).toEqual(['+blocker']);
    const backfill = await engine.start(backfilled(journal), 'backfill');
    const second = await engine.start(goals(journal));
    // Ready is not a state that is stored; a later run of another engine has ended, so these were looked at long ago.
    const beside = occupySlot.goal({ name: 'beside', journal: `${journal}.beside`, until: '', priority: 0 });
    expect(await engineOn(1).run([beside])).toBe('succeeded');
    await writeFile(until, '');
    const states = await Promise.all([first, backfill, second].map((id) => engine.engine.finished(id)));
    expect(states).toEqual(['succeeded', 'succeeded', 'succeeded']);
    return (await readSteps(journal)).filter((step) => step.startsWith('+')).slice(1);
  }

  it('starts the highest first, and equals in the order they became ready', async () => {
    const wanted = Object.entries({ low: -1, a: 0, urgent: 5, b: 0, soon: 2 });
    const order = await orderOf((journal) =>
      wanted.map(([name, priority]) => occupySlot.goal({ name, journal, until: '', priority })),
    );
    expect(order).toEqual(['+urgent', '+soon', '+a', '+b', '+low']);
  });

  it('puts the goals of a backfill behind all others that are as urgent', async () => {
    const goal = (name: string, journal: string, priority: number): Goal =>
      occupySlot.goal({ name, journal, until: '', priority });
    const order = await orderOf(
      (journal) => [goal('low', journal, -1), goal('today', journal, 0)],
      (journal) => [goal('past', journal, 0)],
    );
    expect(order).toEqual(['+today', '+past', '+low']);
  });

  it('is that of the most urgent goal that reads it', async () => {
    const order = await orderOf((journal) => [
      ...['a', 'b'].map((name) => occupySlot.goal({ name, journal, until: '', priority: 1 })),
      occupyAfter.goal({ name: 'urgent', journal, until: '' }),
    ]);
    expect(order[0]).toBe('+before urgent');
    expect(order.slice(1).sort()).toEqual(['+a', '+b', '+urgent']);
  });
});
