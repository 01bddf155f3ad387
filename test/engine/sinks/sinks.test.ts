import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  defineTask,
  type EngineOptions,
  type Executor,
  inlineExecutor,
  processExecutor,
  rows,
  type Sink,
  sqlSink,
} from '#engine';
import { connect, type Database } from '#store';
import { createTestDatabase } from '../../postgres/create-test-database.ts';
import { programUrl } from '../../programs/programs.ts';
import { BufferedStore } from '../../suites/buffered-sink.ts';
import { addBuffered, CREATE_DELIVERED, sinkTasks, writeElsewhere, writeUndeclared } from '../fixtures/sink-tasks.ts';
import { createTestEngine, createWorkbench, type TestEngine, type Workbench } from '../fixtures/workbench.ts';

let bench: Workbench;
let warehouse: Database;
const store = new BufferedStore();
const open: TestEngine[] = [];
beforeAll(async () => {
  bench = await createWorkbench();
  warehouse = await createTestDatabase({ isMigrated: false });
  await warehouse.query(CREATE_DELIVERED);
});
afterEach(async () => {
  for (const engine of open.splice(0)) await engine.close();
});
afterAll(async () => {
  await warehouse.close();
  await bench.close();
});

const sinksOf = (database: Database): readonly Sink[] => [
  sqlSink({ name: 'warehouse', database }),
  store.sink('buffered') as Sink, // Its tasks know its writer.
];
function engineOn(options: Partial<EngineOptions> & { readonly executor?: Executor } = {}): TestEngine {
  const sinks = options.sinks ?? sinksOf(warehouse);
  const inline = { ...bench, tasks: sinkTasks, sinks, folder: path.join(bench.folder, 'attempts') };
  const engine = createTestEngine(bench, { tasks: sinkTasks, sinks, executor: inlineExecutor(inline), ...options });
  open.push(engine);
  return engine;
}
const delivered = async (owner: string): Promise<number> =>
  (await warehouse.query('select 1 from public.delivered where owner = $1', [owner])).length;

describe('rows in another database', () => {
  it('are written once, and complete while the marker there says so', async () => {
    const goal = writeElsewhere.goal({ owner: 'a', count: 3 });
    const engine = engineOn();
    expect(await engine.run([goal])).toBe('succeeded');
    expect(await engine.run([goal])).toBe('succeeded');
    expect(await engine.states()).toEqual({ 'write-elsewhere': 'cached' });
    expect(await bench.database.query('select 1 from sink_markers')).toEqual([]);
    const [manifest] = await bench.database.query(
      `select outputs->'written' as written from manifests where task = 'write-elsewhere'`,
    );
    expect(manifest?.written).toMatchObject({ kind: 'rows', rowCount: 3, sink: 'warehouse' });
    for (const spoil of ['delete from weir.markers', `update weir.markers set row_count = 2`]) {
      await warehouse.query(spoil);
      await engine.run([goal]);
      expect(await engine.states()).toEqual({ 'write-elsewhere': 'succeeded' });
      expect(await delivered('a')).toBe(3);
    }
  });

  it('are written by processes of their own too', async () => {
    const executor = processExecutor({
      entry: programUrl('sink-child'),
      argv: [bench.database.url, warehouse.url, bench.folder],
      slots: 1,
    });
    const goal = writeElsewhere.goal({ owner: 'process', count: 2 });
    const engine = engineOn({ executor });
    expect(await engine.run([goal])).toBe('succeeded');
    expect(await delivered('process')).toBe(2);
    await engine.run([goal]);
    expect(await engine.states()).toEqual({ 'write-elsewhere': 'cached' });
  });

  it('are requested by many goals in few questions', async () => {
    let questions = 0;
    const sink = sqlSink({ name: 'warehouse', database: warehouse });
    const counting: Sink = {
      ...(sink as Sink), // Its tasks know its writer.
      markers: (places) => {
        questions++;
        return sink.markers(places);
      },
    };
    const goals = Array.from({ length: 40 }, (_, index) => writeElsewhere.goal({ owner: `many ${index}`, count: 1 }));
    await engineOn().run(goals);
    const engine = engineOn({ sinks: [counting, ...sinksOf(warehouse).slice(1)] });
    await engine.run(goals);
    expect(new Set((await engine.last())?.taskRuns.map(({ state }) => state))).toEqual(new Set(['cached']));
    expect(questions).toBeGreaterThan(0);
    expect(questions).toBeLessThan(20);
  });

  it('that cannot be queried count as incomplete, with a warning, and fail alone', async () => {
    const warnings: string[] = [];
    const url = new URL(warehouse.url);
    url.pathname = '/there_is_no_such_database';
    const nowhere = connect({ url: url.href, poolSize: 1 });
    const engine = engineOn({
      sinks: sinksOf(nowhere),
      executor: inlineExecutor({ ...bench, tasks: sinkTasks, sinks: sinksOf(nowhere) }),
      effects: { warn: (message) => warnings.push(message), after: soon },
    });
    const goals = [writeElsewhere.goal({ owner: 'a', count: 3 }), addBuffered.goal({ count: 2 })];
    expect(await engine.run(goals)).toBe('failed');
    expect(await engine.states()).toEqual({ 'write-elsewhere': 'failed', 'add-buffered': 'succeeded' });
    expect(warnings).toEqual([expect.stringContaining('Sink warehouse could not be queried')]);
    await nowhere.close();
  });

  it('are refused of a sink that nobody handed in, before anything runs', () => {
    expect(() => engineOn({ sinks: [] })).toThrow(
      /Output written of task write-elsewhere goes to the sink "warehouse".*: none/,
    );
    expect(() => engineOn({ sinks: [...sinksOf(warehouse), ...sinksOf(warehouse)] })).toThrow(
      'Two sinks are named "warehouse"',
    );
  });

  it('are refused of an output that the task does not declare', async () => {
    const engine = engineOn();
    expect(await engine.run([writeUndeclared.goal({})])).toBe('failed');
    expect((await engine.last())?.reason).toContain('writes rows of typo, which is not among its outputs');
  });

  it('of a late attempt are refused there, though its claim was never asked', async () => {
    const goal = writeElsewhere.goal({ owner: 'fenced', count: 4 });
    const engine = engineOn();
    await engine.run([goal]);
    const [row] = await warehouse.query<{ goal: string; key: string; token: string }>(
      `select goal, key, token::text from weir.markers order by written_at desc limit 1`,
    );
    const executor = inlineExecutor({ ...bench, tasks: sinkTasks, sinks: sinksOf(warehouse) });
    const outcome = await executor.execute(
      {
        ...{ runId: '1', task: goal.task, params: goal.params, attempt: 1, inputs: {} },
        ...{ goal: row?.goal ?? '', key: row?.key ?? '', token: String(Number(row?.token) - 1) },
      },
      { signal: new AbortController().signal, need: () => Promise.reject(new Error('needs nothing')) },
    );
    expect(outcome).toMatchObject({ kind: 'failed', error: { class: 'infrastructure', name: 'SinkFencedError' } });
    expect(await delivered('fenced')).toBe(4);
  });
});

// Pauses before another try are over at once; timeouts and leases stay far away.
const soon = (delayMs: number, callback: () => void): (() => void) => {
  const timer = delayMs > 4_000 ? undefined : setImmediate(callback);
  return () => clearImmediate(timer);
};

describe('rows whose connection is lost while they are written', () => {
  it.each([
    ['Weir’s own database', rows(), 'owned_rows'],
    ['another database', rows({ sink: 'warehouse' }), 'public.delivered'],
  ])('are written by the next attempt, in %s', async (where, written, table) => {
    let losses = 0;
    const lose = defineTask({
      ...{ name: 'lose', version: '1', params: z.object({ owner: z.string() }) },
      outputs: { written },
      run: async ({ params, rows: write }) => ({
        written: await write('written', async (tx) => {
          await tx.query(`insert into ${table} values ($1, 1)`, [params.owner]);
          if (losses++ === 0) await tx.query('select pg_terminate_backend(pg_backend_pid())');
          return 1;
        }),
      }),
    });
    const tasks = [lose];
    const sinks = sinksOf(warehouse);
    const executor = inlineExecutor({ ...bench, tasks, sinks, folder: path.join(bench.folder, 'attempts') });
    const engine = engineOn({ tasks, sinks, executor, effects: { after: soon } });
    expect(await engine.run([lose.goal({ owner: where })])).toBe('succeeded');
    const [first, ...others] = (await engine.last())?.taskRuns[0]?.attempts ?? [];
    expect(first).toMatchObject({
      error: { class: 'infrastructure', name: 'StoreError', code: 'database_unreachable' },
    });
    expect(others).toHaveLength(1);
    const database = written.sink === undefined ? bench.database : warehouse;
    expect(await database.query(`select 1 from ${table} where owner = $1`, [where])).toHaveLength(1);
  });
});

describe('rows in a store that buffers', () => {
  it('are flushed, then marked, then the goal commits', async () => {
    const steps: string[] = [];
    const goal = addBuffered.goal({ count: 5 });
    store.onStep = (step) => steps.push(step);
    expect(await engineOn().run([goal])).toBe('succeeded');
    expect(steps).toEqual(['open', 'flush', 'mark']);
  });

  it.each(['flush', 'mark'] as const)(
    'that crashed before the %s are not complete, and are written again',
    async (moment) => {
      const goal = addBuffered.goal({ count: moment === 'flush' ? 6 : 7 });
      store.onStep = (step) => {
        if (step === moment) store.crash();
      };
      const engine = engineOn();
      expect(await engine.run([goal])).toBe('failed');
      expect(
        await bench.database.query('select 1 from manifests where params = $1', [JSON.stringify(goal.params)]),
      ).toEqual([]);
      store.onStep = () => undefined;
      expect(await engine.run([goal])).toBe('succeeded');
      await engine.run([goal]);
      expect(await engine.states()).toEqual({ 'add-buffered': 'cached' });
    },
  );
});
