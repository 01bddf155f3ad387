import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { category, checkFile, defineContract, integer, number, withoutRoles } from '#contracts';
import type { Pipeline } from '#engine';
import { type FeedOptions, feedPipeline, feedRegistry, feedTasks, fromFiles } from '#pipelines';
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
  const build = (change: Partial<FeedOptions> = {}, now?: () => Date) => {
    const options: FeedOptions = {
      ...{ contract: parcels, file: source(), files: FILES, corruptFiles: 0, corruptRows: 0.5, backlogMax: 5 },
      ...{ labelsAfterMinutes: 0, labelsFolder: world.folders.labels },
      example: { stateFolder: world.folder, projectFolder: world.folder, training: [] },
      ...{
        partsFolder: path.join(world.folder, 'feed'),
        rawFolder: world.folders.raw,
        duckdb: world.duckdb,
        ...change,
      },
    };
    const tasks = feedTasks(options);
    const pipeline = feedPipeline(options, tasks);
    const engine = world.engine({
      tasks: feedRegistry(tasks),
      pipelines: [now === undefined ? pipeline : at(pipeline, now)],
    });
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

  it.each([
    ['a file that training reads', { training: [fromFiles('parcels.csv')] }],
    ['a file of a folder that training reads', { training: [fromFiles('.')] }],
    ['a file outside of the state folder', { stateFolder: 'state' }],
  ])('injects no errors into parts of %s, unless the settings say so', async (_, change) => {
    const example = { stateFolder: world.folder, projectFolder: world.folder, training: [], ...change };
    const { engine } = build({ corruptFiles: undefined, corruptRows: 1, files: 1, example });
    const whole = await readFile(source(), 'utf8');
    for (let run = 0; run < 2; run += 1) {
      const { runId } = await engine.start({ pipeline: 'feed', trigger: 'start' });
      expect(await engine.finished(runId)).toBe('succeeded');
    }
    expect((await fed()).filter((text) => text !== whole)).toEqual([]);
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

  it('keeps the labels of a file back until they are due, and lets them arrive once', async () => {
    const contract = defineContract({
      name: 'parcels',
      columns: { id: integer({ role: 'id' }), weight: number(), outcome: category(['kept'], { role: 'label' }) },
    });
    await writeFile(source(), 'id,weight,outcome\n1,2,kept\n2,3,kept\n');
    let atMs = 0;
    const { feed } = build({ contract, files: 1, labelsAfterMinutes: 3 }, () => new Date(atMs));
    await feed();
    expect(await fed()).toEqual(['id,weight\n1,2\n2,3\n']);
    atMs = 3 * 60_000 - 1;
    await feed();
    expect(await world.list('labels')).toEqual([]);
    atMs += 1;
    await feed();
    const [name = '', ...others] = await world.list('labels');
    expect(others).toEqual([]);
    expect(await world.read('labels', name)).toBe('id,outcome\n1,kept\n2,kept\n');
    await rm(path.join(world.folders.labels, name));
    await feed();
    expect(await world.list('labels')).toEqual([]);
  });

  it('damages parts and keeps labels back in the form that the contract says files are written in', async () => {
    const contract = defineContract({
      name: 'parcels',
      columns: {
        id: integer({ role: 'id' }),
        weight: number({ max: 10 }),
        outcome: category(['behalten'], { role: 'label' }),
      },
      format: { delimiter: ';', decimal: ',', skipLines: 1, encoding: 'windows-1252', hasTrailingDelimiter: true },
    });
    await writeFile(source(), Buffer.from('Größe\nid;weight;outcome;\n1;2,5;behalten;\n2;3;behalten;\n', 'latin1'));
    const { feed } = build({ contract, files: 1, labelsAfterMinutes: 3, corruptFiles: 1, corruptRows: 1 });
    await feed();
    const [rows = ''] = await fed();
    const [name = ''] = await world.list('raw');
    const { result } = await checkFile({
      path: path.join(world.folders.raw, name),
      contract: withoutRoles(contract, ['label']),
      ...{ folder: path.join(world.folder, 'checked'), duckdb: world.duckdb },
    });
    expect(rows).toMatch(/^\ufeff.*\nid;weight;\n/);
    expect(result.rows).toMatchObject({ in: 2, good: 0 });
    const [waiting = ''] = await readdir(path.join(world.folder, 'feed', 'labels'));
    expect(await readFile(path.join(world.folder, 'feed', 'labels', waiting), 'utf8')).toBe(
      '\ufeff\nid;outcome;\n1;behalten;\n2;behalten;\n',
    );
  });

  it('says what it expected when there is no file to feed', async () => {
    await rm(source());
    expect(await build().feed()).toMatchObject({ state: 'failed', reason: expect.stringContaining('parcels.csv') });
    await mkdir(source());
    expect(await build().feed()).toMatchObject({ state: 'failed' });
    await rm(source(), { recursive: true });
  });
});

/** The pipeline over another clock. */
const at = (pipeline: Pipeline, now: () => Date): Pipeline => ({
  ...pipeline,
  plan: (request) => pipeline.plan({ ...request, at: now() }),
});
