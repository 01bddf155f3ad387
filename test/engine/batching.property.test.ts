import { randomUUID } from 'node:crypto';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Executor, RunDetailRecord } from '#engine';
import { propertyRuns } from '../kills/choose-kills.ts';
import { readJournal, square, squareAlone } from './fixtures/batch-tasks.ts';
import { tasks } from './fixtures/tasks.ts';
import { createTestEngine, createWorkbench, inlineOn, processOn, type Workbench } from './fixtures/workbench.ts';

let bench: Workbench;
beforeAll(async () => {
  bench = await createWorkbench();
});
afterAll(() => bench.close());

type How = Parameters<typeof square.goal>[0]['how'];

// Timeouts stay far away, pauses are over at once.
const soon = (delayMs: number, callback: () => void): (() => void) => {
  const timer = setTimeout(callback, delayMs >= 5_000 ? 2 ** 30 : Math.min(delayMs, 5));
  return () => clearTimeout(timer);
};

/** What became of each number: state, square, and the class and name of the error. */
async function results(run: RunDetailRecord | undefined): Promise<readonly unknown[]> {
  const manifests = await bench.database.query<{ key: string; square: number }>(
    `select key, (outputs->'square'->'value')::integer as square from manifests where key = any($1)`,
    [run?.taskRuns.map(({ key }) => key)],
  );
  const squares = new Map(manifests.map(({ key, square: found }) => [key, found]));
  return (run?.taskRuns ?? []).map(({ params, state, key, reason, attempts }) => {
    const error = attempts.at(-1)?.error;
    const why = state === 'skipped' ? reason : undefined;
    return [params.n, state, squares.get(key ?? ''), error?.class, error?.name, why];
  });
}

async function runAll(
  task: typeof square | typeof squareAlone,
  options: { readonly hows: readonly How[]; readonly itemsMax: number; readonly executor: Executor },
): Promise<{ readonly found: readonly unknown[]; readonly executions: readonly (readonly number[])[] }> {
  const { hows, itemsMax, executor } = options;
  const sized = { ...square, ...(square.batch && { batch: { ...square.batch, itemsMax } }) };
  const engine = createTestEngine(bench, {
    ...{ executor, tasks: tasks.map((each) => (each.name === square.name ? sized : each)), effects: { after: soon } },
  });
  const journal = path.join(bench.folder, randomUUID());
  await engine.run(hows.map((how, index) => task.goal({ n: index + 1, how, journal })));
  const found = await results(await engine.last());
  await engine.close();
  return { found, executions: await readJournal(journal) };
}

describe('a batch', () => {
  it('gives each item what it would have had alone, whatever the others do', async () => {
    const hows = fc.array(
      fc.constantFrom<How>('succeed', 'succeed', 'succeed', 'fail', 'flaky', 'skip', 'wrong', 'throw', 'forget'),
      { minLength: 1, maxLength: 24 },
    );
    await fc.assert(
      fc.asyncProperty(hows, fc.constantFrom(1, 2, 7, 100), async (given, itemsMax) => {
        const together = await runAll(square, { hows: given, itemsMax, executor: inlineOn(bench) });
        const alone = await runAll(squareAlone, { hows: given, itemsMax, executor: inlineOn(bench) });
        expect(together.found).toEqual(alone.found);
        expect(Math.max(...together.executions.map((items) => items.length))).toBeLessThanOrEqual(itemsMax);
        const causes = given.filter((how) => how === 'throw' || how === 'forget').length;
        const least = Math.ceil(given.length / itemsMax);
        const flaky = given.filter((how) => how === 'flaky').length;
        const halvings = Math.ceil(Math.log2(Math.min(itemsMax, given.length) || 1)) + 1;
        expect(together.executions.length).toBeLessThanOrEqual(least + flaky + 2 * halvings * causes);
      }),
      { numRuns: propertyRuns(40) },
    );
  });

  it('gives each item what it would have had alone, also when items kill their process', async () => {
    const hows = fc.array(fc.constantFrom<How>('succeed', 'succeed', 'succeed', 'fail', 'kill'), {
      minLength: 2,
      maxLength: 7,
    });
    await fc.assert(
      fc.asyncProperty(hows, async (given) => {
        const together = await runAll(square, { hows: given, itemsMax: 100, executor: processOn(bench) });
        const alone = await runAll(squareAlone, { hows: given, itemsMax: 100, executor: processOn(bench) });
        expect(together.found).toEqual(alone.found);
      }),
      { numRuns: 2, endOnFailure: true },
    );
  });
});
