import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Executor, remoteExecutor } from '#engine';
import { pgBossOn, startWorker } from '../fixtures/remote.ts';
import * as fixtures from '../fixtures/tasks.ts';
import { createTestEngine, createWorkbench, type TestEngine, type Workbench } from '../fixtures/workbench.ts';

const LONG_MS = 90_000;

let bench: Workbench;
let engine: TestEngine;
const workers: ChildProcess[] = [];

const remote = async (): Promise<Executor> =>
  remoteExecutor({
    database: bench.database,
    transport: await pgBossOn(bench),
    labels: ['default', 'elsewhere'],
    labelOf: (task) => (task === 'die' ? 'elsewhere' : 'default'),
    slots: 20,
  });

const start = (labels = 'default'): Promise<ChildProcess> => startWorker(bench, { labels, workers });

const place = (): string => path.join(bench.folder, randomUUID());

beforeAll(async () => {
  bench = await createWorkbench();
  engine = createTestEngine(bench, { executor: await remote() });
});
afterEach(async () => {
  for (const worker of workers.splice(0)) {
    if (worker.exitCode !== null || worker.signalCode !== null) continue;
    worker.kill('SIGKILL');
    await once(worker, 'exit');
  }
});
afterAll(async () => {
  await engine.close();
  await bench.close();
});

describe('workers', () => {
  it('run what is sent before and after they start, with what it needs', async () => {
    const id = await engine.start([
      fixtures.sumUpTo.goal({ n: 5 }),
      fixtures.addAtRuntime.goal({ upTo: 4 }),
      fixtures.measureText.goal({ letter: 'a', length: 9 }),
    ]);
    await start();
    await start();
    expect(await engine.engine.finished(id)).toBe('succeeded');
  });

  it('take only tasks of their labels', async () => {
    const file = place();
    await start('elsewhere');
    const id = await engine.start([fixtures.die.goal({ file, deaths: 1 }), fixtures.add.goal({ a: 40, b: 2 })]);
    await expect.poll(() => engine.states()).toEqual({ die: 'succeeded', add: 'running' });
    await start('default');
    expect(await engine.engine.finished(id)).toBe('succeeded');
  });

  it('end an attempt, and take back what waits, when the run is cancelled', async () => {
    await start();
    const started = place();
    const goals = [0, 1, 2, 3].map((n) => fixtures.hang.goal({ note: `${started} ${n}`, started: `${started} ${n}` }));
    const id = await engine.start(goals);
    await expect.poll(() => [0, 1, 2, 3].filter((n) => existsSync(`${started} ${n}`)).length).toBe(2);
    await engine.engine.cancel(id, 'enough');
    expect(await engine.engine.finished(id)).toBe('cancelled');
    expect(await engine.run([fixtures.add.goal({ a: 1, b: 41 })])).toBe('succeeded');
  });

  it('may be killed: another runs the attempt again', { timeout: LONG_MS }, async () => {
    await start();
    const started = place();
    const id = await engine.start([fixtures.hangOnce.goal({ started })]);
    await expect.poll(() => existsSync(started)).toBe(true);
    const { parent } = JSON.parse(await readFile(started, 'utf8')) as { readonly parent: number };
    await start();
    process.kill(parent, 'SIGKILL');
    expect(await engine.engine.finished(id)).toBe('succeeded');
    expect((await engine.last())?.taskRuns[0]?.attempts).toMatchObject([
      { outcome: 'failed', error: { class: 'infrastructure', message: expect.stringContaining('went silent') } },
      { outcome: 'succeeded' },
    ]);
  });

  it('let what they run end at SIGTERM, and take nothing new', async () => {
    const worker = await start();
    const [started, awaited] = [place(), place()];
    const id = await engine.start([fixtures.awaitFile.goal({ started, awaited })]);
    await expect.poll(() => existsSync(started)).toBe(true);
    worker.kill('SIGTERM');
    const exit = once(worker, 'exit');
    const later = createTestEngine(bench, { executor: await remote() });
    const laterId = await later.start([fixtures.add.goal({ a: 7, b: 70 })]);
    await writeFile(awaited, '');
    expect(await engine.engine.finished(id)).toBe('succeeded');
    expect(await exit).toEqual([0, null]);
    expect(await later.states()).toEqual({ add: 'running' });
    await start();
    expect(await later.engine.finished(laterId)).toBe('succeeded');
    await later.close();
  });

  it('go on when all connections to the database were lost', { timeout: LONG_MS }, async () => {
    await start();
    const [started, awaited] = [place(), place()];
    const id = await engine.start([
      fixtures.awaitFile.goal({ started, awaited }),
      fixtures.addAtRuntime.goal({ upTo: 30 }),
    ]);
    await expect.poll(() => existsSync(started)).toBe(true);
    await bench.database
      .query(
        'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
      )
      .catch(() => undefined);
    await writeFile(awaited, '');
    expect(await engine.engine.finished(id)).toBe('succeeded');
    expect((await engine.last())?.taskRuns.map(({ attempts }) => attempts.length)).toContain(1);
  });
});
