import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FeedOptions, feedPipeline, feedRegistry, feedTask } from '#pipelines';
import { createWorld, HEADER, parcels, runOnce, type World } from '../world.ts';

const ROWS = 40;
const FILES = 4;

describe('feed', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld();
  });
  afterAll(() => world?.close());
  beforeEach(async () => {
    await world.clear();
    await rm(path.join(world.folder, 'feed'), { recursive: true, force: true });
    await writeSource(ROWS);
  });

  const source = () => path.join(world.folder, 'parcels.csv');
  const writeSource = (count: number): Promise<void> => {
    const rows = Array.from({ length: count }, (_, index) => `${index},${index % 50},small,true,`);
    return writeFile(source(), `${[HEADER, ...rows].join('\n')}\n`);
  };
  const build = (change: Partial<FeedOptions> = {}) => {
    const options: FeedOptions = {
      ...{ contract: parcels, file: source(), files: FILES, corruptFiles: 0, corruptRows: 0.5, backlogMax: 5 },
      ...{
        partsFolder: path.join(world.folder, 'feed'),
        rawFolder: world.folders.raw,
        duckdb: world.duckdb,
        ...change,
      },
    };
    const task = feedTask(options);
    const engine = world.engine({ tasks: feedRegistry(task), pipelines: [feedPipeline(options, task)] });
    return { engine, feed: () => runOnce(engine, world.database, 'feed') };
  };
  const fed = async () => {
    const names = await world.list('raw');
    return Promise.all(names.map((name) => readFile(path.join(world.folders.raw, name), 'utf8')));
  };

  it('puts one whole part into raw-data', async () => {
    expect(await build().feed()).toMatchObject({ state: 'succeeded' });
    const [text, ...others] = await fed();
    expect(others).toEqual([]);
    expect(text?.trimEnd().split('\n')).toHaveLength(1 + ROWS / FILES);
    expect(text).toContain(HEADER);
  });

  it('puts several at the start, though all of them find no parts yet', async () => {
    const { engine } = build();
    const { runId } = await engine.start({ pipeline: 'feed', trigger: 'start' });
    expect(await engine.finished(runId)).toBe('succeeded');
    const texts = await fed();
    expect(texts).toHaveLength(3);
    for (const text of texts) expect(text.trimEnd().split('\n')).toHaveLength(1 + ROWS / FILES);
  });

  it('puts errors into a part, and leaves the part as it was', async () => {
    expect(await build({ corruptFiles: 1 }).feed()).toMatchObject({ state: 'succeeded' });
    const [parts] = await readdir(path.join(world.folder, 'feed'));
    const folder = path.join(world.folder, 'feed', parts ?? '');
    const originals = await Promise.all(
      (await readdir(folder)).map((name) => readFile(path.join(folder, name), 'utf8')),
    );
    const [text, ...others] = await fed();
    expect(others).toEqual([]);
    expect(text).toBeDefined();
    expect(originals).not.toContain(text);
    expect(originals.join('').match(/small,true/g)).toHaveLength(ROWS);
  });

  it('is skipped while raw-data is full', async () => {
    const { feed } = build({ backlogMax: 1 });
    await feed();
    expect(await feed()).toMatchObject({ state: 'skipped', reason: 'raw-data holds 1 files already' });
  });

  it('cuts again when the file or the number of parts is another, or a death left only some parts', async () => {
    await build().feed();
    const [cut] = await readdir(path.join(world.folder, 'feed'));
    const folder = path.join(world.folder, 'feed', cut ?? '');
    for (const name of (await readdir(folder)).slice(1)) await rm(path.join(folder, name));
    await build().feed();
    expect(await readdir(folder)).toHaveLength(FILES);

    await writeSource(8);
    await world.clear();
    await build().feed();
    expect((await fed())[0]?.trimEnd().split('\n')).toHaveLength(1 + 8 / FILES);
    await world.clear();
    await build({ files: 8 }).feed();
    expect((await fed())[0]?.trimEnd().split('\n')).toHaveLength(2);
  });

  it('says what it expected when there is no file to feed', async () => {
    await rm(source());
    expect(await build().feed()).toMatchObject({ state: 'failed', reason: expect.stringContaining('parcels.csv') });
    await mkdir(source());
    expect(await build().feed()).toMatchObject({ state: 'failed' });
    await rm(source(), { recursive: true });
  });
});
