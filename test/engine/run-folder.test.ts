import { mkdir, readdir, readFile, readlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeRunFolder } from '../../src/engine/drive/run-folder.ts';
import * as fixtures from './fixtures/tasks.ts';
import { createTestEngine, createWorkbench, inlineOn, type TestEngine, type Workbench } from './fixtures/workbench.ts';

let bench: Workbench;
let engine: TestEngine;
let runsFolder: string;
beforeAll(async () => {
  bench = await createWorkbench();
  runsFolder = path.join(bench.folder, 'runs');
  engine = createTestEngine(bench, { executor: inlineOn(bench), runsFolder });
});
afterAll(async () => {
  await engine.close();
  await bench.close();
});

describe('the folder of a run', () => {
  it('has each task run with its log, its values and links to what it made, once the run is settled', async () => {
    const placed = path.join(bench.folder, 'placed.txt');
    const id = await engine.start([
      fixtures.measureText.goal({ letter: 'r', length: 6_000 }),
      fixtures.placeFile.goal({ path: placed, text: 'for people' }),
      fixtures.add.goal({ a: 1, b: 2 }),
      fixtures.add.goal({ a: 3, b: 4 }),
      fixtures.fail.goal({ class: 'user', note: 'looked at' }),
    ]);
    expect(await engine.engine.finished(id)).toBe('failed');
    const folder = path.join(runsFolder, id);
    const names = (await readdir(folder)).sort();
    expect(names.map((name) => name.replace(/-[0-9a-f]{12}$/, ''))).toEqual([
      'add',
      'add',
      'fail',
      'make-text',
      'measure-text',
      'place-file',
    ]);
    const read = (...parts: readonly string[]) => readFile(path.join(folder, ...parts), 'utf8');
    expect(await read('make-text', 'bytes')).toBe('r'.repeat(6_000));
    expect(JSON.parse(await read('make-text', 'text.json'))).toBe('r'.repeat(6_000));
    expect(JSON.parse(await read('measure-text', 'lengths.json'))).toEqual([6_000, 6_000, 6_000]);
    expect(await readlink(path.join(folder, 'place-file', 'placed'))).toBe(placed);
    expect(await read(names[0] ?? '', 'log.txt')).toMatch(/^adding \d and \d\n$/);
    expect(JSON.parse(await read('fail', 'task-run.json'))).toMatchObject({
      ...{ task: 'fail', state: 'failed', params: { class: 'user', note: 'looked at' } },
      reason: 'no such thing: looked at',
    });
  });

  it('replaces what was left half written, and those of forgotten runs go', async () => {
    const options = { database: bench.database, artifacts: bench.artifacts, folder: path.join(bench.folder, 'others') };
    const id = await engine.start([fixtures.add.goal({ a: 5, b: 6 })]);
    await engine.engine.finished(id);
    await mkdir(path.join(options.folder, `.writing-${id}`, 'old'), { recursive: true });
    await mkdir(path.join(options.folder, id));
    await writeFile(path.join(options.folder, id, 'old'), '');
    for (let forgotten = 0; forgotten < 101; forgotten++)
      await mkdir(path.join(options.folder, `${900_000 + forgotten}`));
    await writeRunFolder(id, options);
    expect(await readdir(options.folder)).toEqual([id]);
    expect(await readdir(path.join(options.folder, id))).toEqual(['add']);
  });

  it("is nobody's failure when it cannot be written", async () => {
    const file = path.join(bench.folder, 'no-folder');
    await writeFile(file, '');
    const warnings: string[] = [];
    const effects = { warn: (message: string) => void warnings.push(message) };
    const other = createTestEngine(bench, { executor: inlineOn(bench), runsFolder: file, effects });
    expect(await other.run([fixtures.add.goal({ a: 7, b: 8 })])).toBe('succeeded');
    await other.close();
    expect(warnings).toEqual([expect.stringContaining('could not be written')]);
  });
});
