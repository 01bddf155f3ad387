import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testExecutor } from '../suites/executor.ts';
import { canTestTemporal, startTemporal, type TemporalServer } from '../temporal/temporal-server.ts';
import { pgBossOn, remoteOn, temporalOn } from './fixtures/remote.ts';
import { fail } from './fixtures/tasks.ts';
import {
  createTestEngine,
  createWorkbench,
  inlineOn,
  processFromSourceOn,
  processOn,
  type Workbench,
} from './fixtures/workbench.ts';

testExecutor('inline', inlineOn);
testExecutor('process', processOn, '.mjs');
testExecutor('pg-boss', (bench) => remoteOn(bench, pgBossOn), '.mjs');

describe.skipIf(!canTestTemporal())('over Temporal', () => {
  let server: TemporalServer;
  beforeAll(async () => {
    server = await startTemporal();
  });
  afterAll(() => server?.stop());
  testExecutor('temporal', (bench) => remoteOn(bench, temporalOn(server.address)), '.mjs');
});

describe('the process executor on sources', () => {
  let bench: Workbench;
  beforeAll(async () => {
    bench = await createWorkbench();
  });
  afterAll(() => bench.close());

  it('names the source of a task in the trace of its error', async () => {
    const engine = createTestEngine(bench, { executor: processFromSourceOn(bench) });
    expect(await engine.run([fail.goal({ class: 'user', note: 'x' })])).toBe('failed');
    expect((await engine.last())?.taskRuns[0]?.attempts[0]?.error?.stack).toContain('tasks.ts');
    await engine.close();
  });
});
