import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  type AnyTask,
  backfill,
  createEngine,
  defineTask,
  describeDifference,
  explainGoal,
  type Goal,
  getRun,
  inlineExecutor,
  type Pipeline,
  type RunsWhen,
  type Task,
  type TypedGoal,
  value,
} from '#engine';
import { propertyRuns } from '../../kills/choose-kills.ts';
import { createMemorySource } from '../fixtures/memory-source.ts';
import { createTestEngine, createWorkbench, type Workbench } from '../fixtures/workbench.ts';

let bench: Workbench;
beforeAll(async () => {
  bench = await createWorkbench();
});
afterAll(() => bench.close());

type NumberGoal = TypedGoal<{ readonly number: ReturnType<typeof value<number>> }>;

/** What the task of one goal does. */
interface Plot {
  readonly rule: RunsWhen;
  readonly does: 'value' | 'skip' | 'fail';
  /** Read by params, found once those are read, and asked for while it runs. */
  readonly reads: readonly number[];
  readonly finds: readonly number[];
  readonly asks: readonly number[];
  /** Whether it goes on when what it asks for gives nothing. */
  readonly isCatching: boolean;
  readonly readsSource: boolean;
  /** Changes with each edit of its code. */
  readonly version: number;
}

const GOALS = 7;
/** Each stands for one of the goals before: the remainder of a division. */
const places = (most: number): fc.Arbitrary<readonly number[]> => fc.array(fc.nat(GOALS * 60), { maxLength: most });
const plot: fc.Arbitrary<Plot> = fc.record({
  rule: fc.constantFrom('all-succeeded', 'none-failed', 'all-ended'),
  does: fc.constantFrom('value', 'value', 'value', 'value', 'value', 'skip', 'skip', 'fail'),
  reads: places(2),
  finds: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: places(2) }),
  asks: fc.oneof({ weight: 1, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: places(2) }),
  isCatching: fc.boolean(),
  readsSource: fc.nat(4).map((drawn) => drawn === 0),
  version: fc.nat(1),
});

let worlds = 0;

/** One task for each goal; names are its own, so that no world meets results of another. */
class World {
  readonly #name = `one${worlds++}`;
  readonly #source = createMemorySource(`${this.#name}-source`, { part: 'one' });
  plots: readonly Plot[];

  constructor(plots: readonly Plot[]) {
    this.plots = plots;
  }

  /** Makes the partition another. */
  change(text: string): void {
    this.#source.content.set('part', text);
  }

  tasks(): { readonly tasks: readonly AnyTask[]; readonly goals: readonly NumberGoal[] } {
    const goals: NumberGoal[] = [];
    const tasks: Task[] = [];
    for (const [index, each] of this.plots.entries()) {
      const task = this.#task(index, { plot: each, before: [...goals] });
      goals.push(task.goal({}));
      tasks.push(task);
    }
    return { tasks: [...tasks, ...this.#source.source.tasks], goals };
  }

  #task(index: number, { plot: own, before }: { readonly plot: Plot; readonly before: readonly NumberGoal[] }) {
    const below = (drawn: readonly number[]): readonly NumberGoal[] =>
      [...new Set(drawn.map((place) => place % index))].flatMap((place) => before[place] ?? []);
    const named = (prefix: string, goals: readonly NumberGoal[]): Record<string, NumberGoal> =>
      Object.fromEntries(goals.map((goal, place) => [`${prefix}${place}`, goal]));
    const part = own.readsSource ? { part: this.#source.source.partition({ name: 'part' }) } : {};
    return defineTask({
      name: `${this.#name}-${index}`,
      version: String(own.version),
      params: z.object({}),
      runsWhen: own.rule,
      inputs: () => ({ ...named('read', below(own.reads)), ...part }),
      ...(own.finds.length === 0 ? {} : { runtimeInputs: () => named('found', below(own.finds)) }),
      outputs: { number: value<number>() },
      run: async ({ inputs, need, skip }) => {
        const read: readonly unknown[] = Object.values(inputs);
        const asked: unknown[] = [];
        for (const goal of below(own.asks))
          asked.push(await (own.isCatching ? need(goal).catch(() => 'nothing') : need(goal)));
        if (own.does === 'fail') throw new Error('It fails.');
        if (own.does === 'skip') skip('nothing to do');
        const text = JSON.stringify([...read, ...asked], (_, each: unknown) => (each === undefined ? 'absent' : each));
        // Few values, so that what is computed again often comes out as it was.
        return { number: (text.length + own.version) % 2 };
      },
    });
  }

  /** The states of all goals, by their task, as `weir explain` gives them. */
  async explained(): Promise<ReadonlyMap<string, string>> {
    const { tasks, goals } = this.tasks();
    const states = new Map<string, string>();
    for (const goal of goals) {
      const { goals: found } = await explainGoal({ ...bench, tasks }, goal);
      states.set(goal.task, found[0]?.state ?? '');
      for (const { state, differences } of found)
        if (state === 'incomplete' || state === 'unknown')
          expect(differences.map(describeDifference).join(), `${goal.task} is ${state}`).not.toBe('');
    }
    return states;
  }

  /** The states of all task runs of a new run that asks for every goal. */
  async ran(): Promise<ReadonlyMap<string, string>> {
    const { tasks, goals } = this.tasks();
    const executor = inlineExecutor({ ...bench, tasks, folder: `${bench.folder}/attempts` });
    const engine = createTestEngine(bench, { tasks, executor, effects: { warn: () => undefined } });
    try {
      await engine.run(goals);
      const run = await engine.last();
      return new Map((run?.taskRuns ?? []).map(({ task, state }) => [task, state]));
    } finally {
      await engine.close();
    }
  }
}

/** Which ends of a task run are in keeping with each answer. */
const ENDS: Readonly<Record<string, readonly string[]>> = {
  complete: ['cached'],
  skipped: ['skipped'],
  incomplete: ['succeeded', 'skipped', 'failed'],
  unknown: ['cached', 'succeeded', 'skipped', 'failed'],
};

async function compare(world: World, when: string): Promise<ReadonlyMap<string, string>> {
  const explained = await world.explained();
  const ran = await world.ran();
  for (const [task, state] of explained)
    expect(ENDS[state], `${task}: explained as ${state}, ${when}`).toContain(ran.get(task));
  return ran;
}

describe('what a run does with a goal, and what is said of it before', () => {
  it('is one answer, in any graph, before and after edits of code and sources', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(plot, { minLength: 3, maxLength: GOALS }),
        fc.array(plot, { minLength: GOALS, maxLength: GOALS }),
        fc.array(fc.boolean(), { minLength: GOALS, maxLength: GOALS }),
        async (plots, others, isEdited) => {
          const world = new World(plots);
          const first = await world.ran();
          const second = await compare(world, 'nothing changed');
          // What succeeded stands, unless something that it needs failed and was tried again.
          if (![...first.values()].includes('failed'))
            for (const [task, state] of second)
              expect(state, `${task} after ${first.get(task)}`).toBe(
                first.get(task) === 'succeeded' ? 'cached' : first.get(task),
              );
          world.plots = plots.map((each, index) => {
            const other = others[index];
            return isEdited[index] === true && other !== undefined ? { ...other, version: each.version + 2 } : each;
          });
          world.change('another');
          await compare(world, 'after an edit');
          await compare(world, 'after the edit was run');
        },
      ),
      { numRuns: propertyRuns(60) },
    );
  });
});

describe('a goal that reads an input which skips itself', () => {
  const day = z.object({ day: z.string() });
  const maybe = defineTask({
    ...{ name: 'maybe', version: '1', params: day },
    outputs: { number: value<number>() },
    run: async ({ skip }) => skip('there is nothing to do'),
  });
  const always = defineTask({
    ...{ name: 'always', version: '1', params: day, runsWhen: 'none-failed' as const },
    inputs: (params) => ({ one: maybe.goal(params) }),
    outputs: { number: value<number>() },
    run: async ({ inputs }) => ({ number: inputs.one?.number ?? 0 }),
  });
  // The types of params are forgotten in a list.
  const tasks = [maybe, always];
  const goalsOf = (at: Date): readonly Goal[] => [always.goal({ day: at.toISOString() })];
  const daily: Pipeline = {
    name: 'daily',
    description: 'Asks for each day.',
    plan: async () => ({ kind: 'skip', reason: 'by interval only', params: {} }),
    planInterval: async ({ from }) => ({ kind: 'run', goals: goalsOf(from), params: {} }),
  };

  it('is complete for explain once it ran, and needs no further backfill', async () => {
    const executor = inlineExecutor({ ...bench, tasks, folder: `${bench.folder}/attempts` });
    const effects = { now: () => new Date('2026-02-01T00:00:00Z') };
    const parts = { ...bench, tasks, pipelines: [daily], effects };
    const engine = createEngine({ ...parts, executor });
    const span = {
      schedule: { pipeline: 'daily', cron: '0 0 * * *', timeZone: 'UTC' },
      ...{ from: new Date('2026-01-01T00:00:00Z'), to: new Date('2026-01-03T00:00:00Z') },
    };
    try {
      const first = await backfill({ ...parts, engine }, span);
      expect(first.runs.map(({ state }) => state)).toEqual(['succeeded', 'succeeded']);
      expect((await backfill({ ...parts, engine }, span)).runs).toEqual([]);
      const [goal] = goalsOf(span.from);
      if (goal === undefined) throw new Error('Expected a goal.');
      const { goals } = await explainGoal(parts, goal);
      expect(goals.map(({ state }) => state)).toEqual(['complete']);
      const skipped = await explainGoal(parts, maybe.goal({ day: span.from.toISOString() }));
      expect(skipped.goals[0]).toMatchObject({ state: 'skipped' });
      expect(skipped.goals[0]?.differences.map(describeDifference)).toEqual([
        expect.stringMatching(/^run \d+ skipped it: there is nothing to do$/),
      ]);
      const { runId } = await engine.start({
        pipeline: 'daily',
        trigger: 'manual',
        interval: { from: span.from, to: new Date('2026-01-02T00:00:00Z') },
      });
      await engine.finished(runId);
      const states = (await getRun(bench.database, runId))?.taskRuns.map(({ task, state }) => [task, state]);
      expect(states).toEqual([
        ['maybe', 'skipped'],
        ['always', 'cached'],
      ]);
    } finally {
      await engine.close();
      await executor.close();
    }
  });
});
