import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { EngineOptions, Goal } from '#engine';
import { forkProgram } from '../programs/programs.ts';
import { linger, readJournal, square, weigh } from './fixtures/batch-tasks.ts';
import { createTestEngine, createWorkbench, inlineOn, type TestEngine, type Workbench } from './fixtures/workbench.ts';

let bench: Workbench;
const engines: TestEngine[] = [];
beforeAll(async () => {
  bench = await createWorkbench();
});
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.close();
});
afterAll(() => bench.close());

const engineOn = (options: Partial<EngineOptions> = {}): TestEngine => {
  const engine = createTestEngine(bench, { executor: inlineOn(bench), ...options });
  engines.push(engine);
  return engine;
};

type How = Parameters<typeof square.goal>[0]['how'];
const newJournal = (): string => path.join(bench.folder, randomUUID());
const squares = (hows: readonly How[], journal: string): readonly Goal[] =>
  hows.map((how, index) => square.goal({ n: index + 1, how, journal }));

describe('goals of a task with a batch', () => {
  it('are completed in one execution, each with its own key, claim, attempt and manifest', async () => {
    const journal = newJournal();
    const engine = engineOn();
    expect(await engine.run(squares(['succeed', 'succeed', 'succeed'], journal))).toBe('succeeded');
    expect(await readJournal(journal)).toEqual([[1, 2, 3]]);
    const run = await engine.last();
    expect(new Set(run?.taskRuns.map(({ key }) => key)).size).toBe(3);
    expect(run?.taskRuns.map(({ attempts }) => attempts)).toMatchObject([
      [{ outcome: 'succeeded', log: 'together 3\nsquaring 1' }],
      [{ outcome: 'succeeded', log: 'together 3\nsquaring 2' }],
      [{ outcome: 'succeeded', log: 'together 3\nsquaring 3' }],
    ]);
    const batches = await bench.database.query('select distinct batch from attempts where run_id = $1', [run?.id]);
    expect(batches).toEqual([{ batch: expect.any(String) }]);
    expect(await bench.database.query('select 1 from claims')).toEqual([]);
  });

  it('are cached one by one: only what is missing is run again', async () => {
    const journal = newJournal();
    const engine = engineOn();
    await engine.run(squares(['succeed', 'succeed'], journal));
    expect(await engine.run(squares(['succeed', 'succeed', 'succeed'], journal))).toBe('succeeded');
    expect(await readJournal(journal)).toEqual([[1, 2], [3]]);
  });

  it('of two runs share an execution, and one key is not in it twice', async () => {
    const journal = newJournal();
    const engine = engineOn();
    const first = await engine.start(squares(['succeed', 'succeed'], journal));
    const second = await engine.start(squares(['succeed', 'succeed', 'succeed'], journal));
    expect(await Promise.all([first, second].map((id) => engine.engine.finished(id)))).toEqual([
      'succeeded',
      'succeeded',
    ]);
    const items = (await readJournal(journal)).flat();
    expect([...items].sort()).toEqual([1, 2, 3]);
  });

  it('go together up to the bytes of their inputs', async () => {
    const journal = newJournal();
    const goals = [1, 2, 3, 4, 5].map((n) => weigh.goal({ n, length: 998, journal }));
    expect(await engineOn().run(goals)).toBe('succeeded');
    const sizes = (await readJournal(journal)).map((items) => items.length);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(5);
    expect(Math.max(...sizes)).toBe(2);
    const found = await bench.database.query(`select 1 from owned_rows where owner like 'weigh %'`);
    expect(found).toHaveLength(5);
  });

  it('are retried by class, one without the others', async () => {
    const journal = newJournal();
    const engine = engineOn({ effects: { after: soon } });
    expect(await engine.run(squares(['succeed', 'flaky', 'fail', 'skip'], journal))).toBe('failed');
    expect(await readJournal(journal)).toEqual([[1, 2, 3, 4], [2]]);
    const run = await engine.last();
    expect(run?.taskRuns.map(({ state, attempts }) => [state, attempts.length])).toEqual([
      ['succeeded', 1],
      ['succeeded', 2],
      ['failed', 1],
      ['skipped', 1],
    ]);
  });

  it.each([
    ['throws', 'throw', 'RangeError', '3 breaks everything'],
    ['returns without an outcome', 'forget', 'TaskError', 'have no outcome'],
  ] as const)('part in halves when the batch %s, until the cause is alone', async (_, how, name, message) => {
    const journal = newJournal();
    const engine = engineOn();
    expect(await engine.run(squares(['succeed', 'succeed', how, 'succeed', 'succeed'], journal))).toBe('failed');
    const run = await engine.last();
    expect(run?.taskRuns.map(({ state }) => state)).toEqual([
      ...['succeeded', 'succeeded', 'failed', 'succeeded', 'succeeded'],
    ]);
    expect(run?.taskRuns[2]?.attempts.at(-1)).toMatchObject({
      outcome: 'failed',
      error: { class: 'user', name, message: expect.stringContaining(message) },
    });
    const [first, ...further] = await readJournal(journal);
    expect(first).toEqual([1, 2, 3, 4, 5]);
    expect(further.flat().filter((n) => n < 3)).toEqual([]);
    expect(further).toContainEqual([3]);
  });

  it('part in halves when no item ends in time', async () => {
    const journal = newJournal();
    const { after, expire } = timeoutsByHand();
    const engine = engineOn({ effects: { after } });
    const id = await engine.start(squares(['succeed', 'hang', 'succeed'], journal));
    await expect.poll(() => readJournal(`${journal}.hung`)).toHaveLength(1);
    expire();
    await expect.poll(async () => (await engine.last())?.taskRuns[2]?.state).toBe('succeeded');
    // Alone now, it has as many attempts as any other.
    for (let count = 1; count <= square.attemptsMax; count++) {
      await expect.poll(() => readJournal(`${journal}.hung`)).toHaveLength(1 + count);
      expire();
    }
    expect(await engine.engine.finished(id)).toBe('failed');
    const run = await engine.last();
    expect(run?.taskRuns.map(({ state }) => state)).toEqual(['succeeded', 'failed', 'succeeded']);
    expect(run?.taskRuns[1]?.attempts.at(-1)?.error?.message).toContain('No item of the batch ended for');
  });

  it('end with their execution when their run is cancelled; what was reported stays', async () => {
    const journal = newJournal();
    const engine = engineOn();
    const id = await engine.start(squares(['succeed', 'hang', 'succeed'], journal));
    await expect.poll(async () => (await engine.last())?.taskRuns[0]?.state).toBe('succeeded');
    await engine.engine.cancel(id, 'enough');
    expect(await engine.engine.finished(id)).toBe('cancelled');
    const run = await engine.last();
    expect(run?.taskRuns.map(({ state }) => state)).toEqual(['succeeded', 'cancelled', 'cancelled']);
    expect(await bench.database.query('select 1 from claims')).toEqual([]);
  });

  it('of another run continue when one run is cancelled', async () => {
    const journal = newJournal();
    const engine = engineOn();
    const stays = await engine.start([square.goal({ n: 1, how: 'hang', journal })]);
    const goes = await engine.start([square.goal({ n: 2, how: 'hang', journal })]);
    await expect.poll(async () => (await readJournal(journal)).flat().length).toBe(2);
    await engine.engine.cancel(goes, 'enough');
    expect(await engine.engine.finished(goes)).toBe('cancelled');
    const [other] = await bench.database.query('select state from runs where id = $1', [stays]);
    expect(other).toEqual({ state: 'running' });
    await engine.engine.cancel(stays, 'tidy');
    expect(await engine.engine.finished(stays)).toBe('cancelled');
  });

  it('end although their execution continues, which ends with the engine', async () => {
    const journal = newJournal();
    const executor = inlineOn(bench);
    const engine = createTestEngine(bench, { executor });
    const goals = [1, 2].map((n) => linger.goal({ n, journal }));
    expect(await engine.run(goals)).toBe('succeeded');
    expect(await readJournal(journal)).toEqual([]);
    await engine.close();
    await expect.poll(() => readJournal(journal)).toEqual([[0]]);
  });

  it('part in halves also when an item killed the engine itself, once another takes up the run', async () => {
    const journal = newJournal();
    const hows: How[] = ['succeed', 'succeed', 'kill-once', 'succeed', 'succeed', 'succeed'];
    const runEngine = async (): Promise<unknown> => {
      const child = forkProgram('batch-engine', [bench.database.url, bench.folder, journal, JSON.stringify(hows)]);
      const said: unknown[] = [];
      child.on('message', (message) => said.push(message));
      const [, signal] = await once(child, 'exit');
      return said[0] ?? signal;
    };
    expect(await runEngine()).toBe('SIGKILL');
    expect(await runEngine()).toBe('succeeded');
    const [first, ...further] = await readJournal(journal);
    expect(first).toEqual([1, 2, 3, 4, 5, 6]);
    expect(Math.max(...further.map((items) => items.length))).toBeLessThanOrEqual(3);
    expect(further.flat()).toContain(3);
  });
});

// Timeouts stay far away, pauses are over at once.
const soon = (delayMs: number, callback: () => void): (() => void) => {
  const timer = setTimeout(callback, delayMs >= 5_000 ? 2 ** 30 : Math.min(delayMs, 20));
  return () => clearTimeout(timer);
};

/** Timeouts that run out only when the test says so; pauses are over at once. */
function timeoutsByHand() {
  const armed = new Set<() => void>();
  const after = (delayMs: number, callback: () => void): (() => void) => {
    if (delayMs !== square.timeoutMs) return soon(delayMs, callback);
    armed.add(callback);
    return () => armed.delete(callback);
  };
  const expire = (): void => {
    for (const callback of armed) callback();
  };
  return { after, expire };
}
