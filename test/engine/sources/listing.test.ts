import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type AnyTask, confirmRemoval, defineTask, listRemovals, listRunListings, listStale, value } from '#engine';
import { createGate } from '../fixtures/gate.ts';
import { createMemorySource, type MemorySource } from '../fixtures/memory-source.ts';
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

let count = 0;
const TEN = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`p${index}`, `content ${index}`]));

/** A source of its own for each test, an engine, and a task that lists it. */
function newWorld(content: Readonly<Record<string, string>> = TEN) {
  const held = createMemorySource(`source${++count}`, content);
  const show = defineTask({
    name: `show${count}`,
    version: '1',
    params: z.object({}),
    inputs: () => ({ listing: held.source.partitions() }),
    outputs: { names: value<readonly string[]>() },
    run: async ({ inputs }) => ({ names: inputs.listing.names }),
  });
  const engine = engineFor([...held.source.tasks, show]);
  const names = async (): Promise<unknown> => {
    await engine.runAndCount([show.goal({})]);
    return (await engine.outputs(show.goal({}))).names;
  };
  return { held, engine, show, names, name: held.source.name };
}

const engineFor = (
  tasks: readonly AnyTask[],
  options: Parameters<typeof createObservedEngine>[2] = {},
): ObservedEngine => {
  const engine = createObservedEngine(bench, tasks, options);
  engines.push(engine);
  return engine;
};

const warningOf = async (engine: ObservedEngine): Promise<string | null | undefined> =>
  (await listRunListings(bench.database, (await engine.last())?.id ?? ''))[0]?.warning;

const fail = (message: string) => (): never => {
  throw new Error(message);
};

describe('a listing', () => {
  it('is made once for each run, however many goals read the source', async () => {
    const { held, engine, show } = newWorld();
    const goals = ['p1', 'p2', 'p3'].map((name) => held.source.partition({ name }));
    await engine.runAndCount([show.goal({}), ...goals]);
    expect(held.counts).toMatchObject({ lists: 1, reads: 3 });
    await engine.runAndCount([show.goal({}), ...goals]);
    expect(held.counts).toMatchObject({ lists: 2, reads: 3 });
  });

  it('that fails changes nothing: the last one stands, and the run says so', async () => {
    const { held, engine, names } = newWorld();
    expect(await names()).toEqual(Object.keys(TEN));
    held.content.delete('p3');
    held.beforeList = fail('the share is gone');
    expect(await names()).toEqual(Object.keys(TEN));
    expect(await warningOf(engine)).toContain('could not be listed (the share is gone)');
    expect((await engine.last())?.warnings).toHaveLength(1);
    expect(engine.warnings).toEqual([expect.stringContaining('the share is gone')]);
    expect(await listStale(bench.database, { source: held.source.name })).toEqual([]);
    held.beforeList = undefined;
    expect(await names()).toEqual(Object.keys(TEN).filter((name) => name !== 'p3'));
    expect(await warningOf(engine)).toBeNull();
  });

  it('that fails before anything is known fails the run with the reason', async () => {
    const { held, engine, show, names } = newWorld();
    held.beforeList = fail('no such bucket');
    expect(await engine.run([show.goal({})])).toBe('failed');
    expect((await engine.last())?.reason).toContain('no such bucket');
    held.beforeList = undefined;
    expect(await names()).toEqual(Object.keys(TEN));
  });

  it('is given what the one before remembered, also by another process', async () => {
    const { held, show, names } = newWorld();
    await names();
    expect(held.counts.digests).toBe(10);
    await names();
    const other = engineFor([...held.source.tasks, show]);
    held.content.set('p3', 'other');
    held.content.delete('p4');
    await other.runAndCount([show.goal({})]);
    expect(held.counts.digests).toBe(11);
    const third = engineFor([...held.source.tasks, show]);
    await third.runAndCount([show.goal({})]);
    expect(held.counts.digests).toBe(11);
    const remembered = await bench.database.query('select 1 from source_memos where source = $1', [held.source.name]);
    expect(remembered).toHaveLength(9);
  });

  it('that fails for a passing reason is made again', async () => {
    const { held, engine, show } = newWorld();
    held.beforeList = () => {
      held.beforeList = undefined;
      throw Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
    };
    expect(await engine.runAndCount([show.goal({})])).toMatchObject({ [show.name]: 1 });
    expect(held.counts.lists).toBe(2);
  });

  it.each([
    ['a digest that is none', [{ name: 'a', digest: 'abc' }], 'expected the SHA-256'],
    [
      'a name twice',
      [
        { name: 'a', digest: 'a'.repeat(64) },
        { name: 'a', digest: 'b'.repeat(64) },
      ],
      'twice',
    ],
    ['no name', [{ name: '', digest: 'a'.repeat(64) }], 'without a name'],
    ['a name no database can hold', [{ name: 'a\0', digest: 'a'.repeat(64) }], 'U+0000'],
  ])('with %s is refused whole', async (_, partitions, message) => {
    const { held } = newWorld();
    const broken = { ...held.source, list: async () => partitions };
    const tasks = held.source.tasks.map((task) => ({
      ...task,
      ...(task.source === undefined ? {} : { source: { ...task.source, reader: broken } }),
    }));
    const engine = engineFor(tasks);
    expect(await engine.run([held.source.partitions()])).toBe('failed');
    expect((await engine.last())?.reason).toContain(message);
  });

  it('that began before another was recorded does not replace it', async () => {
    const { held, show, name } = newWorld();
    const slow = engineFor([...held.source.tasks, show]);
    const quick = engineFor([...held.source.tasks, show]);
    const gate = createGate();
    let before: readonly string[] = [];
    held.beforeList = gate.pass;
    const started = await slow.start([show.goal({})]);
    await gate.reached();
    held.beforeList = undefined;
    held.content.set('p-new', 'new');
    await quick.runAndCount([show.goal({})]);
    // What the slow one says in the end is what was there when it began.
    before = Object.keys(TEN);
    const newer = new Map(held.content);
    held.content.clear();
    for (const partition of before) held.content.set(partition, TEN[partition] ?? '');
    gate.open();
    expect(await slow.engine.finished(started)).toBe('succeeded');
    expect((await slow.outputs(show.goal({}))).names).toEqual([...newer.keys()].sort());
    expect(await listStale(bench.database, { source: name })).toEqual([]);
  });
});

describe('a removal of more than a fifth', () => {
  const removeThree = ({ content }: MemorySource): void => {
    for (const name of ['p1', 'p2', 'p3']) content.delete(name);
  };

  it('waits: what is gone stays as it was last seen, what came or changed is taken', async () => {
    const { held, engine, names, name } = newWorld();
    await names();
    removeThree(held);
    held.content.set('p0', 'changed');
    held.content.set('q', 'new');
    expect(await names()).toEqual([...Object.keys(TEN), 'q']);
    expect(await warningOf(engine)).toContain('3 of 10 partitions ("p1", "p2", "p3")');
    expect(await listStale(bench.database, { source: name })).toEqual([]);
    expect(await listRemovals(bench.database, { source: name })).toMatchObject([
      { names: ['p1', 'p2', 'p3'], partitionCount: 10, state: 'waiting', actor: null },
    ]);
    expect(await names()).toEqual([...Object.keys(TEN), 'q']);
    expect(await warningOf(engine)).toContain('no longer shows 3');
    await engine.runAndCount([held.source.partition({ name: 'p0' })]);
    expect(held.counts.reads).toBe(1);
  });

  it('counts once somebody confirmed it, on record', async () => {
    const { held, engine, names, name } = newWorld();
    await names();
    removeThree(held);
    await names();
    const [waiting] = await listRemovals(bench.database, { state: 'waiting', source: name });
    const request = { id: waiting?.id ?? '', actor: 'ada', reason: 'they moved away' };
    expect(await confirmRemoval(bench.database, request)).toMatchObject({ state: 'confirmed', actor: 'ada' });
    expect((await listStale(bench.database, { source: name })).map(({ partition }) => partition).sort()).toEqual([
      ...['p1', 'p2', 'p3'],
    ]);
    expect(await names()).toEqual(['p0', 'p4', 'p5', 'p6', 'p7', 'p8', 'p9']);
    expect(await warningOf(engine)).toBeNull();
    expect(await listRemovals(bench.database, { source: name })).toMatchObject([
      { state: 'confirmed', actor: 'ada', reason: 'they moved away', decidedAt: expect.any(Date) },
    ]);
    await expect(confirmRemoval(bench.database, request)).rejects.toThrow(
      'is not waiting for confirmation: it is confirmed',
    );
    await expect(confirmRemoval(bench.database, { ...request, id: 'x' })).rejects.toThrow('There is no removal "x"');
  });

  it('is withdrawn when the partitions are back, and another takes its place when others lack', async () => {
    const { held, names, name } = newWorld();
    await names();
    removeThree(held);
    await names();
    held.content.delete('p4');
    await names();
    expect(
      (await listRemovals(bench.database, { source: name })).map(({ state, names: gone }) => [state, gone]),
    ).toEqual([
      ['waiting', ['p1', 'p2', 'p3', 'p4']],
      ['withdrawn', ['p1', 'p2', 'p3']],
    ]);
    for (const [partition, content] of Object.entries(TEN)) held.content.set(partition, content);
    expect(await names()).toEqual(Object.keys(TEN));
    expect(await listRemovals(bench.database, { state: 'waiting', source: name })).toEqual([]);
  });

  it('of everything waits whatever the source allows', async () => {
    const held = createMemorySource(`source${++count}`, { a: 'a' }, { removalShareMax: 1 });
    const engine = engineFor(held.source.tasks);
    await engine.runAndCount([held.source.partitions()]);
    held.content.clear();
    await engine.runAndCount([held.source.partitions()]);
    expect((await engine.outputs(held.source.partitions())).names).toEqual(['a']);
    held.content.set('b', 'b');
    await engine.runAndCount([held.source.partitions()]);
    expect((await engine.outputs(held.source.partitions())).names).toEqual(['b']);
  });
});
