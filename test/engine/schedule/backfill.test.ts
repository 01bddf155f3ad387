import { rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  type BackfillOptions,
  backfill,
  blob,
  createEngine,
  defineTask,
  type Engine,
  type Interval,
  inlineExecutor,
  type Pipeline,
  type PreviewOptions,
  previewBackfill,
  type Schedule,
  value,
} from '#engine';
import { createWorkbench, type Workbench } from '../fixtures/workbench.ts';
import { DrivenClock } from './driven-clock.ts';

let bench: Workbench;
let counter = 0;
let ran: string[] = [];
/** Days whose task fails, and days whose task waits until it is let go. */
const broken = new Set<string>();
const held = new Map<string, { readonly gate: Promise<void>; readonly open: () => void }>();
const engines: Engine[] = [];

beforeAll(async () => {
  bench = await createWorkbench();
});
beforeEach(() => {
  ran = [];
  broken.clear();
  counter++;
});
afterEach(async () => {
  for (const { open } of held.values()) open();
  held.clear();
  for (const engine of engines.splice(0)) await engine.close();
});
afterAll(() => bench.close());

function hold(day: string): () => void {
  let open = (): void => undefined;
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  held.set(day, { gate, open });
  return open;
}

const params = z.object({ day: z.string(), test: z.number() });
const readDay = defineTask({
  name: 'read-day',
  version: '1',
  params,
  outputs: { size: value<number>(), bytes: blob() },
  run: async ({ params: { day }, blob: put }) => ({
    size: day.length,
    bytes: await put(Buffer.from(`rows of ${day}`)),
  }),
});
const countDay = (version: string) =>
  defineTask({
    name: 'count-day',
    version,
    params,
    inputs: (given) => ({ read: readDay.goal(given) }),
    outputs: { count: value<number>() },
    run: async ({ params: { day }, inputs }) => {
      ran.push(day);
      await held.get(day)?.gate;
      if (broken.has(day)) throw new Error(`no rows on ${day}`);
      return { count: inputs.read.size };
    },
  });
const needDay = defineTask({
  name: 'need-day',
  version: '1',
  params,
  outputs: { count: value<number>() },
  run: async ({ params: given, need }) => ({ count: (await need(readDay.goal(given))).size }),
});
const findDay = defineTask({
  name: 'find-day',
  version: '1',
  params,
  runtimeInputs: (given) => ({ read: readDay.goal(given) }),
  outputs: { count: value<number>() },
  run: async ({ inputs }) => ({ count: inputs.read.size }),
});

const dayOf = ({ from }: Interval): string => from.toISOString().slice(0, 10);
const pipelineOf = (name: string, task: 'count-day' | 'need-day' | 'find-day'): Pipeline => ({
  name,
  description: 'One goal for each day.',
  plan: async () => ({ kind: 'skip', reason: 'only days are asked for', params: {} }),
  planInterval: async (interval) => {
    const day = dayOf(interval);
    if (day === '2026-01-06') return { kind: 'skip', reason: 'a holiday', params: {} };
    if (day === '2026-01-08') throw new Error('the calendar ends here');
    const name = day === '2026-01-09' ? 'nobody' : task;
    return { kind: 'run', goals: [{ task: name, params: { day, test: counter } }], params: { day } };
  },
});

const FROM = new Date('2026-01-01T00:00Z');
const TO = new Date('2026-01-08T00:00Z');
const clock = new DrivenClock('2026-01-20T00:00Z');

function openEngine({ version = '1', task = 'count-day' as 'count-day' | 'need-day' | 'find-day' } = {}) {
  const schedule: Schedule = { pipeline: `daily-${counter}`, cron: '0 0 * * *', timeZone: 'UTC' };
  // Tasks with different params and outputs are one list to the engine.
  const tasks = [readDay, countDay(version), needDay, findDay];
  const { database, artifacts } = bench;
  const pipelines = [pipelineOf(schedule.pipeline, task)];
  const executor = inlineExecutor({ ...bench, tasks, slots: 8 });
  const engine = createEngine({ database, artifacts, tasks, pipelines, executor, isSoleOwner: false });
  engines.push(engine);
  const parts = { database, artifacts, tasks, pipelines, engine, effects: { now: clock.now } };
  return {
    engine,
    schedule,
    preview: async (options: Partial<PreviewOptions> = {}) => {
      const statuses = await previewBackfill(parts, { schedule, from: FROM, to: TO, ...options });
      return statuses.map(
        ({ interval, state, reason }) => `${dayOf(interval)} ${state}${reason === null ? '' : `: ${reason}`}`,
      );
    },
    fill: (options: Partial<BackfillOptions> = {}) => backfill(parts, { schedule, from: FROM, to: TO, ...options }),
  };
}

const days = (...numbers: readonly number[]): string[] => numbers.map((day) => `2026-01-0${day}`);
const countRuns = async (pipeline: string): Promise<number> =>
  (await bench.database.query('select 1 from runs where pipeline = $1', [pipeline])).length;

describe('a preview', () => {
  it('says for each interval how it stands, and starts nothing', async () => {
    const daily = openEngine();
    const never = (day: string) =>
      `${day} incomplete: read-day(day="${day}", test=${counter}): no result of it is stored`;
    expect(await daily.preview()).toEqual([
      ...days(1, 2, 3, 4, 5).map(never),
      '2026-01-06 complete: a holiday',
      never('2026-01-07'),
    ]);
    expect(await countRuns(daily.schedule.pipeline)).toBe(0);
    expect(ran).toEqual([]);
  });

  it('leaves out the interval that has not ended yet', async () => {
    const daily = openEngine();
    const found = await daily.preview({ from: new Date('2026-01-18T00:00Z'), to: new Date('2026-02-01T00:00Z') });
    expect(found.map((line) => line.slice(0, 10))).toEqual(['2026-01-18', '2026-01-19']);
  });

  it('names what is missing, stale or running', async () => {
    const daily = openEngine();
    await daily.fill();
    const [row] = await bench.database.query<{ digest: string }>(
      `select outputs->'bytes'->>'digest' as digest from manifests where task = 'read-day' and params->>'day' = '2026-01-02' and params->>'test' = $1`,
      [counter],
    );
    const { digest } = row ?? { digest: '' };
    const files = await (await import('node:fs/promises')).readdir(bench.folder, { recursive: true });
    for (const file of files.filter((name) => name.includes(digest))) await rm(path.join(bench.folder, file));
    const open = hold('2026-01-03');
    const [three] = await bench.database.query<{ from: Date; to: Date }>(
      `select interval_from as "from", interval_to as "to" from runs where pipeline = $1 and params->>'day' = '2026-01-03'`,
      [daily.schedule.pipeline],
    );
    await bench.database.query(`delete from manifests where task = 'count-day' and params->>'day' = '2026-01-03'`);
    const started = await daily.engine.start({
      ...{ pipeline: daily.schedule.pipeline, trigger: 'manual', interval: three },
    });
    const [four] = await bench.database.query<{ goal: string }>(
      `select goal from manifests where task = 'count-day' and params->>'day' = '2026-01-04' and params->>'test' = $1`,
      [counter],
    );
    const staleReasons = async () => new Map([[four?.goal ?? '', 'partition 4 was removed']]);
    const found = await daily.preview({ staleReasons });
    expect(found.slice(0, 5)).toEqual([
      '2026-01-01 complete',
      `2026-01-02 incomplete: read-day(day="2026-01-02", test=${counter}): its output bytes is missing, or is not what was made`,
      `2026-01-03 running: run ${started.runId} is completing it`,
      '2026-01-04 stale: partition 4 was removed',
      '2026-01-05 complete',
    ]);
    open();
  });

  it('sees that the code has changed', async () => {
    await openEngine().fill();
    const changed = await openEngine({ version: '2' }).preview();
    expect(changed[0]).toBe(
      `2026-01-01 incomplete: count-day(day="2026-01-01", test=${counter}): its code was version 1, is version 2`,
    );
  });

  it('follows what a result needed while it ran', async () => {
    const daily = openEngine({ task: 'need-day' });
    await daily.fill();
    expect((await daily.preview())[0]).toBe('2026-01-01 complete');
    await bench.database.query(
      `update manifests set outputs = jsonb_set(outputs, '{size,digest}', '"${'0'.repeat(64)}"')
       where task = 'read-day' and params->>'day' = '2026-01-01' and params->>'test' = $1`,
      [counter],
    );
    expect((await daily.preview())[0]).toBe(
      `2026-01-01 incomplete: need-day(day="2026-01-01", test=${counter}): read-day(day="2026-01-01", test=${counter}), which it needed while it ran, now has another outcome`,
    );
  });

  it('follows inputs that are found while it runs', async () => {
    const daily = openEngine({ task: 'find-day' });
    await daily.fill();
    expect((await daily.preview())[0]).toBe('2026-01-01 complete');
  });

  it('calls unknown what cannot be planned or told, and what can be beside it stands as it is', async () => {
    const daily = openEngine();
    await daily.fill();
    const found = await daily.preview({ to: new Date('2026-01-11T00:00Z') });
    expect(found.slice(6)).toEqual([
      '2026-01-07 complete',
      '2026-01-08 unknown: it could not be planned: the calendar ends here',
      expect.stringContaining('2026-01-09 unknown: No task is named "nobody"'),
      expect.stringContaining('2026-01-10 incomplete: read-day'),
    ]);
  });

  it('reports its progress', async () => {
    const told: string[] = [];
    await openEngine().preview({
      from: new Date('2025-01-01T00:00Z'),
      onInspected: (inspected, all) => told.push(`${inspected} of ${all}`),
    });
    expect(told).toEqual(['100 of 372', '200 of 372', '300 of 372', '372 of 372']);
  });

  it('is refused where intervals cannot be planned, named or counted', async () => {
    const daily = openEngine();
    const { database, artifacts } = bench;
    const drawing = { name: 'drawing', description: '', plan: pipelineOf('x', 'count-day').plan };
    const parts = { database, artifacts, tasks: [], pipelines: [drawing] };
    const options = { schedule: { ...daily.schedule, pipeline: 'drawing' }, from: FROM, to: TO };
    await expect(previewBackfill(parts, options)).rejects.toThrow(
      /cannot be backfilled: each of its runs takes .* Give it goalsOf\(interval\) in definePipeline/,
    );
    await expect(daily.preview({ schedule: { ...daily.schedule, pipeline: 'nobody' } })).rejects.toThrow(
      'There are: daily',
    );
    await expect(daily.preview({ schedule: { ...daily.schedule, cron: 'off' } })).rejects.toThrow('has no schedule');
    await expect(daily.preview({ from: TO, to: FROM })).rejects.toThrow('from a moment to a later one');
    await expect(daily.preview({ schedule: { ...daily.schedule, cron: '* * * * *' } })).rejects.toThrow('Ask in parts');
  });
});

describe('a backfill', () => {
  it('runs what is needed, each interval once, and then nothing', async () => {
    const daily = openEngine();
    const report = await daily.fill();
    expect(report).toMatchObject({ elsewhere: 0, left: 0 });
    expect(report.runs.map(({ interval, state }) => `${dayOf(interval)} ${state}`)).toEqual(
      days(1, 2, 3, 4, 5, 7).map((day) => `${day} succeeded`),
    );
    expect([...ran].sort()).toEqual(days(1, 2, 3, 4, 5, 7));
    const runs = await bench.database.query(
      `select distinct trigger, scheduled_for is null as unscheduled, interval_to - interval_from = interval '1 day' as daily from runs where pipeline = $1`,
      [daily.schedule.pipeline],
    );
    expect(runs).toEqual([{ trigger: 'backfill', unscheduled: true, daily: true }]);
    expect((await daily.fill()).runs).toEqual([]);
    expect(await countRuns(daily.schedule.pipeline)).toBe(6);
  });

  it('goes from the newest to the oldest on request, never more at a time than it may', async () => {
    const daily = openEngine();
    const atOnce: number[] = [];
    const report = await daily.fill({
      order: 'newest',
      concurrency: 3,
      onProgress: ({ running }) => atOnce.push(running),
    });
    expect(report.runs.map(({ interval }) => dayOf(interval))).toEqual(days(7, 5, 4, 3, 2, 1));
    expect(Math.max(...atOnce)).toBe(3);
    expect(atOnce.at(-1)).toBe(0);
    await expect(daily.fill({ concurrency: 0 })).rejects.toThrow('from 1 to 64');
  });

  it('continues past a failure, reports it, and runs only that the next time', async () => {
    const daily = openEngine();
    broken.add('2026-01-03');
    const told: string[] = [];
    const first = await daily.fill({
      concurrency: 1,
      onProgress: ({ needed, ended, last }) =>
        told.push(`${ended} of ${needed}: ${dayOf(last.interval)} ${last.state}`),
    });
    expect(first.runs.map(({ state }) => state)).toEqual([
      ...['succeeded', 'succeeded', 'failed', 'succeeded', 'succeeded', 'succeeded'],
    ]);
    expect(first.runs[2]?.reason).toContain('no rows on 2026-01-03');
    expect(told.slice(0, 2)).toEqual(['0 of 6: 2026-01-01 running', '1 of 6: 2026-01-01 succeeded']);
    expect(told.at(-1)).toBe('6 of 6: 2026-01-07 succeeded');
    broken.clear();
    const second = await daily.fill();
    expect(second.runs.map(({ interval, state }) => `${dayOf(interval)} ${state}`)).toEqual(['2026-01-03 succeeded']);
  });

  it('that is stopped leaves running runs, and continues there when called again', async () => {
    const daily = openEngine();
    const open = hold('2026-01-02');
    const stop = new AbortController();
    const first = await daily.fill({
      concurrency: 1,
      signal: stop.signal,
      onProgress: ({ last }) => dayOf(last.interval) === '2026-01-02' && stop.abort(),
    });
    expect(first.runs.map(({ state }) => state)).toEqual(['succeeded', 'running']);
    expect(first.left).toBe(4);
    const meanwhile = await daily.fill();
    expect(meanwhile.before[1]).toMatchObject({ state: 'running', runId: first.runs[1]?.runId });
    expect(meanwhile.runs.map(({ interval }) => dayOf(interval))).toEqual(days(3, 4, 5, 7));
    open();
    expect(await daily.engine.finished(first.runs[1]?.runId ?? '')).toBe('succeeded');
    expect((await daily.fill()).runs).toEqual([]);
    expect(await countRuns(daily.schedule.pipeline)).toBe(6);
  });

  it('next to another over the same time makes no duplicates and no extra runs', async () => {
    const engine = openEngine();
    const another = openEngine();
    const reports = await Promise.all([
      engine.fill({ concurrency: 2 }),
      another.fill({ concurrency: 2, order: 'newest' }),
      another.fill({ concurrency: 3 }),
    ]);
    expect([...ran].sort()).toEqual(days(1, 2, 3, 4, 5, 7));
    expect(await countRuns(engine.schedule.pipeline)).toBe(6);
    const begun = new Set(reports.flatMap(({ runs }) => runs.map(({ runId }) => runId)));
    expect(begun.size).toBe(6);
  });

  it('runs only intervals of the requested states; stale ones when staleness is given', async () => {
    const daily = openEngine();
    expect((await daily.fill({ states: ['unknown'] })).runs).toEqual([]);
    await daily.fill();
    const [row] = await bench.database.query<{ goal: string }>(
      `select goal from manifests where task = 'count-day' and params->>'day' = '2026-01-02' and params->>'test' = $1`,
      [counter],
    );
    const staleReasons = async () => new Map([[row?.goal ?? '', 'too old']]);
    const report = await daily.fill({ staleReasons });
    expect(report.runs.map(({ interval, state }) => `${dayOf(interval)} ${state}`)).toEqual(['2026-01-02 succeeded']);
    expect((await daily.fill({ staleReasons, states: ['incomplete'] })).runs).toEqual([]);
  });

  it('leaves intervals whose source lacks what they need', async () => {
    const daily = openEngine();
    await daily.fill({ to: new Date('2026-01-03T00:00Z') });
    await bench.database.query(
      `insert into stale_goals (goal, task, params, reason, source, partition)
       select goal, task, params, 'partition 2 was removed', 'days', '2' from manifests
       where task = 'count-day' and params->>'day' = '2026-01-02' and params->>'test' = $1`,
      [counter],
    );
    expect((await daily.preview()).slice(0, 2)).toEqual([
      ...['2026-01-01 complete', '2026-01-02 stale: count-day: partition 2 was removed'],
    ]);
    const { runs } = await daily.fill();
    expect(runs.map(({ interval }) => dayOf(interval))).toEqual(days(3, 4, 5, 7));
  });

  it('reports intervals that could not be planned as runs that failed', async () => {
    const daily = openEngine();
    const report = await daily.fill({ from: new Date('2026-01-08T00:00Z'), to: new Date('2026-01-10T00:00Z') });
    expect(report.runs.map(({ state, reason }) => `${state}: ${reason}`)).toEqual([
      'failed: The run could not be planned: the calendar ends here',
      expect.stringContaining('failed: The run could not be planned: No task is named "nobody"'),
    ]);
  });
});
