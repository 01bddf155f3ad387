import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '#store';
import { createRegistry } from '../../../src/engine/define/registry.ts';
import { recordPlan } from '../../../src/engine/drive/run-lifecycle.ts';
import { createSinks } from '../../../src/engine/execute/sinks.ts';
import { createRun } from '../../../src/engine/records/write-runs.ts';
import { createCompleteness } from '../../../src/engine/resolve/completeness.ts';
import { Forced } from '../../../src/engine/resolve/forced.ts';
import { planGoals } from '../../../src/engine/resolve/graph.ts';
import { findKnownResults } from '../../../src/engine/resolve/known-results.ts';
import * as fixtures from '../fixtures/tasks.ts';
import { watchedDatabase } from '../fixtures/watched-database.ts';
import { createTestEngine, createWorkbench, inlineOn, type TestEngine, type Workbench } from '../fixtures/workbench.ts';

let bench: Workbench;
let test: TestEngine;
beforeAll(async () => {
  bench = await createWorkbench();
  test = createTestEngine(bench, { executor: inlineOn(bench, 32) });
});
afterAll(async () => {
  await test.close();
  await bench.close();
});

const services = () => ({
  forced: new Forced({ params: {} }, []),
  registry: createRegistry(fixtures.tasks),
  completeness: createCompleteness({
    ...{ artifacts: bench.artifacts, sinks: createSinks(bench.database, []) },
    warn: () => undefined,
  }),
});
const planOf = (...goals: Parameters<typeof planGoals>[0]) => planGoals(goals, services());
const known = (...goals: Parameters<typeof planGoals>[0]) =>
  findKnownResults(bench.database, { ...services(), planned: planOf(...goals).planned });

/** A database that tells of each statement before it is made. */
const watched = (beforeStatement: (sql: string) => Promise<void> | void): Database =>
  watchedDatabase(bench.database, async (sql, proceed) => {
    await beforeStatement(sql);
    return proceed();
  });

describe('what a plan already has', () => {
  const chain = fixtures.sumUpTo.goal({ n: 60 });
  beforeEach(async () => {
    await bench.database.query('delete from manifests');
  });

  it('is nothing before the first run, and every goal is fresh', async () => {
    const { complete, fresh } = await known(chain);
    expect({ complete: complete.size, fresh: fresh.size }).toEqual({ complete: 0, fresh: 61 });
  });

  it('is all of a chain that is complete, in as many statements as for one goal', async () => {
    expect(await test.run([chain])).toBe('succeeded');
    const looks: string[] = [];
    const database = watched((sql) => void (sql.includes('manifests') && looks.push(sql)));
    const again = createTestEngine({ ...bench, database }, { executor: inlineOn(bench) });
    expect(await again.run([chain])).toBe('succeeded');
    expect(new Set((await again.last())?.taskRuns.map(({ state }) => state))).toEqual(new Set(['cached']));
    const ofChain = looks.splice(0);
    expect(await again.run([fixtures.sumUpTo.goal({ n: 0 })])).toBe('succeeded');
    expect(ofChain).toEqual(looks);
    await again.close();
  });

  it('ends where a result is missing: what needs it is left to the run', async () => {
    await test.run([chain]);
    const middle = planOf(fixtures.sumUpTo.goal({ n: 30 })).asked[0];
    await bench.database.query('delete from manifests where goal = $1', [middle]);
    const { complete, fresh } = await known(chain);
    expect({ complete: complete.size, fresh: [...fresh] }).toEqual({ complete: 30, fresh: [middle] });
    expect(await test.run([chain])).toBe('succeeded');
  });

  it('leaves a goal with a trace, and one whose blob is gone, to the run', async () => {
    const traced = fixtures.addAtRuntime.goal({ upTo: 2 });
    const text = fixtures.makeText.goal({ letter: 'k', length: 6_000 });
    await test.run([traced, text]);
    const [row] = await bench.database.query<{ digest: string }>(
      `select outputs -> 'bytes' ->> 'digest' as digest from manifests where task = 'make-text'`,
    );
    await bench.artifacts.delete(row?.digest ?? '');
    const { complete, fresh } = await known(traced, text);
    expect({ complete: complete.size, fresh: fresh.size }).toEqual({ complete: 0, fresh: 0 });
    expect(await test.run([traced, text])).toBe('succeeded');
    expect(await test.states()).toMatchObject({ 'add-at-runtime': 'cached', 'make-text': 'succeeded' });
  });

  it('is looked for again when a collection removed some of it before the plan was recorded', async () => {
    await test.run([chain]);
    const { planned } = planOf(chain);
    let removals = 0;
    const database = watched(async (sql) => {
      if (!sql.includes('count(*)') || removals++ > 0) return;
      await bench.database.query('delete from manifests where goal = $1', [planned.at(-1)?.id]);
    });
    const { id } = await createRun(bench.database, { pipeline: 'asked', trigger: 'manual' });
    const plan = { id, owner: 'known-results', goals: [chain], params: {}, planned, isLeft: false };
    const recorded = await recordPlan(database, plan, services());
    expect(recorded.known.complete.size).toBe(60);
    const states = await bench.database.query(
      'select state, count(*)::integer from task_runs where run_id = $1 group by 1 order by 1',
      [id],
    );
    expect(states).toEqual([
      { state: 'cached', count: 60 },
      { state: 'queued', count: 1 },
    ]);
  });
});

describe('the history of a run', () => {
  it('goes with the run', async () => {
    await bench.database.query('delete from manifests');
    await test.run([fixtures.add.goal({ a: 1, b: 2 })]);
    const id = (await test.last())?.id;
    const counts = () =>
      bench.database.query(
        `select (select count(*)::integer from task_runs where run_id = $1) as "taskRuns",
           (select count(*)::integer from attempts where run_id = $1) as attempts`,
        [id],
      );
    expect(await counts()).toEqual([{ taskRuns: 1, attempts: 1 }]);
    await bench.database.query('delete from runs where id = $1', [id]);
    expect(await counts()).toEqual([{ taskRuns: 0, attempts: 0 }]);
  });
});
