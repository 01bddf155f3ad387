import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type AnyTask, type BlobInput, defineTask, listRunListings, value } from '#engine';
import { createGate } from '../fixtures/gate.ts';
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

const engineFor = (
  tasks: readonly AnyTask[],
  options: Parameters<typeof createObservedEngine>[2] = {},
): ObservedEngine => {
  const engine = createObservedEngine(bench, tasks, options);
  engines.push(engine);
  return engine;
};
const textOf = async (content: BlobInput): Promise<string> => Buffer.from(await content.bytes()).toString();

let count = 0;
function newWorld(content: Readonly<Record<string, string>>) {
  const n = ++count;
  const held = createMemorySource(`pinned${n}`, content);
  const gate = createGate();
  /** Reads the listing too: once it runs, its run has seen the source. */
  const slow = defineTask({
    name: `slow${n}`,
    version: '1',
    params: z.object({}),
    inputs: () => ({ listing: held.source.partitions() }),
    outputs: { nothing: value<null>() },
    run: async () => {
      await gate.pass();
      return { nothing: null };
    },
  });
  /** Reads the source once the slow task is over: late in its run. */
  const late = defineTask({
    name: `late${n}`,
    version: '1',
    params: z.object({}),
    inputs: () => ({ slow: slow.goal({}), listing: held.source.partitions() }),
    outputs: { texts: value<readonly string[]>() },
    run: async ({ inputs, need }) => {
      const texts: string[] = [];
      for (const name of inputs.listing.names)
        texts.push(await textOf((await need(held.source.partition({ name }))).content));
      return { texts };
    },
  });
  const tasks = [...held.source.tasks, slow, late];
  return { held, gate, late, tasks };
}

// Pauses are over at once; what is far away stays there.
const soon = (delayMs: number, callback: () => void): (() => void) => {
  const timer = delayMs > 10_000 || delayMs === 5_000 ? undefined : setImmediate(callback);
  return () => clearImmediate(timer);
};

describe('the listing of a run', () => {
  it('is what it sees until its end, whatever comes meanwhile', async () => {
    const { held, gate, late, tasks } = newWorld({ a: '1', b: '2' });
    const engine = engineFor(tasks);
    // Their bytes are kept, so the run can read what the source no longer has.
    await engine.runAndCount(['a', 'b'].map((name) => held.source.partition({ name })));
    const early = await engine.start([late.goal({})]);
    await gate.reached();
    held.content.set('b', '22');
    held.content.set('c', '3');
    gate.open();
    expect(await engine.engine.finished(early)).toBe('succeeded');
    expect(await engine.outputs(late.goal({}))).toEqual({ texts: ['1', '2'] });
    await engine.runAndCount([late.goal({})]);
    expect(await engine.outputs(late.goal({}))).toEqual({ texts: ['1', '22', '3'] });
  });

  it('is kept by a run that continues in another process', async () => {
    const { held, gate, late, tasks } = newWorld({ a: '1', b: '2' });
    const first = engineFor(tasks);
    await first.runAndCount(['a', 'b'].map((name) => held.source.partition({ name })));
    const run = await first.start([late.goal({})]);
    await gate.reached();
    const listings = await listRunListings(bench.database, run);
    await first.engine.close(0);
    held.content.set('b', '22');
    held.content.set('c', '3');
    gate.open();
    const lists = held.counts.lists;
    const second = engineFor(tasks, { isSoleOwner: true });
    await second.engine.recover();
    expect(await second.engine.finished(run)).toBe('succeeded');
    expect(held.counts.lists).toBe(lists);
    expect(await listRunListings(bench.database, run)).toEqual(listings);
    const [made] = await bench.database.query('select outputs->$1->$2 as texts from manifests where task = $3', [
      'texts',
      'value',
      late.goal({}).task,
    ]);
    expect(made).toEqual({ texts: ['1', '2'] });
  });

  it('refuses bytes other than those it names: the attempt fails, and nothing is kept', async () => {
    const { held, tasks } = newWorld({ a: '1' });
    const engine = engineFor(tasks, { effects: { after: soon } });
    held.beforeRead = () => void held.content.set('a', '2');
    expect(await engine.run([held.source.partition({ name: 'a' })])).toBe('failed');
    const run = await engine.last();
    expect(run?.reason).toContain('changed while it was read');
    expect(run?.taskRuns[0]?.attempts.map(({ outcome, error }) => [outcome, error?.class])).toEqual(
      Array(3).fill(['failed', 'infrastructure']),
    );
    expect(
      await bench.database.query('select 1 from manifests where task = $1', [`${held.source.name}-partition`]),
    ).toEqual([]);
    held.beforeRead = undefined;
    await engine.runAndCount([held.source.partition({ name: 'a' })]);
    const [row] = await bench.database.query<{ digest: string }>(
      'select outputs->$1->>$2 as digest from manifests where task = $3',
      ['content', 'digest', `${held.source.name}-partition`],
    );
    expect(await bench.artifacts.stat(row?.digest ?? '')).toMatchObject({ sizeBytes: 1 });
  });

  it('refuses a partition that is gone before it was read', async () => {
    const { held, tasks } = newWorld({ a: '1', b: '2' });
    const engine = engineFor(tasks, { effects: { after: soon } });
    held.beforeRead = () => void held.content.delete('a');
    expect(await engine.run([held.source.partition({ name: 'a' })])).toBe('failed');
    expect((await engine.last())?.reason).toContain('there is no a any more');
  });

  it('holds content that comes in pieces and is larger than a value', async () => {
    const { held, tasks } = newWorld({ big: 'x'.repeat(300_000) });
    const engine = engineFor(tasks);
    await engine.runAndCount([held.source.partition({ name: 'big' })]);
    expect(held.counts.reads).toBe(1);
  });

  it('holds a listing that is larger than a value', async () => {
    const names = Array.from({ length: 1_000 }, (_, index) => `partition-${String(index).padStart(4, '0')}`);
    const { held, tasks } = newWorld(Object.fromEntries(names.map((name) => [name, name])));
    const total = defineTask({
      name: `total${count}`,
      version: '1',
      params: z.object({}),
      inputs: () => ({ listing: held.source.partitions() }),
      outputs: { count: value<number>() },
      run: async ({ inputs }) => ({ count: inputs.listing.names.length }),
    });
    const engine = engineFor([...tasks, total]);
    await engine.runAndCount([total.goal({})]);
    expect(await engine.outputs(total.goal({}))).toEqual({ count: 1_000 });
    expect(await engine.runAndCount([total.goal({})])).toEqual({});
  });
});
