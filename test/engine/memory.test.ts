import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Executor, Goal } from '#engine';
import { raceAbort } from '../../src/engine/define/effects.ts';
import { square } from './fixtures/batch-tasks.ts';
import { countLive } from './fixtures/collect.ts';
import * as fixtures from './fixtures/tasks.ts';
import { createTestEngine, createWorkbench, inlineOn, processOn, type Workbench } from './fixtures/workbench.ts';

let bench: Workbench;
beforeAll(async () => {
  bench = await createWorkbench();
});
afterAll(() => bench.close());

const RUNS = 10;

describe.each([
  ['inline', inlineOn],
  ['process', processOn],
] as const)('an engine with the %s executor', (name, open) => {
  let executor: Executor;
  beforeAll(() => {
    executor = open(bench, 2);
  });

  it.each<[string, (note: string) => readonly Goal[]]>([
    ['succeed', (letter) => [fixtures.makeText.goal({ letter, length: 5_000 })]],
    ['fail', (note) => [fixtures.fail.goal({ class: 'user', note })]],
    ['need others while they run', (note) => [fixtures.addAtRuntime.goal({ upTo: note.length })]],
    ['are a batch', (note) => [1, 2].map((n) => square.goal({ n, how: 'succeed', journal: newJournal(note) }))],
  ])('keeps nothing in memory of runs that have ended when their attempts %s', async (_, goalsOf) => {
    const engine = createTestEngine(bench, { executor });
    const runs: WeakRef<object>[] = [];
    const runOnce = async (number: number): Promise<void> => {
      const goals = goalsOf('x'.repeat(number));
      runs.push(...goals.map((goal) => new WeakRef(goal)));
      await engine.run(goals);
    };
    for (let number = 1; number <= RUNS; number++) await runOnce(number);
    // The workbench knows what it was asked for last.
    await engine.run([]);
    await expect.poll(() => countLive(runs)).toBe(0);
    await engine.engine.close();
  });

  afterAll(() => executor.close());
  const newJournal = (note: string): string => path.join(bench.folder, `${name} ${note} ${randomUUID()}`);
});

describe('a race with a signal', () => {
  it('leaves nothing at the signal, however long that lives', async () => {
    const { signal } = new AbortController();
    const given: WeakRef<object>[] = [];
    const raceOnce = async (): Promise<void> => {
      const result = { some: 'result' };
      given.push(new WeakRef(result));
      expect(await raceAbort(Promise.resolve(result), signal)).toBe(result);
    };
    for (let number = 0; number < RUNS; number++) await raceOnce();
    await expect.poll(() => countLive(given)).toBe(0);
    expect(signal.aborted).toBe(false);
  });

  it('ends with the abort, one that was before it too, and with what the work throws', async () => {
    const controller = new AbortController();
    const racing = raceAbort(new Promise(() => undefined), controller.signal);
    controller.abort();
    expect(await racing).toBe('aborted');
    expect(await raceAbort(new Promise(() => undefined), controller.signal)).toBe('aborted');
    await expect(raceAbort(Promise.reject(new Error('broken')), new AbortController().signal)).rejects.toThrow(
      'broken',
    );
    expect(await raceAbort(Promise.resolve(1), undefined)).toBe(1);
  });
});
