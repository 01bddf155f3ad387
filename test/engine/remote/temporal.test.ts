import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { remoteExecutor } from '#engine';
import { canTestTemporal, startTemporal, type TemporalServer } from '../../temporal/temporal-server.ts';
import { startWorker, temporalOn } from '../fixtures/remote.ts';
import * as fixtures from '../fixtures/tasks.ts';
import { createTestEngine, createWorkbench, type TestEngine, type Workbench } from '../fixtures/workbench.ts';

const LONG_MS = 120_000;

describe.skipIf(!canTestTemporal())('workers over Temporal', () => {
  let server: TemporalServer;
  let bench: Workbench;
  let engine: TestEngine;
  const workers: ChildProcess[] = [];
  const start = (labels = 'default'): Promise<ChildProcess> =>
    startWorker(bench, { labels, temporal: server.address, workers });
  const place = (): string => path.join(bench.folder, randomUUID());

  beforeAll(async () => {
    [server, bench] = await Promise.all([startTemporal(), createWorkbench()]);
    const executor = await remoteExecutor({
      database: bench.database,
      transport: await temporalOn(server.address)(bench),
      labels: ['default', 'elsewhere'],
      labelOf: (task) => (task === 'die' ? 'elsewhere' : 'default'),
      slots: 20,
    });
    engine = createTestEngine(bench, { executor });
    await start('default,elsewhere');
  }, LONG_MS);
  afterAll(async () => {
    for (const worker of workers) worker.kill('SIGKILL');
    await engine?.close();
    await bench?.close();
    await server?.stop();
  });

  it('run goals of all their labels, with what they need', { timeout: LONG_MS }, async () => {
    const goals = [
      fixtures.sumUpTo.goal({ n: 4 }),
      fixtures.addAtRuntime.goal({ upTo: 4 }),
      fixtures.die.goal({ file: place(), deaths: 1 }),
    ];
    expect(await engine.run(goals)).toBe('succeeded');
  });

  it('end what runs, and give back what waits, when the run is cancelled', { timeout: LONG_MS }, async () => {
    const started = place();
    const goals = [0, 1, 2, 3].map((n) => fixtures.hang.goal({ note: `${started} ${n}`, started: `${started} ${n}` }));
    const id = await engine.start(goals);
    await expect.poll(() => [0, 1, 2, 3].filter((n) => existsSync(`${started} ${n}`)).length).toBe(2);
    await engine.engine.cancel(id, 'enough');
    expect(await engine.engine.finished(id)).toBe('cancelled');
    expect(await engine.run([fixtures.add.goal({ a: 1, b: 41 })])).toBe('succeeded');
  });

  it('may be killed: another runs the attempt again', { timeout: LONG_MS }, async () => {
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
});
