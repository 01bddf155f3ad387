import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineTask, listPins, listStale, type Task, value } from '#engine';
import { createFilesWorld } from '../fixtures/files.ts';
import { createGate } from '../fixtures/gate.ts';
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

const engineFor = (tasks: readonly Task[]): ObservedEngine => {
  const engine = createObservedEngine(bench, tasks);
  engines.push(engine);
  return engine;
};

describe('sources that come and go', () => {
  it('42. a source file is removed: what names it is stale, aggregates are made without it; it returns: no mark, results re-used; unmounted: nothing changes', async () => {
    const world = await createFilesWorld(bench.folder);
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'];
    for (const name of names) await world.write(name, `${name} is here`);
    const engine = engineFor(world.tasks);
    const everything = [world.countAll.goal({})];
    await engine.runAndCount(everything);
    expect(await engine.outputs(world.countAll.goal({}))).toEqual({ words: 30, files: 10 });

    await world.remove('c');
    expect(await engine.runAndCount(everything)).toEqual({ 'notes-partitions': 1, 'count-all-notes': 1 });
    expect(await engine.outputs(world.countAll.goal({}))).toEqual({ words: 27, files: 9 });
    const stale = await listStale(bench.database);
    expect(stale.map(({ task, params }) => [task, params]).sort()).toEqual([
      ['count-notes', { name: 'c' }],
      ['notes-partition', { name: 'c' }],
    ]);
    expect(stale.map(({ reason }) => reason).sort()).toEqual([
      'It is made from partition "c" of source notes, which was removed.',
      'Partition "c" of source notes was removed.',
    ]);
    expect(await engine.run([world.countWords.goal({ name: 'c' })])).toBe('failed');
    expect((await engine.last())?.reason).toContain('was removed');

    await world.write('c', 'c is here');
    expect(await engine.runAndCount(everything)).toEqual({});
    expect(await engine.outputs(world.countAll.goal({}))).toEqual({ words: 30, files: 10 });
    expect(await listStale(bench.database)).toEqual([]);

    const mounted = path.join(bench.folder, 'notes');
    const away = path.join(bench.folder, 'away');
    await rename(mounted, away);
    expect(await engine.runAndCount(everything)).toEqual({});
    await mkdir(mounted);
    expect(await engine.runAndCount(everything)).toEqual({});
    expect(await listPins(bench.database, (await engine.last())?.id ?? '')).toMatchObject([
      { source: 'notes', warning: expect.stringContaining('no longer shows 10') },
    ]);
    expect(await engine.outputs(world.countAll.goal({}))).toEqual({ words: 30, files: 10 });
    expect(await listStale(bench.database)).toEqual([]);
    await rm(mounted, { recursive: true });
    await rename(away, mounted);
    expect(await engine.runAndCount(everything)).toEqual({});
    expect((await listPins(bench.database, (await engine.last())?.id ?? ''))[0]?.warning).toBeNull();
  });

  it('43. a consumer that started before its producer finished again, and ended after it, is made anew by the next run', async () => {
    const world = await createFilesWorld(bench.folder, { name: 'drafts' });
    const gate = createGate();
    const consume = defineTask({
      name: 'consume',
      version: '1',
      params: z.object({}),
      inputs: () => ({ produced: world.countWords.goal({ name: 'a' }) as ReturnType<typeof world.countWords.goal> }),
      outputs: { seen: value<number>() },
      run: async ({ inputs }) => {
        // The fixture's goals have lost the types of their outputs.
        const seen = (inputs.produced as { readonly words: number }).words;
        await gate.pass();
        return { seen };
      },
    });
    await world.write('a', 'one');
    const engine = engineFor([...world.tasks, consume as unknown as Task]);
    const early = await engine.start([consume.goal({})]);
    await gate.reached();
    await world.write('a', 'one two');
    const producer = await engine.start([world.countWords.goal({ name: 'a' })]);
    expect(await engine.engine.finished(producer)).toBe('succeeded');
    expect(await engine.executed()).toMatchObject({ 'count-drafts': 1 });
    gate.open();
    expect(await engine.engine.finished(early)).toBe('succeeded');
    // By the clock the consumer is younger than its producer; by what it read it is older.
    expect(await engine.runAndCount([consume.goal({})])).toEqual({ consume: 1 });
    expect(await engine.outputs(consume.goal({}))).toEqual({ seen: 2 });
    await world.write('a', 'one');
    expect(await engine.runAndCount([consume.goal({})])).toEqual({});
    expect(await engine.outputs(consume.goal({}))).toEqual({ seen: 1 });
  });
});
