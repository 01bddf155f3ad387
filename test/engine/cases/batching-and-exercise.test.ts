import { randomUUID } from 'node:crypto';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Goal, RunDetailRecord } from '#engine';
import { propertyRuns } from '../../kills/choose-kills.ts';
import { readJournal, square, squareAlone } from '../fixtures/batch-tasks.ts';
import { createPostsLikes } from '../fixtures/posts-likes.ts';
import {
  boundOf,
  computeAll,
  createGoneWatch,
  createWatch,
  filesOf,
  firstWorld,
  histories,
  take,
} from '../fixtures/posts-likes-world.ts';
import {
  createTestEngine,
  createWorkbench,
  processOn,
  type TestEngine,
  type Workbench,
} from '../fixtures/workbench.ts';

let bench: Workbench;
const engines: TestEngine[] = [];
beforeAll(async () => {
  bench = await createWorkbench();
});
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.close();
});
afterAll(() => bench.close());

const engineOn = (): TestEngine => {
  const engine = createTestEngine(bench, { executor: processOn(bench) });
  engines.push(engine);
  return engine;
};

type How = Parameters<typeof square.goal>[0]['how'];

const goalsOf = (task: typeof square | typeof squareAlone, hows: readonly How[], journal: string): readonly Goal[] =>
  hows.map((how, index) => task.goal({ n: index + 1, how, journal }));

/** Number to what became of it: state, result, and the error that ended it. */
async function results(run: RunDetailRecord | undefined): Promise<ReadonlyMap<number, unknown>> {
  const keys = run?.taskRuns.map(({ key }) => key) ?? [];
  const manifests = await bench.database.query<{ key: string; square: number }>(
    `select key, (outputs->'square'->'value')::integer as square from manifests where key = any($1)`,
    [keys],
  );
  const squares = new Map(manifests.map(({ key, square: found }) => [key, found]));
  return new Map(
    run?.taskRuns.map(({ params, state, key, attempts }) => {
      const error = attempts.at(-1)?.error;
      const result = { state, square: squares.get(key ?? ''), class: error?.class, name: error?.name };
      return [Number(params.n), result];
    }),
  );
}

describe('batching', () => {
  it('45. of a hundred items the seventh fails and the fiftieth kills its worker: what was reported stays, halving finds the fiftieth', async () => {
    const hows: How[] = Array.from({ length: 100 }, () => 'succeed');
    hows[6] = 'fail';
    hows[49] = 'kill';
    const engine = engineOn();
    const journal = path.join(bench.folder, randomUUID());
    expect(await engine.run(goalsOf(square, hows, journal))).toBe('failed');
    const run = await engine.last();
    const executions = await readJournal(journal);

    // All went together; the 49 that were reported before the kill were never run again.
    expect(executions[0]).toHaveLength(100);
    const timesRun = (n: number): number => executions.filter((items) => items.includes(n)).length;
    for (let n = 1; n < 50; n++) expect([n, timesRun(n)]).toEqual([n, 1]);
    const attemptsOf = (n: number) => run?.taskRuns.find(({ params }) => params.n === n)?.attempts ?? [];
    expect(attemptsOf(1).map(({ outcome }) => outcome)).toEqual(['succeeded']);
    expect(attemptsOf(7)).toMatchObject([{ outcome: 'failed', error: { class: 'user', message: 'no square of 7' } }]);

    // The 51 others parted in halves until the fiftieth was alone, where it failed as often as any task may.
    const halvings = Math.ceil(Math.log2(51));
    const alone = executions.filter((items) => items.length === 1 && items[0] === 50);
    expect(alone).toHaveLength(square.attemptsMax);
    expect(attemptsOf(50).map(({ outcome }) => outcome)).toEqual([
      ...Array.from({ length: halvings }, () => 'lost'),
      ...Array.from({ length: square.attemptsMax }, () => 'failed'),
    ]);
    // One execution at first, at most two for each halving, and the further tries of the fiftieth: not one for each item.
    expect(executions.length).toBeLessThanOrEqual(1 + 2 * halvings + square.attemptsMax - 1);
    expect(executions.length).toBeGreaterThan(halvings);

    // The log of each item is its own.
    expect(attemptsOf(1)[0]?.log).toBe('together 100\nsquaring 1');
    expect(attemptsOf(100).at(-1)?.log).toMatch(/^together \d+\nsquaring 100$/);

    const unbatched = engineOn();
    const journalAlone = path.join(bench.folder, randomUUID());
    expect(await unbatched.run(goalsOf(squareAlone, hows, journalAlone))).toBe('failed');
    expect(await results(run)).toEqual(await results(await unbatched.last()));
  });
});

describe('posts and likes', () => {
  it('46. after any adding and removing of likes, posts and users the result is that of computing all again, for work bounded by the files touched', async () => {
    const history = async (steps: Parameters<Parameters<typeof histories.map>[0]>[0]): Promise<void> => {
      const own = await createWorkbench();
      const example = await createPostsLikes(own, 'posts-likes');
      const world = firstWorld();
      const watch = createWatch();
      const staleOf = createGoneWatch();
      try {
        for (const taken of [[], ...steps, []]) {
          for (const step of taken) take(world, step);
          await example.write(filesOf(world));
          const touched = watch(world);
          const { executed, runs } = await example.rank();
          expect(await example.result()).toEqual(computeAll(world));
          expect(await example.stale()).toEqual(staleOf(world));
          expect(executed).toBeLessThanOrEqual(touched.files === 0 && taken.length === 0 ? 0 : boundOf(touched, runs));
        }
      } finally {
        await example.close();
        await own.close();
      }
    };
    await fc.assert(fc.asyncProperty(histories, history), { seed: 46, numRuns: propertyRuns(6), endOnFailure: true });
  });

  it.each([8, 16])('46. one like more executes five task runs among %i users', async (userCount) => {
    const own = await createWorkbench();
    const example = await createPostsLikes(own, 'posts-likes');
    const world = firstWorld();
    for (let n = world.users.size; n < userCount; n++) {
      world.users.add(`more-${n}`);
      world.posts.set(`more-${n}`, new Set([`more-${n}`]));
      world.likes.set(`more-${n}`, new Set(['ann']));
    }
    const executedAfter = async (change: () => void): Promise<Readonly<Record<string, number>>> => {
      change();
      await example.write(filesOf(world));
      await example.rank();
      expect(await example.result()).toEqual(computeAll(world));
      return example.engine.executed();
    };
    try {
      await executedAfter(() => undefined);
      expect(await executedAfter(() => undefined)).toEqual({});
      const tables = { 'likes-per-user': 1, 'top-users': 1 };
      const oneMore = { 'likes-partition': 1, 'count-likes': 1, 'score-user': 1, ...tables };
      expect(await executedAfter(() => world.likes.get('post-0')?.add('zoe'))).toEqual(oneMore);
      // The first like of a post brings a file that was not there.
      expect(await executedAfter(() => world.likes.set('post-2', new Set(['zoe'])))).toEqual({
        ...oneMore,
        'likes-presence': 1,
      });
      // Every score was there before; only the tables were never made of these.
      expect(await executedAfter(() => world.likes.get('post-0')?.delete('zoe'))).toEqual(tables);
      expect(await executedAfter(() => world.users.delete('B'))).toEqual({ 'users-partitions': 1, ...tables });
      expect(await executedAfter(() => world.users.add('B'))).toEqual({});
    } finally {
      await example.close();
      await own.close();
    }
  });
});
