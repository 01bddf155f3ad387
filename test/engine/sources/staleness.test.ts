import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineTask, listStale, type TypedGoal, value } from '#engine';
import { createGate, type Gate } from '../fixtures/gate.ts';
import { createMemorySource } from '../fixtures/memory-source.ts';
import { createObservedEngine, type ObservedEngine } from '../fixtures/observed-engine.ts';
import { createWorkbench, type Workbench } from '../fixtures/workbench.ts';

let bench: Workbench;
const engines: ObservedEngine[] = [];
beforeAll(async () => {
  bench = await createWorkbench();
});
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.close();
});
afterAll(() => bench.close());

const output = { text: value<string>() };
const named = z.object({ name: z.string() });

let count = 0;
/** Two sources, and tasks that stand in all relations to their partitions. */
function newWorld() {
  const n = ++count;
  const left = createMemorySource(`left${n}`, { a: 'la', b: 'lb', c: 'lc' }, { removalShareMax: 1 });
  const right = createMemorySource(`right${n}`, { a: 'ra', b: 'rb', c: 'rc' }, { removalShareMax: 1 });
  const gates = new Map<string, Gate>();
  const task = <I extends Record<string, TypedGoal>>(
    name: string,
    inputs: (name: string) => I,
    more: (name: string, need: (goal: TypedGoal) => Promise<unknown>) => Promise<void> = async () => undefined,
  ) =>
    defineTask({
      name: `${name}${n}`,
      version: '1',
      params: named,
      inputs: ({ name: partition }) => inputs(partition),
      outputs: output,
      run: async ({ params, need }) => {
        await gates.get(`${name}(${params.name})`)?.pass();
        await more(params.name, need);
        return { text: `${name} of ${params.name}` };
      },
    });
  const copy = task('copy', (name) => ({ of: left.source.partition({ name }) }));
  const second = task('second', (name) => ({ of: copy.goal({ name }) }));
  const join = task('join', (name) => ({
    one: left.source.partition({ name }),
    two: right.source.partition({ name }),
  }));
  const needing = task(
    'needing',
    () => ({}),
    async (name, need) => {
      for (const partition of name.split('+')) await need(left.source.partition({ name: partition }));
    },
  );
  const optional = task('optional', (name) => ({ there: left.source.presence({ name }) }));
  const last = task('last', (name) => ({ of: left.source.lastPartition({ name }) }));
  const everything = defineTask({
    name: `everything${n}`,
    version: '1',
    params: z.object({}),
    inputs: () => ({ listing: left.source.partitions() }),
    outputs: output,
    run: async ({ inputs, need }) => {
      const texts: string[] = [];
      for (const name of inputs.listing.names) texts.push((await need(second.goal({ name }))).text);
      return { text: texts.join() };
    },
  });
  const own = [copy, second, join, needing, optional, last, everything];
  const tasks = [...left.source.tasks, ...right.source.tasks, ...own];
  const engine = createObservedEngine(bench, tasks);
  engines.push(engine);
  const stale = async (): Promise<readonly string[]> => {
    const marks = [
      ...(await listStale(bench.database, { source: left.source.name })),
      ...(await listStale(bench.database, { source: right.source.name })),
    ];
    return marks.map(({ task: of, params }) => `${of.replace(String(n), '')}(${Object.values(params).join()})`).sort();
  };
  /** Sees what changed, and asks for nothing. */
  const look = () => engine.runAndCount([left.source.partitions(), right.source.partitions()]);
  return { left, right, gates, copy, second, join, needing, optional, last, everything, engine, stale, look, tasks };
}

describe('when a partition is removed', () => {
  it('what names it is stale, through every step, and what enumerates is not', async () => {
    const { left, second, everything, engine, stale, look } = newWorld();
    await engine.runAndCount([everything.goal({}), second.goal({ name: 'a' })]);
    left.content.delete('b');
    await look();
    expect(await stale()).toEqual(['copy(b)', 'left-partition(b)', 'second(b)']);
    await engine.runAndCount([everything.goal({})]);
    expect(await engine.outputs(everything.goal({}))).toEqual({ text: 'second of a,second of c' });
    expect(await stale()).toEqual(['copy(b)', 'left-partition(b)', 'second(b)']);
  });

  it('what needs it by its params is stale though another of its inputs is there', async () => {
    const { right, join, engine, stale, look } = newWorld();
    await engine.runAndCount([join.goal({ name: 'a' }), join.goal({ name: 'b' })]);
    right.content.delete('a');
    await look();
    expect(await stale()).toEqual(['join(a)', 'right-partition(a)']);
  });

  it('what found it while it ran is stale when it was made from nothing else', async () => {
    const { left, needing, engine, stale, look } = newWorld();
    await engine.runAndCount([needing.goal({ name: 'a' }), needing.goal({ name: 'a+b' })]);
    left.content.delete('a');
    await look();
    expect(await stale()).toEqual(['left-partition(a)', 'needing(a)']);
    left.content.delete('b');
    await look();
    expect(await stale()).toEqual(['left-partition(a)', 'left-partition(b)', 'needing(a)', 'needing(a+b)']);
    left.content.set('a', 'la');
    await look();
    expect(await stale()).toEqual(['left-partition(b)']);
  });

  it('what asked for its presence alone is made again', async () => {
    const { left, optional, engine, stale } = newWorld();
    await engine.runAndCount([optional.goal({ name: 'a' }), optional.goal({ name: 'b' })]);
    left.content.delete('a');
    const counts = await engine.runAndCount([optional.goal({ name: 'a' }), optional.goal({ name: 'b' })]);
    expect(Object.values(counts)).toEqual([1, 1]);
    expect(await stale()).toEqual(['left-partition(a)']);
  });

  it('its last content may still be read by who says so', async () => {
    const { left, last, engine, stale } = newWorld();
    await engine.runAndCount([last.goal({ name: 'a' })]);
    left.content.delete('a');
    expect(await engine.runAndCount([last.goal({ name: 'a' })])).toEqual({});
    await engine.runAndCount([left.source.partition({ name: 'b' })]);
    left.content.delete('b');
    // Its bytes are kept from the other goal.
    await engine.runAndCount([last.goal({ name: 'b' })]);
    left.content.delete('c');
    expect(await engine.run([last.goal({ name: 'c' })])).toBe('failed');
    expect(await stale()).toEqual(['left-partition(a)', 'left-partition(b)']);
  });

  it('asking for what is stale fails with the reason, and results stay complete', async () => {
    const { left, second, needing, engine } = newWorld();
    await engine.runAndCount([second.goal({ name: 'a' })]);
    left.content.delete('a');
    expect(await engine.run([second.goal({ name: 'a' })])).toBe('failed');
    expect((await engine.last())?.reason).toMatch(/Partition "a" of source left\d+ was removed/);
    expect(await engine.run([needing.goal({ name: 'a' })])).toBe('failed');
    left.content.set('a', 'la');
    expect(await engine.runAndCount([second.goal({ name: 'a' })])).toEqual({});
  });

  it('a result that was under way is marked when it appears', async () => {
    const { left, second, gates, engine, stale, tasks } = newWorld();
    const gate = createGate();
    gates.set('copy(a)', gate);
    const early = await engine.start([second.goal({ name: 'a' })]);
    await gate.reached();
    left.content.delete('a');
    const other = createObservedEngine(bench, tasks);
    engines.push(other);
    await other.runAndCount([left.source.partitions()]);
    expect(await stale()).toEqual(['left-partition(a)']);
    gate.open();
    expect(await engine.engine.finished(early)).toBe('succeeded');
    expect(await stale()).toEqual(['copy(a)', 'left-partition(a)', 'second(a)']);
  });
});

describe('when a partition returns', () => {
  it('marks go, and results are re-used, or made again when it has other content', async () => {
    const { left, second, join, engine, stale, look } = newWorld();
    const goals = [second.goal({ name: 'a' }), join.goal({ name: 'a' })];
    await engine.runAndCount(goals);
    left.content.delete('a');
    await look();
    expect(await stale()).toHaveLength(4);
    left.content.set('a', 'la');
    expect(await engine.runAndCount(goals)).toEqual({});
    expect(await stale()).toEqual([]);
    left.content.delete('a');
    await look();
    left.content.set('a', 'other');
    // The partition and what is joined from it, and the copy; the copy says the same as before, so nothing follows from it.
    expect(Object.values(await engine.runAndCount(goals))).toEqual([1, 1, 1]);
    expect(await stale()).toEqual([]);
  });

  it('a goal stays stale while another partition that it names is gone', async () => {
    const { left, right, join, engine, stale, look } = newWorld();
    await engine.runAndCount([join.goal({ name: 'a' })]);
    left.content.delete('a');
    right.content.delete('a');
    await look();
    left.content.set('a', 'la');
    await look();
    expect(await stale()).toEqual(['join(a)', 'right-partition(a)']);
    const [mark] = (await listStale(bench.database, { source: right.source.name })).filter(({ task }) =>
      task.startsWith('join'),
    );
    expect(mark?.reason).toBe(`It is made from partition "a" of source ${right.source.name}, which was removed.`);
    right.content.set('a', 'ra');
    await look();
    expect(await stale()).toEqual([]);
  });
});
