import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { processExecutor } from '#engine';
import { forkProgram } from '../programs/programs.ts';
import * as fixtures from './fixtures/tasks.ts';
import { createTestEngine, createWorkbench, processOn, type TestEngine, type Workbench } from './fixtures/workbench.ts';

interface Hanging {
  readonly pid: number;
  readonly grandchild: number;
  readonly folder: string;
}

let bench: Workbench;
let engine: TestEngine;
beforeAll(async () => {
  bench = await createWorkbench();
  engine = createTestEngine(bench, { executor: processOn(bench) });
});
afterAll(async () => {
  await engine.close();
  await bench.close();
});

const isAlive = (pid: number): boolean => {
  try {
    // A zombie has died; nobody has asked for it yet.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

async function startHanging(): Promise<{ readonly id: string; readonly hanging: Hanging }> {
  const started = path.join(bench.folder, randomUUID());
  const id = await engine.start([fixtures.hang.goal({ note: started, started })]);
  await expect.poll(() => existsSync(started)).toBe(true);
  return { id, hanging: JSON.parse(await readFile(started, 'utf8')) };
}

describe('attempts in processes', () => {
  it('run outside this process', async () => {
    const { id, hanging } = await startHanging();
    expect(hanging.pid).not.toBe(process.pid);
    expect([isAlive(hanging.pid), isAlive(hanging.grandchild)]).toEqual([true, true]);
    await engine.engine.cancel(id, 'seen');
    await engine.engine.finished(id);
  });

  it('end with their process tree and their folder when the run is cancelled', async () => {
    const { id, hanging } = await startHanging();
    await engine.engine.cancel(id, 'enough');
    expect(await engine.engine.finished(id)).toBe('cancelled');
    await expect.poll(() => [isAlive(hanging.pid), isAlive(hanging.grandchild)]).toEqual([false, false]);
    expect(existsSync(hanging.folder)).toBe(false);
    expect(await engine.states()).toEqual({ hang: 'cancelled' });
  });

  it('are retried after their process died, and what it started dies too', async () => {
    const file = path.join(bench.folder, 'deaths');
    expect(await engine.run([fixtures.die.goal({ file, deaths: 2 })])).toBe('succeeded');
    const run = await engine.last();
    expect(run?.taskRuns[0]?.attempts).toMatchObject([
      { outcome: 'failed', error: { class: 'infrastructure', message: expect.stringContaining('SIGKILL') } },
      { outcome: 'failed' },
      { outcome: 'succeeded' },
    ]);
  });

  it('fail their task run, and nothing else, when their process dies every time', async () => {
    const goals = [
      fixtures.die.goal({ file: path.join(bench.folder, 'more'), deaths: 99 }),
      fixtures.add.goal({ a: 9, b: 9 }),
    ];
    expect(await engine.run(goals)).toBe('failed');
    expect(await engine.states()).toEqual({ die: 'failed', add: 'succeeded' });
  });

  it('wait for needs without holding a slot', async () => {
    const executor = processOn(bench, 1);
    const small = createTestEngine(bench, { executor });
    expect(await small.run([fixtures.addAtRuntime.goal({ upTo: 2 })])).toBe('succeeded');
    await small.close();
  });

  it('are bounded while they wait: a deeper recursion ends with no more children than slots and the bound', async () => {
    const folder = path.join(bench.folder, 'alive');
    const journal = path.join(bench.folder, 'journal');
    await mkdir(folder);
    const small = createTestEngine(bench, { executor: processOn(bench, 1, 2) });
    expect(await small.run([fixtures.countDown.goal({ n: 8, folder, journal })])).toBe('succeeded');
    const alive = (await readFile(journal, 'utf8')).trim().split('\n').map(Number);
    expect(Math.max(...alive)).toBe(3);
    const attempts = (await small.last())?.taskRuns.flatMap((taskRun) => taskRun.attempts);
    expect(attempts?.filter(({ outcome }) => outcome === 'parked')).toHaveLength(9 - 3);
    await small.close();
  });

  it('fail with what was written when the entry cannot start', async () => {
    const entry = new URL('./fixtures/broken-child.mjs', import.meta.url);
    const broken = createTestEngine(bench, { executor: processExecutor({ entry, slots: 1 }) });
    expect(await broken.run([fixtures.add.goal({ a: 0.5, b: 0.5 })])).toBe('failed');
    expect((await broken.last())?.reason).toContain('no database here');
    await broken.close();
  });

  it('die when the engine is killed, with their process tree', async () => {
    const started = path.join(bench.folder, randomUUID());
    const parent: ChildProcess = forkProgram('parent', [bench.database.url, bench.folder, started]);
    await expect.poll(() => existsSync(started)).toBe(true);
    const hanging: Hanging = JSON.parse(await readFile(started, 'utf8'));
    parent.kill('SIGKILL');
    await expect.poll(() => [isAlive(hanging.pid), isAlive(hanging.grandchild)]).toEqual([false, false]);
    const successor = createTestEngine(bench, { executor: processOn(bench), isSoleOwner: true });
    const [left] = await bench.database.query<{ id: string }>(`select id::text from runs where state = 'running'`);
    await successor.engine.recover();
    await successor.engine.cancel(left?.id ?? '', 'tidy');
    expect(await successor.engine.finished(left?.id ?? '')).toBe('cancelled');
    await successor.close();
  });

  it('leave no folder when all is closed, but that of the killed engine', async () => {
    await engine.close();
    expect(readdirSync(path.join(bench.folder, 'attempts')).filter((name) => !name.includes('.hang-'))).toEqual([]);
  });
});
