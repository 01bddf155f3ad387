import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  type Artifact,
  blob,
  defineTask,
  describeDifference,
  type Explanation,
  explainGoal,
  explainRun,
  folderSource,
  type Goal,
  getRun,
  inlineExecutor,
  value,
} from '#engine';
import { createTestEngine, createWorkbench, type TestEngine, type Workbench } from '../fixtures/workbench.ts';

let bench: Workbench;
let world: World;
beforeAll(async () => {
  bench = await createWorkbench();
});
beforeEach(async () => {
  world = await World.make();
});
afterEach(() => world.close());
afterAll(() => bench.close());

interface Code {
  readonly read?: string;
  readonly readName?: string;
  readonly double?: string;
  readonly factor?: number;
  readonly isBroken?: boolean;
}

/** Tasks under names of their own, so that no test meets results of another. */
class World {
  static #count = 0;
  readonly name = `w${World.#count++}`;
  readonly folder = path.join(bench.folder, this.name);
  #code: Code = {};
  #engine: TestEngine | undefined;

  static async make(): Promise<World> {
    const made = new World();
    await mkdir(made.folder);
    await made.put('a', 'one');
    return made;
  }

  put(partition: string, text: string): Promise<void> {
    return writeFile(path.join(this.folder, `${partition}.txt`), text);
  }

  /** What the code of the tasks is from now on. */
  edit(code: Code): void {
    this.#code = code;
  }

  get #tasks() {
    const { name } = this;
    const {
      read: readVersion = '1',
      readName = 'read',
      double: doubleVersion = '1',
      factor = 1,
      isBroken = false,
    } = this.#code;
    const number = z.object({ n: z.number() });
    const source = folderSource({ name: `${name}-texts`, folder: this.folder, pattern: '*.txt' });
    const read = defineTask({
      ...{ name: `${name}-${readName}`, version: readVersion, params: number },
      ...(readName === 'read' ? {} : { formerNames: [`${name}-read`] }),
      outputs: { number: value<number>(), bytes: blob() },
      run: async ({ params, blob: put }) => ({
        number: params.n * factor,
        bytes: await put(Buffer.from(`${name} ${params.n}`)),
      }),
    });
    const double = defineTask({
      ...{ name: `${name}-double`, version: doubleVersion, params: number },
      inputs: ({ n }) => ({ read: read.goal({ n }) }),
      outputs: { number: value<number>() },
      run: async ({ inputs }) => {
        if (isBroken) throw new Error('broken');
        return { number: inputs.read.number * 2 };
      },
    });
    const list = defineTask({
      ...{ name: `${name}-list`, version: '1', params: z.object({ ns: z.array(z.number()) }) },
      runtimeInputs: ({ ns }) => ({ all: ns.map((n) => double.goal({ n })) }),
      outputs: { sum: value<number>() },
      run: async ({ inputs }) => ({ sum: inputs.all.reduce((sum, each) => sum + each.number, 0) }),
    });
    const need = defineTask({
      ...{ name: `${name}-need`, version: '1', params: number },
      outputs: { number: value<number>() },
      run: async ({ params, need: complete }) => ({ number: (await complete(double.goal(params))).number }),
    });
    const text = defineTask({
      ...{ name: `${name}-text`, version: '1', params: z.object({ of: z.string() }) },
      inputs: ({ of }) => ({ content: source.partition({ name: of }) }),
      outputs: { length: value<number>() },
      run: async ({ inputs }) => ({ length: inputs.content.content.sizeBytes }),
    });
    return [read, double, list, need, text, ...source.tasks];
  }

  goal(task: string, params: Goal['params']): Goal {
    return { task: `${this.name}-${task}`, params };
  }

  explain(goal: Goal): Promise<Explanation> {
    return explainGoal({ ...bench, tasks: this.#tasks }, goal);
  }

  /** Runs it with the current code; the states of its task runs by the last word of the task. */
  async run(goal: Goal): Promise<{ readonly id: string; readonly states: Readonly<Record<string, string>> }> {
    await this.#engine?.close();
    const tasks = this.#tasks;
    const { database, artifacts, folder } = bench;
    const executor = inlineExecutor({ tasks, database, artifacts, folder: path.join(folder, 'attempts') });
    this.#engine = createTestEngine(bench, { tasks, executor });
    await this.#engine.run([goal]);
    const run = await this.#engine.last();
    const states = Object.fromEntries((run?.taskRuns ?? []).map(({ task, state }) => [this.short(task), state]));
    return { id: run?.id ?? '', states };
  }

  short(task: string): string {
    return task.slice(this.name.length + 1);
  }

  async close(): Promise<void> {
    await this.#engine?.close();
  }
}

/** Task, state and kinds of differences of everything told. */
const toldBy = ({ goals }: Explanation) =>
  goals.map(({ task, state, differences }) => [
    world.short(task),
    state,
    ...differences.map((difference) =>
      'name' in difference ? `${difference.kind} ${difference.name}` : difference.kind,
    ),
  ]);

describe('the explanation of a goal', () => {
  it('says that it was never made, and what is different from the nearest of its task', async () => {
    const goal = world.goal('read', { n: 1 });
    expect(toldBy(await world.explain(goal))).toEqual([['read', 'incomplete', 'first']]);
    await world.run(goal);
    const other = await world.explain(world.goal('read', { n: 2 }));
    expect(toldBy(other)).toEqual([['read', 'incomplete', 'first', 'param n']]);
    expect(other.goals[0]?.differences.map(describeDifference)).toEqual(['no result of it is stored', 'param n 1 → 2']);
  });

  it('says that it is complete, and which run made it', async () => {
    const goal = world.goal('double', { n: 1 });
    const { id } = await world.run(goal);
    const { goals } = await world.explain(goal);
    expect(goals).toMatchObject([{ state: 'complete', differences: [], result: { runId: id } }]);
    expect((await world.run(goal)).states.double).toBe('cached');
  });

  it('finds the results of a task under the name it had before', async () => {
    await world.run(world.goal('read', { n: 1 }));
    world.edit({ readName: 'load' });
    expect(toldBy(await world.explain(world.goal('load', { n: 1 })))).toEqual([['load', 'complete']]);
    expect((await world.run(world.goal('load', { n: 1 }))).states).toEqual({ load: 'cached' });
  });

  it('goes from a goal that may be computed to the code that is another', async () => {
    const goal = world.goal('double', { n: 1 });
    await world.run(goal);
    world.edit({ read: '2', factor: 10 });
    const explanation = await world.explain(goal);
    expect(toldBy(explanation)).toEqual([
      ['double', 'unknown', 'input read'],
      ['read', 'incomplete', 'code'],
    ]);
    expect(explanation.goals[1]?.differences[0]).toEqual({ kind: 'code', before: 'version:1', after: 'version:2' });
    expect((await world.run(goal)).states).toEqual({ read: 'succeeded', double: 'succeeded' });
  });

  it('does not claim what an equal result of an input would prevent', async () => {
    const goal = world.goal('double', { n: 1 });
    await world.run(goal);
    world.edit({ read: '2' });
    expect(toldBy(await world.explain(goal))[0]).toEqual(['double', 'unknown', 'input read']);
    expect((await world.run(goal)).states).toEqual({ read: 'succeeded', double: 'cached' });
  });

  it('says why an input is another, when that was computed already', async () => {
    const goal = world.goal('double', { n: 1 });
    await world.run(goal);
    world.edit({ read: '2', factor: 10 });
    await world.run(world.goal('read', { n: 1 }));
    expect(toldBy(await world.explain(goal))).toEqual([
      ['double', 'incomplete', 'input read'],
      ['read', 'complete', 'code'],
    ]);
  });

  it('finds the results of A again after A, B, A', async () => {
    const goal = world.goal('double', { n: 1 });
    await world.run(goal);
    world.edit({ double: '2' });
    await world.run(goal);
    world.edit({});
    expect(toldBy(await world.explain(goal))).toEqual([['double', 'complete']]);
  });

  it('names an output that is missing; so does the run that makes it again', async () => {
    const goal = world.goal('read', { n: 1 });
    const { id } = await world.run(goal);
    const made = await getRun(bench.database, id);
    const [manifest] = await bench.database.query<{ outputs: Readonly<Record<string, Artifact>> }>(
      'select outputs from manifests where key = $1',
      [made?.taskRuns[0]?.key],
    );
    await bench.artifacts.delete(manifest?.outputs.bytes?.digest ?? '');
    expect(toldBy(await world.explain(goal))).toEqual([['read', 'incomplete', 'missing-output']]);
    const again = await world.run(goal);
    expect(again.states).toEqual({ read: 'succeeded' });
    expect([...(await explainRun(bench.database, again.id)).values()]).toEqual([
      { differences: [{ kind: 'missing-output', output: 'bytes' }], from: null },
    ]);
  });

  it('follows what was needed at runtime', async () => {
    const goal = world.goal('need', { n: 1 });
    await world.run(goal);
    expect(toldBy(await world.explain(goal))).toEqual([['need', 'complete']]);
    world.edit({ read: '2', factor: 10 });
    expect(toldBy(await world.explain(goal))).toEqual([
      // What it needed is computed first, and may come out as it was.
      ['need', 'unknown', 'need'],
      ['double', 'unknown', 'input read'],
      ['read', 'incomplete', 'code'],
    ]);
    expect((await world.run(goal)).states.need).toBe('succeeded');
  });

  it('knows inputs that a task tells once others are read', async () => {
    const goal = world.goal('list', { ns: [1, 2] });
    await world.run(goal);
    expect(toldBy(await world.explain(goal))).toEqual([['list', 'complete']]);
    world.edit({ double: '2' });
    expect(toldBy(await world.explain(goal))).toEqual([
      ['list', 'unknown', 'input all[0]', 'input all[1]'],
      ['double', 'incomplete', 'code'],
      ['double', 'incomplete', 'code'],
    ]);
  });

  it('looks at sources as they are now, and records nothing', async () => {
    const goal = world.goal('text', { of: 'a' });
    const others = ['b', 'c', 'd', 'e', 'f'];
    for (const other of others) await world.put(other, 'one of many');
    await world.run(goal);
    expect(toldBy(await world.explain(goal))).toEqual([['text', 'complete']]);
    await world.put('a', 'another');
    const rows = () =>
      bench.database.query(
        `select (select count(*) from source_listings), (select count(*) from runs), (select count(*) from manifests)`,
      );
    const before = await rows();
    expect(toldBy(await world.explain(goal))).toEqual([
      ['text', 'unknown', 'input content'],
      ['texts-partition', 'incomplete', 'input pinned'],
    ]);
    expect(await rows()).toEqual(before);
    // So many would not be believed to be gone, by no run.
    for (const name of ['a', ...others])
      await rename(path.join(world.folder, `${name}.txt`), path.join(world.folder, name));
    expect(toldBy(await world.explain(goal))).toEqual([['text', 'complete']]);
    for (const other of others) await world.put(other, 'one of many');
    const gone = await world.explain(goal);
    expect(gone.goals[1]?.differences).toContainEqual({
      kind: 'unknown',
      reason: expect.stringMatching(new RegExp(`^Partition "a" of source ${world.name}-texts was removed, so`)),
    });
  });

  it('is refused for what is no goal', async () => {
    await expect(world.explain({ task: 'sing', params: {} })).rejects.toThrow(/No task is named "sing"/);
    await expect(world.explain(world.goal('read', { n: 'one' }))).rejects.toThrow(/do not fit its schema/);
  });
});

describe('why the task runs of a run ran', () => {
  const whys = async (runId: string) => {
    const [run, found] = [await getRun(bench.database, runId), await explainRun(bench.database, runId)];
    return Object.fromEntries(
      (run?.taskRuns ?? []).map(({ task, goal }) => {
        const why = found.get(goal);
        return [world.short(task), why && (why.from?.runId ?? why.differences.map(({ kind }) => kind).join(' '))];
      }),
    );
  };

  it('is told from the versions before: first, code, input, or the run that made what was found', async () => {
    const goal = world.goal('double', { n: 1 });
    const first = await world.run(goal);
    expect(await whys(first.id)).toEqual({ read: 'first', double: 'first' });
    const second = await world.run(goal);
    expect(await whys(second.id)).toEqual({ read: first.id, double: first.id });
    world.edit({ read: '2', factor: 10 });
    const third = await world.run(goal);
    expect(await whys(third.id)).toEqual({ read: 'code', double: 'input' });
    // What is derived stays true when more happens.
    world.edit({ read: '3' });
    await world.run(goal);
    expect(await whys(third.id)).toEqual({ read: 'code', double: 'input' });
    expect(await whys(first.id)).toEqual({ read: 'first', double: 'first' });
  });

  it('is told of one that failed, which left no result to compare', async () => {
    const goal = world.goal('double', { n: 1 });
    await world.run(goal);
    world.edit({ double: '2', isBroken: true });
    const broken = await world.run(goal);
    expect(broken.states).toEqual({ read: 'cached', double: 'failed' });
    expect((await whys(broken.id)).double).toBe('code');
    world.edit({ read: '2', factor: 10, double: '2', isBroken: true });
    expect((await whys((await world.run(goal)).id)).double).toBe('input');
  });
});
