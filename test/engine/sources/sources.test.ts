import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { listRunListings, listStale } from '#engine';
import { createFilesWorld, type FilesWorld } from '../fixtures/files.ts';
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

let worlds = 0;
async function newWorld(
  names: readonly string[],
): Promise<{ readonly world: FilesWorld; readonly engine: ObservedEngine; readonly name: string }> {
  const name = `notes${++worlds}`;
  const world = await createFilesWorld(bench.folder, { name });
  for (const file of names) await world.write(file, `${file} has four words`);
  const engine = createObservedEngine(bench, world.tasks);
  engines.push(engine);
  return { world, engine, name };
}

describe('a source', () => {
  it('gives its partitions as inputs, each read once', async () => {
    const { world, engine, name } = await newWorld(['a', 'b', 'c']);
    expect(await engine.runAndCount([world.countAll.goal({})])).toEqual({
      [`${name}-partitions`]: 1,
      [`${name}-partition`]: 3,
      [`count-${name}`]: 3,
      [`count-all-${name}`]: 1,
    });
    expect(await engine.outputs(world.countAll.goal({}))).toEqual({ words: 12, files: 3 });
    expect(await engine.runAndCount([world.countAll.goal({})])).toEqual({});
  });

  it('is computed again where it changed, and only there', async () => {
    const { world, engine, name } = await newWorld(['a', 'b', 'c']);
    await engine.run([world.countAll.goal({})]);
    await world.write('b', 'only these');
    expect(await engine.runAndCount([world.countAll.goal({})])).toEqual({
      [`${name}-partition`]: 1,
      [`count-${name}`]: 1,
      [`count-all-${name}`]: 1,
    });
    expect(await engine.outputs(world.countAll.goal({}))).toEqual({ words: 10, files: 3 });
    await world.write('b', 'b has four words');
    expect(await engine.runAndCount([world.countAll.goal({})])).toEqual({});
    expect(await engine.outputs(world.countAll.goal({}))).toEqual({ words: 12, files: 3 });
    await world.write('b', 'words of equal number');
    expect(await engine.runAndCount([world.countAll.goal({})])).toEqual({
      [`${name}-partition`]: 1,
      [`count-${name}`]: 1,
    });
  });

  it('refuses a partition that never was', async () => {
    const { world, engine } = await newWorld(['a']);
    expect(await engine.run([world.countWords.goal({ name: 'nobody' })])).toBe('failed');
    expect((await engine.last())?.reason).toContain('never was');
    expect(await listStale(bench.database, { source: world.source.name })).toEqual([]);
  });

  it('records what a run saw', async () => {
    const { world, engine, name } = await newWorld(['a']);
    await engine.run([world.countAll.goal({})]);
    const first = await engine.last();
    await writeFile(path.join(bench.folder, name, 'ignored.csv'), 'no text');
    await engine.run([world.countAll.goal({})]);
    const listings = [
      await listRunListings(bench.database, first?.id ?? ''),
      await listRunListings(bench.database, (await engine.last())?.id ?? ''),
    ];
    expect(listings[0]).toEqual(listings[1]);
    expect(listings[0]).toEqual([{ source: name, listing: expect.stringMatching(/^\d+$/), warning: null }]);
  });
});
