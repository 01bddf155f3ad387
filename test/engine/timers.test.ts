import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineTask, inlineExecutor, TaskError, value } from '#engine';
import type { Database } from '#store';
import { Timers } from '../../src/engine/define/effects.ts';
import { createGate } from './fixtures/gate.ts';
import { watchedDatabase } from './fixtures/watched-database.ts';
import { createTestEngine, createWorkbench, type Workbench } from './fixtures/workbench.ts';

let bench: Workbench;
beforeAll(async () => {
  bench = await createWorkbench();
});
afterAll(() => bench.close());

/** The first pause before another try, as `random` below draws it. It never ends by itself, however slow the test is. */
const BACKOFF_MS = 250;

/** Real timers, and the delays of those that are armed now. */
function watchedTimers() {
  const armed = new Map<object, number>();
  const after = (delayMs: number, callback: () => void): (() => void) => {
    const id = {};
    const fire = (): void => {
      armed.delete(id);
      callback();
    };
    const timer = delayMs === BACKOFF_MS ? undefined : setTimeout(fire, delayMs);
    armed.set(id, delayMs);
    return () => {
      armed.delete(id);
      clearTimeout(timer);
    };
  };
  return { after, delays: () => [...armed.values()] };
}

/** Passed as soon as the graph of a run grows. */
const growing = createGate();
const LEASE_MS = 3_000_000;
const HEARTBEAT_MS = 1_000_000;
const HOUR_MS = 3_600_000;
/** After which a pool that was full is asked again. */
const POOL_MS = 500;

const leaf = defineTask({
  name: 'leaf',
  version: '1',
  params: z.object({ n: z.number(), of: z.string() }),
  outputs: { n: value<number>() },
  timeoutMs: HOUR_MS,
  run: async ({ params }) => ({ n: params.n }),
});
const needsTwo = defineTask({
  name: 'needs-two',
  version: '1',
  params: z.object({ of: z.string() }),
  outputs: { sum: value<number>() },
  timeoutMs: HOUR_MS,
  run: async ({ params: { of }, need }) => {
    const one = need(leaf.goal({ n: 1, of }));
    // While the run's graph grows by the first.
    await growing.reached();
    const needed = await Promise.all([one, need(leaf.goal({ n: 2, of }))]);
    return { sum: needed.reduce((sum, { n }) => sum + n, 0) };
  },
});
/** Ends without waiting for what it needs. */
const impatient = defineTask({
  name: 'impatient',
  version: '1',
  params: z.object({}),
  outputs: { nothing: value<null>() },
  timeoutMs: HOUR_MS,
  run: async ({ need }) => {
    need(leaf.goal({ n: 1, of: 'impatient' })).catch(() => undefined);
    return { nothing: null };
  },
});
const shaky = defineTask({
  name: 'shaky',
  version: '1',
  params: z.object({}),
  outputs: { nothing: value<null>() },
  timeoutMs: HOUR_MS,
  run: () => Promise.reject(new TaskError('not now', { class: 'infrastructure' })),
});
const gathered = defineTask({
  name: 'gathered',
  version: '1',
  params: z.object({}),
  outputs: { nothing: value<null>() },
  timeoutMs: HOUR_MS,
  batch: { itemsMax: 2, waitMs: HOUR_MS, run: async () => undefined },
});
const pooled = defineTask({
  name: 'pooled',
  version: '1',
  params: z.object({}),
  outputs: { nothing: value<null>() },
  timeoutMs: HOUR_MS,
  pool: 'narrow',
  run: async () => ({ nothing: null }),
});
// A registry holds tasks of all types; each still runs with the params its own schema gave.
const tasks = [leaf, needsTwo, impatient, shaky, gathered, pooled];

interface Opening {
  readonly suspendedMax?: number;
  readonly database?: Database;
}

function openEngine({ suspendedMax = 8, database = bench.database }: Opening = {}) {
  const timers = watchedTimers();
  const executor = inlineExecutor({
    ...{ ...bench, tasks, slots: 1, suspendedMax, folder: path.join(bench.folder, 'attempts') },
  });
  const opened = createTestEngine(
    { ...bench, database },
    {
      ...{ tasks, executor, leaseMs: LEASE_MS, pools: { narrow: 1 } },
      effects: { after: timers.after, random: () => 0 },
    },
  );
  return { ...opened, delays: timers.delays };
}

/** A database in which the second growth of a graph is held until an attempt has ended. */
function databaseWithLateNeed(): Database {
  let growths = 0;
  const ended = createGate();
  return watchedDatabase(bench.database, async (sql, proceed) => {
    if (/insert into task_runs \(/.test(sql)) {
      growths++;
      void growing.pass();
      if (growths === 2) await ended.pass();
    }
    const rows = await proceed();
    if (/update attempts a set ended_at/.test(sql)) ended.open();
    return rows;
  });
}

describe('a run that has ended', () => {
  it('leaves no timer armed when a need was answered after the attempt that asked was parked', async () => {
    const { run, delays, close } = openEngine({ suspendedMax: 0, database: databaseWithLateNeed() });
    expect(await run([needsTwo.goal({ of: 'parked' })])).toBe('succeeded');
    expect(delays()).toEqual([HEARTBEAT_MS]);
    await close();
  });

  it('leaves no timer armed when an attempt ended before its need was answered', async () => {
    const { run, delays, close } = openEngine();
    expect(await run([impatient.goal({})])).toBe('succeeded');
    expect(delays()).toEqual([HEARTBEAT_MS]);
    await close();
  });

  it('does not wait to try a goal again that was cancelled meanwhile', async () => {
    const { start, engine, delays, close } = openEngine();
    const id = await start([shaky.goal({})]);
    await expect.poll(delays).toEqual([HEARTBEAT_MS, BACKOFF_MS]);
    await engine.cancel(id, 'enough');
    expect(await engine.finished(id)).toBe('cancelled');
    expect(delays()).toEqual([HEARTBEAT_MS]);
    await close();
  });
});

describe('an engine that is closed', () => {
  it('leaves no timer armed, whatever waited in it', async () => {
    await bench.database.query(`insert into pools (name, size) values ('narrow', 1)`);
    await bench.database.query(
      `insert into pool_leases (id, pool, units, owner, expires_at)
       values (gen_random_uuid(), 'narrow', 1, 'another', now() + interval '1 hour')`,
    );
    const { start, delays, engine, close } = openEngine();
    const id = await start([shaky.goal({}), gathered.goal({}), pooled.goal({})]);
    // The heartbeat, the backoff, the batch that waits for company, the pool that is asked again.
    await expect.poll(() => delays().toSorted((a, b) => a - b)).toEqual([BACKOFF_MS, POOL_MS, HEARTBEAT_MS, HOUR_MS]);
    await engine.close(0);
    expect(delays()).toEqual([]);
    await close();
    await bench.database.query('delete from pool_leases');
    await bench.database.query(`update runs set state = 'cancelled' where id = $1`, [id]);
  });

  it('says so to whoever waits for a run that another engine drives', async () => {
    const one = openEngine();
    const other = openEngine();
    const id = await one.start([shaky.goal({})]);
    const waiting = other.engine.finished(id);
    await expect.poll(other.delays).toHaveLength(2);
    await other.close();
    await expect(waiting).rejects.toThrow('closed');
    await one.engine.cancel(id, 'enough');
    await one.close();
  });
});

describe('timers', () => {
  it('fire or resolve once, and are forgotten then', async () => {
    const { after, delays } = watchedTimers();
    const timers = new Timers({ after });
    let fired = 0;
    await Promise.all([
      timers.pause(1),
      new Promise<void>((resolve) => void timers.after(1, () => resolve(void fired++))),
    ]);
    expect([fired, delays()]).toEqual([1, []]);
  });

  it('that are closed fire no more, resolve pauses, and arm nothing', async () => {
    const { after, delays } = watchedTimers();
    const timers = new Timers({ after });
    let fired = 0;
    timers.after(HOUR_MS, () => fired++);
    timers.after(HOUR_MS, () => fired++)();
    const pausing = timers.pause(HOUR_MS);
    expect(delays()).toEqual([HOUR_MS, HOUR_MS]);
    timers.close();
    await pausing;
    timers.after(1, () => fired++);
    await timers.pause(HOUR_MS);
    expect([fired, delays()]).toEqual([0, []]);
  });
});
