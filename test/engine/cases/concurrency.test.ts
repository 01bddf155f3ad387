import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { inlineExecutor } from '#engine';
import { occupyNarrow, occupySlot, poolTasks, readSteps } from '../fixtures/pool-tasks.ts';
import { createTestEngine, createWorkbench, type TestEngine, type Workbench } from '../fixtures/workbench.ts';

let bench: Workbench;
const engines: TestEngine[] = [];
const children: ChildProcess[] = [];
beforeAll(async () => {
  bench = await createWorkbench();
});
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.close();
  for (const child of children.splice(0)) child.kill('SIGKILL');
});
afterAll(() => bench.close());

const LEASE_MS = 1_500;

/** Another process, whose engine holds the only unit of the pool named narrow. */
async function holdElsewhere(journal: string): Promise<ChildProcess> {
  const entry = fileURLToPath(new URL('../fixtures/pool-holder.ts', import.meta.url));
  const child = fork(entry, [bench.database.url, bench.folder, journal, String(LEASE_MS)], {
    execArgv: ['--import', 'tsx', '--conditions=weir-source'],
  });
  children.push(child);
  await expect.poll(() => readSteps(journal), { timeout: 20_000 }).toEqual(['+dead']);
  return child;
}

function engineHere(): TestEngine {
  const { database, artifacts, folder } = bench;
  const executor = inlineExecutor({
    ...{ tasks: poolTasks, database, artifacts, slots: 1, folder: path.join(folder, 'attempts') },
  });
  const engine = createTestEngine(bench, { executor, tasks: poolTasks, pools: { narrow: 1, wide: 3 } });
  engines.push(engine);
  return engine;
}

describe('pools', () => {
  it('31. a pool of one gets its slot back after the lease when its worker is killed, and nobody has to help', async () => {
    const journal = path.join(bench.folder, randomUUID());
    const child = await holdElsewhere(journal);
    const leases = () =>
      bench.database.query<{ owner: string; isLive: boolean }>(
        `select owner, expires_at > clock_timestamp() as "isLive" from pool_leases where pool = 'narrow'`,
      );
    const [dead] = await leases();
    expect(dead?.isLive).toBe(true);

    // While its holder lives nobody else gets in, for longer than a lease: heartbeats renew it.
    const engine = engineHere();
    const waiting = await engine.start([occupyNarrow.goal({ name: 'next', journal, until: '' })]);
    const [claimed] = await bench.database.query<{ until: string }>(
      `select (clock_timestamp() + interval '${LEASE_MS * 2} ms')::text as until`,
    );
    const isLater = async (): Promise<boolean> => {
      const [row] = await bench.database.query<{ later: boolean }>(
        'select clock_timestamp() > $1::timestamptz as later',
        [claimed?.until],
      );
      return row?.later === true;
    };
    await expect.poll(isLater, { timeout: 20_000 }).toBe(true);
    expect(await readSteps(journal)).toEqual(['+dead']);
    expect(await engine.states()).toEqual({ 'occupy-narrow': 'queued' });

    // Who waits for the pool holds no slot: the only one is free for others.
    const other = engineHere();
    expect(
      await other.run([occupySlot.goal({ name: 'other', journal: `${journal}.other`, until: '', priority: 0 })]),
    ).toBe('succeeded');
    expect(await engine.states()).toEqual({ 'occupy-narrow': 'queued' });

    child.kill('SIGKILL');
    expect(await engine.engine.finished(waiting)).toBe('succeeded');
    expect(await readSteps(journal)).toEqual(['+dead', '+next', '-next']);
    expect(await leases()).toEqual([]);
  });
});
