import { once } from 'node:events';
import { watch } from 'node:fs';
import { access, mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { forkProgram } from '../../programs/programs.ts';
import { collectOn } from '../cleanup/collecting.ts';
import * as fixtures from '../fixtures/tasks.ts';
import { createTestEngine, createWorkbench, inlineOn, type Workbench } from '../fixtures/workbench.ts';

describe('what dead runs leave on disk', () => {
  let bench: Workbench;
  beforeAll(async () => {
    bench = await createWorkbench();
    await mkdir(path.join(bench.folder, 'placed'));
  });
  afterAll(() => bench.close());

  /** The content of a file as soon as it has its name. */
  const until = (file: string): Promise<string> =>
    new Promise((resolve) => {
      const look = (): void => {
        readFile(file, 'utf8').then(
          (text) => {
            watcher.close();
            resolve(text);
          },
          () => undefined,
        );
      };
      const watcher = watch(path.dirname(file), look);
      look();
    });
  const placedFiles = async (): Promise<readonly string[]> => readdir(path.join(bench.folder, 'placed'));
  const place = (name: string): string => path.join(bench.folder, 'placed', name);

  it('17. staged files and private folders of dead runs are collected, those of live runs are not, and what nobody announced goes by age', async () => {
    const live = createTestEngine(bench, { executor: inlineOn(bench) });
    const liveStarted = path.join(bench.folder, 'live-started');
    const runId = await live.start([fixtures.stageAndHang.goal({ place: place('live.txt'), started: liveStarted })]);
    const liveFolder = await until(liveStarted);
    const deadStarted = path.join(bench.folder, 'dead-started');
    const child = forkProgram('staging-engine', [bench.database.url, bench.folder, place('dead.txt'), deadStarted]);
    const gone = once(child, 'exit').then(([code]) => Promise.reject(new Error(`The engine ended with code ${code}.`)));
    const deadFolder = await Promise.race([until(deadStarted), gone]);
    gone.catch(() => undefined);
    await writeFile(place('.young.txt.0123456789ab.weir-tmp'), 'by somebody unknown');
    await writeFile(place('.old.txt.0123456789ab.weir-tmp'), 'by somebody unknown');
    await utimes(place('.old.txt.0123456789ab.weir-tmp'), 1_000, 1_000);
    const folders = { attempts: path.join(bench.folder, 'attempts'), placed: [path.join(bench.folder, 'placed')] };
    const stagedOf = async (name: string) =>
      (await placedFiles()).filter((each) => each.startsWith(`.${name}.`)).length;

    const whileItLives = await collectOn(bench, { folders, graceMs: 3_600_000 });
    expect(whileItLives.removed).toMatchObject({ 'staged-file': { count: 1 }, 'attempt-folder': { count: 0 } });
    expect([await stagedOf('dead.txt'), await stagedOf('live.txt'), await stagedOf('old.txt')]).toEqual([1, 1, 0]);

    child.kill('SIGKILL');
    await once(child, 'exit');
    const { removed } = await collectOn(bench, { folders, graceMs: 3_600_000 });
    expect(removed).toMatchObject({ 'staged-file': { count: 1 }, 'attempt-folder': { count: 1 } });
    expect([await stagedOf('dead.txt'), await stagedOf('live.txt'), await stagedOf('young.txt')]).toEqual([0, 1, 1]);
    await expect(access(deadFolder)).rejects.toThrow('ENOENT');
    await access(liveFolder);
    await live.engine.cancel(runId, 'the test is over');
    await live.engine.finished(runId);
    expect(await stagedOf('live.txt')).toBe(0);
    await live.close();
  });
});
