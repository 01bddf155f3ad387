import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  type AnyTask,
  backfill,
  createEngine,
  defineTask,
  type Engine,
  getRun,
  type Interval,
  inlineExecutor,
  listRuns,
  type Pipeline,
  pauseSchedule,
  previewBackfill,
  resumeSchedule,
  type Schedule,
  value,
} from '#engine';
import { createWorkbench, type Workbench } from '../fixtures/workbench.ts';
import { DrivenClock } from '../schedule/driven-clock.ts';
import { Simulation, type SimulationOptions } from '../schedule/simulation.ts';

const MINUTE_MS = 60_000;

let bench: Workbench;
let count = 0;
const closing: { close(): Promise<void> }[] = [];
beforeAll(async () => {
  bench = await createWorkbench();
});
afterEach(async () => {
  for (const each of closing.splice(0)) await each.close();
});
afterAll(() => bench.close());

function simulate(options: Omit<SimulationOptions, 'database' | 'pipeline'>): Simulation {
  const simulation = new Simulation({ ...options, database: bench.database, pipeline: `case-41-${++count}` });
  closing.push(simulation);
  return simulation;
}

/** Follows from the one moment, and catches up with everything at the other: the intervals that were run. */
async function intervalsRun(
  schedule: SimulationOptions['schedule'],
  [start, end]: readonly [string, string],
): Promise<readonly string[]> {
  const simulation = simulate({ schedule: { ...schedule, catchUp: 'all' }, start, runMs: 1 });
  simulation.follow();
  await simulation.settle();
  simulation.clock.set(end);
  await simulation.runUntil(new Date(Date.parse(end) + 2 * MINUTE_MS).toISOString());
  return simulation.runs.map(({ from, tick }) => `${from} ${tick}`);
}

const isTiled = (intervals: readonly string[]): boolean =>
  intervals.every((interval, index) => index === 0 || interval.split(' ')[0] === intervals[index - 1]?.split(' ')[1]);

describe('case 41, where clocks change', () => {
  it('41. in spring 2:30 never happens: its run comes at 3:00, and the days tile time', async () => {
    const berlin = { cron: '30 2 * * *', timeZone: 'Europe/Berlin' };
    const intervals = await intervalsRun(berlin, ['2026-03-27T12:00Z', '2026-03-31T12:00Z']);
    expect(intervals).toEqual([
      '2026-03-27T01:30 2026-03-28T01:30',
      '2026-03-28T01:30 2026-03-29T01:00',
      '2026-03-29T01:00 2026-03-30T00:30',
      '2026-03-30T00:30 2026-03-31T00:30',
    ]);
  });

  it('41. in autumn 2:30 happens twice: its run comes the first time only, and the days tile time', async () => {
    const berlin = { cron: '30 2 * * *', timeZone: 'Europe/Berlin' };
    const intervals = await intervalsRun(berlin, ['2026-10-23T12:00Z', '2026-10-27T12:00Z']);
    expect(intervals).toEqual([
      '2026-10-23T00:30 2026-10-24T00:30',
      '2026-10-24T00:30 2026-10-25T00:30',
      '2026-10-25T00:30 2026-10-26T01:30',
      '2026-10-26T01:30 2026-10-27T01:30',
    ]);
  });

  it.each([
    ['spring', '2026-03-28T23:30Z', '2026-03-29T22:30Z', 23],
    ['autumn', '2026-10-24T22:30Z', '2026-10-25T23:30Z', 25],
  ])('41. a day of hours in %s from %s to %s has %i runs', async (_season, start, end, hours) => {
    const intervals = await intervalsRun({ cron: '0 * * * *', timeZone: 'Europe/Berlin' }, [start, end]);
    expect(intervals).toHaveLength(hours);
    expect(isTiled(intervals)).toBe(true);
  });
});

describe('case 41, through the calendar', () => {
  it('41. a leap day has its run, and a year without one has none', async () => {
    const midnight = { cron: '0 0 29 2 *' };
    expect(await intervalsRun(midnight, ['2027-01-01T00:30Z', '2032-12-31T00:30Z'])).toEqual([
      '2024-02-29T00:00 2028-02-29T00:00',
      '2028-02-29T00:00 2032-02-29T00:00',
    ]);
    const daily = await intervalsRun({ cron: '0 0 * * *' }, ['2028-02-27T12:00Z', '2028-03-02T12:00Z']);
    expect(daily.map((interval) => interval.slice(-11))).toEqual([
      '02-28T00:00',
      '02-29T00:00',
      '03-01T00:00',
      '03-02T00:00',
    ]);
    expect(isTiled(daily)).toBe(true);
  });

  it('41. a leap second is no second of the clock: no tick is lost, none comes twice', async () => {
    const everySecond = { cron: '* * * * * *' };
    const intervals = await intervalsRun(everySecond, ['2016-12-31T23:59:57Z', '2017-01-01T00:00:02Z']);
    expect(intervals.slice(0, 5)).toEqual([
      '2016-12-31T23:59:57 2016-12-31T23:59:58',
      '2016-12-31T23:59:58 2016-12-31T23:59:59',
      '2016-12-31T23:59:59 2017-01-01T00:00',
      '2017-01-01T00:00 2017-01-01T00:00:01',
      '2017-01-01T00:00:01 2017-01-01T00:00:02',
    ]);
    expect(isTiled(intervals)).toBe(true);
  });

  it('41. the last day of a month is the 28th, 29th, 30th or 31st; the 31st is in seven months', async () => {
    const last = await intervalsRun({ cron: '0 0 L * *' }, ['2028-01-15T00:00Z', '2028-05-15T00:00Z']);
    expect(last.map((interval) => interval.slice(-11))).toEqual([
      '01-31T00:00',
      '02-29T00:00',
      '03-31T00:00',
      '04-30T00:00',
    ]);
    expect(isTiled(last)).toBe(true);
    expect(await intervalsRun({ cron: '0 0 31 * *' }, ['2026-01-01T00:30Z', '2027-01-01T00:30Z'])).toHaveLength(7);
  });
});

describe('case 41, after an outage of six hours', () => {
  it.each([
    ['all', ['01', '02', '03', '04', '05', '06']],
    ['latest', ['06']],
    ['none', []],
    [{ atMost: 3 }, ['04', '05', '06']],
  ] as const)('41. catch-up %j runs the hours %j', async (catchUp, hours) => {
    const simulation = simulate({ schedule: { cron: '0 * * * *', catchUp }, start: '2026-01-01T00:30Z' });
    const kill = simulation.follow();
    await simulation.settle();
    await kill();
    simulation.clock.set('2026-01-01T06:30Z');
    simulation.follow();
    await simulation.runUntil('2026-01-01T06:45Z');
    expect(simulation.ticks()).toEqual(hours.map((hour) => `2026-01-01T${hour}:00`));
  });
});

describe('case 41, paused', () => {
  it('41. nothing runs while paused, in any process, after any restart; what came due is for the catch-up', async () => {
    const simulation = simulate({ schedule: { cron: '0 * * * *', catchUp: 'latest' }, start: '2026-01-01T00:30Z' });
    const request = { pipeline: simulation.schedule.pipeline, by: 'ada', reason: 'the source is being moved' };
    const kill = simulation.follow();
    simulation.follow();
    await simulation.runUntil('2026-01-01T01:30Z');
    await pauseSchedule(bench.database, request, simulation.clock);
    await simulation.runUntil('2026-01-01T02:30Z');
    await kill();
    simulation.follow();
    await simulation.runUntil('2026-01-01T04:30Z');
    expect(simulation.ticks()).toEqual(['2026-01-01T01:00']);
    await resumeSchedule(bench.database, request, simulation.clock);
    await simulation.runUntil('2026-01-01T05:30Z');
    expect(simulation.ticks()).toEqual(['2026-01-01T01:00', '2026-01-01T04:00', '2026-01-01T05:00']);
  });
});

describe('case 41, a 1-minute job that takes 3 minutes', () => {
  it.each([
    ['skip', ['01 at 01', '05 at 05', '09 at 09']],
    ['queue', ['01 at 01', '02 at 04', '03 at 07', '04 at 10']],
    [
      'replace',
      [
        '01 at 01',
        '02 at 02',
        '03 at 03',
        '04 at 04',
        '05 at 05',
        '06 at 06',
        '07 at 07',
        '08 at 08',
        '09 at 09',
        '10 at 10',
      ],
    ],
  ] as const)('41. under %s starts %j', async (overlap, expected) => {
    // Three minutes and a bit, so that no run ends in the very second of a tick.
    const runMs = overlap === 'queue' ? 3 * MINUTE_MS : 3 * MINUTE_MS + 5_000;
    const simulation = simulate({ schedule: { cron: '* * * * *', overlap }, start: '2026-01-01T00:00:30Z', runMs });
    simulation.follow();
    await simulation.runUntil('2026-01-01T00:10:30Z');
    const started = simulation.runs.map(({ tick, startedAt }) => `${tick.slice(14, 16)} at ${startedAt.slice(14, 16)}`);
    expect(started).toEqual(expected);
    const live = simulation.runs.filter(({ state }) => state === 'running');
    expect(live).toHaveLength(1);
  });
});

const hourParams = z.object({ hour: z.string(), test: z.number() });
const gates = new Map<string, Promise<void>>();
const countHour = defineTask({
  name: 'count-hour',
  version: '1',
  params: hourParams,
  outputs: { count: value<number>() },
  run: async ({ params: { hour } }) => {
    await gates.get(hour);
    return { count: hour.length };
  },
});

interface RealEngine {
  readonly engine: Engine;
  readonly planned: (Interval | undefined)[];
  readonly parts: Parameters<typeof backfill>[0];
}

function openEngine(schedule: Schedule, clock: DrivenClock): RealEngine {
  const planned: (Interval | undefined)[] = [];
  const goalOf = ({ from }: Interval) => countHour.goal({ hour: from.toISOString().slice(11, 13), test: count });
  const pipeline: Pipeline = {
    name: schedule.pipeline,
    description: 'One goal for each hour.',
    plan: async () => ({ kind: 'skip', reason: 'only hours are asked for', params: {} }),
    planInterval: async (interval) => {
      planned.push(interval);
      return { kind: 'run', goals: [goalOf(interval)], params: {} };
    },
  };
  const tasks: readonly AnyTask[] = [countHour]; // The engine knows tasks by their names, not by their types.
  const { database, artifacts } = bench;
  const effects = { now: clock.now, after: clock.after };
  const options = { database, artifacts, tasks, pipelines: [pipeline], effects };
  const engine = createEngine({ ...options, executor: inlineExecutor({ ...bench, tasks, slots: 4 }) });
  closing.push({ close: () => engine.close(0) });
  return { engine, planned, parts: { ...options, engine } };
}

const runsOf = async (pipeline: string) =>
  (await listRuns(bench.database, { pipeline, limit: 200 })).items
    .map(({ trigger, state, interval }) => `${interval?.from.toISOString().slice(11, 13)} ${trigger} ${state}`)
    .sort();

describe('case 41, with runs that compute', () => {
  const open = (start: string, change: Partial<Schedule> = {}) => {
    const schedule: Schedule = { pipeline: `case-41-${++count}`, cron: '0 * * * *', timeZone: 'UTC', ...change };
    const clock = new DrivenClock(start);
    return { schedule, clock, ...openEngine(schedule, clock) };
  };

  it('41. a tick hands its interval to the plan, and the run keeps it; the next engine catches up', async () => {
    const first = open('2026-01-01T00:30Z', { catchUp: 'all' });
    const { schedule, clock } = first;
    first.engine.follow([schedule]);
    expect(() => first.engine.follow([schedule])).toThrow('has a schedule already');
    expect(first.engine.nextRuns()).toEqual([{ pipeline: schedule.pipeline, at: new Date('2026-01-01T01:00Z') }]);
    await expect
      .poll(() => bench.database.query('select 1 from schedules where pipeline = $1', [schedule.pipeline]))
      .toHaveLength(1);
    clock.set('2026-01-01T01:00:10Z');
    await expect.poll(async () => driven(clock, schedule.pipeline)).toEqual(['00 schedule succeeded']);
    const [run] = (await listRuns(bench.database, { pipeline: schedule.pipeline })).items;
    const interval = { from: new Date('2026-01-01T00:00Z'), to: new Date('2026-01-01T01:00Z') };
    expect(first.planned).toEqual([interval]);
    expect(run).toMatchObject({ trigger: 'schedule', interval });
    expect(await getRun(bench.database, run?.id ?? '')).toMatchObject({
      interval,
      taskRuns: [{ params: { hour: '00' } }],
    });
    await first.engine.close();

    clock.set('2026-01-01T04:30Z');
    const second = openEngine(schedule, clock);
    second.engine.follow([schedule]);
    await expect
      .poll(async () => driven(clock, schedule.pipeline))
      .toEqual(['00', '01', '02', '03'].map((hour) => `${hour} schedule succeeded`));
    expect(second.planned.map((each) => each?.from.getUTCHours())).toEqual([1, 2, 3]);
  });

  it('41. a backfill over existing and running intervals makes no duplicates and no extra runs', async () => {
    const { schedule, clock, engine, parts } = open('2026-01-01T06:30Z');
    const span = { schedule, from: new Date('2026-01-01T00:00Z'), to: new Date('2026-01-01T06:00Z') };
    const hour = (number: number): Interval => ({
      from: new Date(span.from.getTime() + number * 60 * MINUTE_MS),
      to: new Date(span.from.getTime() + (number + 1) * 60 * MINUTE_MS),
    });
    const ask = (number: number) => {
      const interval = hour(number);
      return engine.start({ pipeline: schedule.pipeline, trigger: 'schedule', scheduledFor: interval.to, interval });
    };
    await engine.finished((await ask(1)).runId);
    let release = (): void => undefined;
    gates.set(
      '02',
      new Promise((resolve) => {
        release = resolve;
      }),
    );
    const { runId } = await ask(2);
    const preview = await previewBackfill(parts, span);
    expect(preview.map(({ state }) => state)).toEqual([
      'incomplete',
      'complete',
      'running',
      'incomplete',
      'incomplete',
      'incomplete',
    ]);
    expect(await runsOf(schedule.pipeline)).toHaveLength(2);
    const reports = await Promise.all([backfill(parts, { ...span, order: 'newest' }), backfill(parts, span)]);
    expect(new Set(reports.flatMap(({ runs }) => runs.map((run) => run.runId))).size).toBe(4);
    release();
    await engine.finished(runId);
    const everything = ['00 backfill', '01 schedule', '02 schedule', '03 backfill', '04 backfill', '05 backfill'];
    expect(await runsOf(schedule.pipeline)).toEqual(everything.map((each) => `${each} succeeded`));
    // A tick for what was filled in the meantime starts nothing either.
    expect(
      await engine.start({ pipeline: schedule.pipeline, trigger: 'manual', interval: hour(3), seenRun: '0' }),
    ).toMatchObject({ isOther: true });
    expect((await backfill(parts, span)).runs).toEqual([]);
    expect(await runsOf(schedule.pipeline)).toHaveLength(6);
    expect(clock.now()).toEqual(new Date('2026-01-01T06:30Z'));
  });
});

/** The runs after timers that are due have fired. */
async function driven(clock: DrivenClock, pipeline: string): Promise<readonly string[]> {
  await clock.runUntil(clock.now(), () => new Promise((resolve) => setImmediate(resolve)));
  return runsOf(pipeline);
}
