import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type AnyTask, defineTask, listRunListings, listStale, pinVersion, value } from '#engine';
import type { ArtifactDriver } from '#store';
import { blobsOf, collectOn, itemsOf } from '../cleanup/collecting.ts';
import { createFilesWorld } from '../fixtures/files.ts';
import { createGate } from '../fixtures/gate.ts';
import { createObservedEngine, type ObservedEngine } from '../fixtures/observed-engine.ts';
import { tasks as allTasks, hang, makeText } from '../fixtures/tasks.ts';
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

const engineFor = (tasks: readonly AnyTask[]): ObservedEngine => {
  const engine = createObservedEngine(bench, tasks);
  engines.push(engine);
  return engine;
};

/** A driver whose methods are its own, so that one can be replaced. */
const methodsOf = (artifacts: ArtifactDriver): ArtifactDriver => ({
  name: artifacts.name,
  put: (content) => artifacts.put(content),
  putFile: (file) => artifacts.putFile(file),
  stat: (digest) => artifacts.stat(digest),
  read: (digest) => artifacts.read(digest),
  localPath: (digest) => artifacts.localPath(digest),
  delete: (digest) => artifacts.delete(digest),
  list: () => artifacts.list(),
});

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
    expect(await listRunListings(bench.database, (await engine.last())?.id ?? '')).toMatchObject([
      { source: 'notes', warning: expect.stringContaining('no longer shows 10') },
    ]);
    expect(await engine.outputs(world.countAll.goal({}))).toEqual({ words: 30, files: 10 });
    expect(await listStale(bench.database)).toEqual([]);
    await rm(mounted, { recursive: true });
    await rename(away, mounted);
    expect(await engine.runAndCount(everything)).toEqual({});
    expect((await listRunListings(bench.database, (await engine.last())?.id ?? ''))[0]?.warning).toBeNull();
  });

  it('43. a consumer that started before its producer finished again, and ended after it, is made again by the next run', async () => {
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
    const engine = engineFor([...world.tasks, consume]);
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

describe('collections', () => {
  it('42. what a removed file made is collected after the grace, and made again when the file returns', async () => {
    const world = await createFilesWorld(bench.folder, { name: 'letters' });
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'];
    for (const name of names) await world.write(name, `${name} is here`);
    const { tasks } = world;
    const engine = engineFor(tasks);
    const everything = [world.countAll.goal({})];
    await engine.runAndCount(everything);
    await world.remove('c');
    await engine.runAndCount(everything);
    const options = { tasks, supersededDaysMax: 365 };
    expect((await collectOn(bench, { ...options, graceMs: 3_600_000 })).planned.version.count).toBe(0);
    const { removed } = await collectOn(bench, options);
    expect(removed.version.count).toBe(2);
    expect(await engine.runAndCount(everything)).toEqual({});
    await world.write('c', 'c is here');
    // The aggregate over all ten was kept; it answers by its key as soon as its part is there again.
    expect(await engine.runAndCount(everything)).toEqual({ 'letters-partition': 1, 'count-letters': 1 });
    expect(await engine.outputs(world.countAll.goal({}))).toEqual({ words: 30, files: 10 });
  });

  it('44. a dry run says what the real one removes; roots, live runs and pins keep theirs; interrupted, it goes on', async () => {
    const text = (letter: string) => makeText.goal({ letter, length: 6_000 });
    const engine = engineFor(allTasks);
    for (const letter of ['p', 'q', 'r', 's']) await engine.run([text(letter)]);
    const versionOf = async (letter: string): Promise<{ readonly version: string; readonly digest: string }> => {
      const [row] = await bench.database.query<{ version: string; digest: string }>(
        `select version::text, outputs -> 'bytes' ->> 'digest' as digest from manifests where params ->> 'letter' = $1`,
        [letter],
      );
      return { version: row?.version ?? '', digest: row?.digest ?? '' };
    };
    const [registered, running, pinned, free] = [
      await versionOf('p'),
      await versionOf('q'),
      await versionOf('r'),
      await versionOf('s'),
    ];
    await pinVersion(bench.database, pinned.version, { actor: 'ann', reason: 'read as of May' });
    const roots = [
      {
        name: 'the model registry',
        keeps: async (_: unknown, asked: readonly string[]) => asked.filter((each) => each === registered.digest),
      },
    ];
    const live = await engine.start([text('q'), hang.goal({ note: 'keeps the run alive', started: '' })]);
    // The live run holds back bytes as young as its attempt, so they are looked at as if it were tomorrow.
    const effects = { now: () => new Date(Date.now() + 24 * 3_600_000) };
    const options = { tasks: allTasks, roots, unusedDaysMax: 0, effects };
    const dry = await collectOn(bench, { ...options, isDryRun: true });
    const killed: typeof bench.artifacts = {
      ...methodsOf(bench.artifacts),
      delete: async () => {
        throw new Error('killed');
      },
    };
    await expect(collectOn(bench, { ...options, artifacts: killed })).rejects.toThrow('killed');
    const after = await collectOn(bench, options);
    expect(after.hasResumed).toBe(true);
    const [interrupted] = await bench.database.query<{ id: string }>(
      'select id::text from collections where id < $1 and id <> $2 order by collections.id desc limit 1',
      [after.id, dry.id],
    );
    const told = async (id: string) => (await itemsOf(bench, id)).map(({ kind, name }) => `${kind} ${name}`);
    expect(await told(interrupted?.id ?? '')).toEqual(await told(dry.id));
    expect((await itemsOf(bench, interrupted?.id ?? '')).every(({ state }) => state === 'removed')).toBe(true);
    const stored = new Set(await blobsOf(bench));
    expect([registered, running, pinned, free].map(({ digest }) => stored.has(digest))).toEqual([
      true,
      true,
      true,
      false,
    ]);
    await engine.engine.cancel(live, 'the test is over');
  });
});
