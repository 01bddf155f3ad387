import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { pauseSchedule, resumeSchedule } from '#engine';
import type { Database } from '#store';
import { createTestDatabase } from '../../postgres/create-test-database.ts';
import { Simulation, type SimulationOptions } from './simulation.ts';

let database: Database;
let count = 0;
const simulations: Simulation[] = [];
beforeAll(async () => {
  database = await createTestDatabase();
});
afterEach(async () => {
  for (const simulation of simulations.splice(0)) await simulation.close();
});
afterAll(() => database.close());

function simulate(options: Omit<SimulationOptions, 'database' | 'pipeline'>): Simulation {
  const simulation = new Simulation({ ...options, database, pipeline: `given-${++count}` });
  simulations.push(simulation);
  return simulation;
}

const HOURLY = { cron: '0 * * * *' };
const MINUTE_MS = 60_000;

describe('a schedule', () => {
  it('starts a run at each tick, for the interval that the tick ends', async () => {
    const simulation = simulate({ schedule: HOURLY, start: '2026-01-01T00:30Z' });
    simulation.follow();
    await simulation.runUntil('2026-01-01T03:30Z');
    expect(simulation.runs.map(({ from, tick, startedAt }) => [from, tick, startedAt])).toEqual([
      ['2026-01-01T00:00', '2026-01-01T01:00', '2026-01-01T01:00'],
      ['2026-01-01T01:00', '2026-01-01T02:00', '2026-01-01T02:00'],
      ['2026-01-01T02:00', '2026-01-01T03:00', '2026-01-01T03:00'],
    ]);
    expect(simulation.nextRuns()).toEqual(['2026-01-01T04:00']);
    const rows = await database.query(
      'select scheduled_for = interval_to as same from runs where pipeline = $1 and trigger = $2',
      [simulation.schedule.pipeline, 'schedule'],
    );
    expect(rows).toEqual([{ same: true }, { same: true }, { same: true }]);
  });

  it('starts a tick once when several engines follow it', async () => {
    const simulation = simulate({ schedule: { cron: '*/10 * * * *' }, start: '2026-01-01T00:05Z' });
    for (let engine = 0; engine < 4; engine++) simulation.follow();
    await simulation.runUntil('2026-01-01T02:05Z');
    expect(simulation.ticks()).toHaveLength(12);
    expect(new Set(simulation.ticks()).size).toBe(12);
  });

  it('starts with its next tick, not with those of a time before it was followed', async () => {
    const simulation = simulate({ schedule: { ...HOURLY, catchUp: 'all' }, start: '2026-01-01T00:00:10Z' });
    simulation.follow();
    await simulation.runUntil('2026-01-01T00:59Z');
    expect(simulation.ticks()).toEqual([]);
  });

  it('starts again when its expression changes, and makes up for no tick that the new one would have had', async () => {
    const simulation = simulate({ schedule: { ...HOURLY, catchUp: 'all' }, start: '2026-01-01T00:30Z' });
    const end = simulation.follow();
    await simulation.runUntil('2026-01-01T01:10Z');
    await end();
    await simulation.runUntil('2026-01-01T05:05Z');
    simulation.follow({ ...simulation.schedule, cron: '*/10 * * * *' });
    await simulation.runUntil('2026-01-01T05:25Z');
    expect(simulation.ticks()).toEqual(['2026-01-01T01:00', '2026-01-01T05:10', '2026-01-01T05:20']);
  });

  it('is checked when it is followed', () => {
    const { schedule } = simulate({ schedule: HOURLY, start: '2026-01-01T00:00Z' });
    const refusal = (change: object) => () =>
      simulate({ schedule: HOURLY, start: '2026-01-01T00:00Z' }).follow({ ...schedule, ...change });
    expect(refusal({ cron: 'daily' })).toThrow('five or six fields');
    expect(refusal({ catchUp: { atMost: 0 } })).toThrow('from 1 to 1000');
    expect(refusal({ catchUp: 'all', overlap: 'replace' })).toThrow('Take overlap "queue"');
  });

  it('looks again after the database was away', async () => {
    const simulation = simulate({ schedule: HOURLY, start: '2026-01-01T00:30Z' });
    simulation.follow();
    await simulation.runUntil('2026-01-01T00:59Z');
    await database.query('alter table schedules rename to schedules_away');
    await simulation.runUntil('2026-01-01T01:00:12Z');
    expect(simulation.ticks()).toEqual([]);
    await database.query('alter table schedules_away rename to schedules');
    await simulation.runUntil('2026-01-01T01:00:30Z');
    expect(simulation.runs).toMatchObject([{ tick: '2026-01-01T01:00', startedAt: '2026-01-01T01:00:15' }]);
    expect(simulation.warnings[0]).toContain('could not be looked at');
  });
});

describe('a slow database', () => {
  it('lets no tick be overlooked that passes while it answers', async () => {
    const simulation = simulate({ schedule: HOURLY, start: '2026-01-01T00:58:30Z' });
    simulation.follow();
    await simulation.settle();
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    let isLocked = (): void => undefined;
    const locked = new Promise<void>((resolve) => {
      isLocked = resolve;
    });
    const holding = database.transaction(async (tx) => {
      await tx.query('select 1 from schedules where pipeline = $1 for update', [simulation.schedule.pipeline]);
      isLocked();
      await gate;
    });
    await locked;
    await simulation.clock.runUntil('2026-01-01T00:59:30Z', async () => undefined);
    simulation.clock.set('2026-01-01T01:00:05Z');
    release();
    await holding;
    await simulation.runUntil('2026-01-01T01:00:06Z');
    expect(simulation.runs).toMatchObject([{ tick: '2026-01-01T01:00', startedAt: '2026-01-01T01:00:05' }]);
  });
});

describe('after an outage of six hours', () => {
  it.each([
    ['none', []],
    ['latest', ['06:00']],
    ['all', ['01:00', '02:00', '03:00', '04:00', '05:00', '06:00']],
    [{ atMost: 2 }, ['05:00', '06:00']],
    [{ atMost: 10 }, ['01:00', '02:00', '03:00', '04:00', '05:00', '06:00']],
  ] as const)('catch-up %j runs %j, one after another', async (catchUp, expected) => {
    const simulation = simulate({
      ...{ schedule: { ...HOURLY, catchUp }, start: '2026-01-01T00:00Z', runMs: 5 * MINUTE_MS },
    });
    await simulation.follow()();
    simulation.clock.set('2026-01-01T06:10Z');
    simulation.follow();
    await simulation.runUntil('2026-01-01T06:55Z');
    expect(simulation.ticks()).toEqual(expected.map((time) => `2026-01-01T${time}`));
    expect(simulation.runs.map(({ startedAt }) => startedAt)).toEqual(
      expected.map((_, index) => `2026-01-01T06:${String(10 + 5 * index).padStart(2, '0')}`),
    );
    await simulation.runUntil('2026-01-01T07:30Z');
    expect(simulation.ticks().at(-1)).toBe('2026-01-01T07:00');
    expect(simulation.ticks()).toHaveLength(expected.length + 1);
  });

  it('a tick that is less than a minute old is in time, whatever the catch-up', async () => {
    const simulation = simulate({ schedule: HOURLY, start: '2026-01-01T00:00Z' });
    const end = simulation.follow();
    await simulation.settle();
    await end();
    simulation.clock.set('2026-01-01T06:00:40Z');
    simulation.follow();
    await simulation.runUntil('2026-01-01T06:10Z');
    expect(simulation.ticks()).toEqual(['2026-01-01T06:00']);
  });

  it('an engine that is killed while it catches up leaves the rest to the next', async () => {
    const schedule = { ...HOURLY, catchUp: 'all' } as const;
    const simulation = simulate({ schedule, start: '2026-01-01T00:00Z', runMs: 5 * MINUTE_MS });
    const first = simulation.follow();
    await simulation.settle();
    simulation.clock.set('2026-01-01T06:10Z');
    await simulation.runUntil('2026-01-01T06:21Z');
    expect(simulation.ticks()).toHaveLength(3);
    await first();
    await simulation.recover();
    simulation.follow();
    await simulation.runUntil('2026-01-01T06:50Z');
    expect(simulation.ticks()).toEqual([1, 2, 3, 4, 5, 6].map((hour) => `2026-01-01T0${hour}:00`));
    expect(simulation.runs.map(({ by }) => by)).toEqual([1, 1, 1, 2, 2, 2]);
  });
});

describe('a tick that finds a run', () => {
  const every = { cron: '* * * * *' };
  const overlapping = (overlap: 'skip' | 'queue' | 'replace') =>
    simulate({ schedule: { ...every, overlap }, start: '2026-01-01T00:00:30Z', runMs: 3 * MINUTE_MS });

  it('is skipped', async () => {
    const simulation = overlapping('skip');
    simulation.follow();
    await simulation.runUntil('2026-01-01T00:10:30Z');
    // A run that ends in the very second of a tick leaves it to chance which of the two is seen first.
    const minutes = simulation.ticks().map((tick) => Number(tick.slice(-2)));
    expect(minutes[0]).toBe(1);
    expect(minutes.length).toBeGreaterThanOrEqual(3);
    for (const [index, minute] of minutes.entries())
      if (index > 0) expect(minute - (minutes[index - 1] ?? 0)).toBeGreaterThanOrEqual(3);
    expect(simulation.runs.every(({ tick, startedAt }) => tick === startedAt)).toBe(true);
    const [row] = await database.query('select dropped_reason as reason from schedules where pipeline = $1', [
      simulation.schedule.pipeline,
    ]);
    expect(row).toEqual({ reason: 'A run of the pipeline was in progress.' });
  });

  it('waits for its turn in the queue', async () => {
    const simulation = overlapping('queue');
    simulation.follow();
    await simulation.runUntil('2026-01-01T00:10:30Z');
    expect(simulation.runs.map(({ tick, startedAt }) => `${tick.slice(-2)} at ${startedAt.slice(-2)}`)).toEqual([
      ...['01 at 01', '02 at 04', '03 at 07', '04 at 10'],
    ]);
  });

  it('is dropped when the queue is full', async () => {
    const schedule = { ...every, overlap: 'queue' } as const;
    const simulation = simulate({ schedule, start: '2026-01-01T00:00:30Z', runMs: 1e9 });
    simulation.follow();
    await simulation.runUntil('2026-01-01T00:01:30Z');
    const { pipeline } = simulation.schedule;
    await database.query(
      `insert into schedule_ticks select $1, at, at - interval '1 second' from generate_series(timestamptz '2025-01-01', timestamptz '2025-01-01' + interval '999 seconds', '1 second') as at`,
      [pipeline],
    );
    await simulation.runUntil('2026-01-01T00:02:30Z');
    const [row] = await database.query<{ reason: string; waiting: number }>(
      `select dropped_reason as reason, (select count(*)::integer from schedule_ticks t where t.pipeline = s.pipeline) as waiting
       from schedules s where pipeline = $1`,
      [pipeline],
    );
    expect(row).toEqual({ reason: '1000 ticks were waiting already.', waiting: 1_000 });
  });

  it('takes its place', async () => {
    const simulation = overlapping('replace');
    simulation.follow();
    await simulation.runUntil('2026-01-01T00:04:30Z');
    expect(
      simulation.runs.map(({ tick, startedAt, state }) => `${tick.slice(-2)} at ${startedAt.slice(-2)} ${state}`),
    ).toEqual([...['01 at 01 cancelled', '02 at 02 cancelled', '03 at 03 cancelled', '04 at 04 running']]);
  });

  it('is not held up by a backfill', async () => {
    const simulation = simulate({ schedule: HOURLY, start: '2026-01-01T00:30Z' });
    await database.query(`insert into runs (pipeline, state, trigger) values ($1, 'running', 'backfill')`, [
      simulation.schedule.pipeline,
    ]);
    simulation.follow();
    await simulation.runUntil('2026-01-01T01:30Z');
    expect(simulation.ticks()).toEqual(['2026-01-01T01:00']);
  });

  it('is not run when a backfill has run its interval, or is running it', async () => {
    const simulation = simulate({ schedule: { ...HOURLY, catchUp: 'all' }, start: '2026-01-01T00:30Z' });
    await simulation.follow()();
    await simulation.settle();
    for (const [hour, state] of [
      ['02', 'succeeded'],
      ['03', 'running'],
      ['04', 'failed'],
    ])
      await database.query(
        `insert into runs (pipeline, state, trigger, interval_from, interval_to) values ($1, $2, 'backfill', $3::timestamptz - interval '1 hour', $3)`,
        [simulation.schedule.pipeline, state, `2026-01-01T${hour}:00Z`],
      );
    simulation.clock.set('2026-01-01T05:30Z');
    simulation.follow();
    await simulation.runUntil('2026-01-01T05:40Z');
    expect(simulation.ticks()).toEqual(['2026-01-01T01:00', '2026-01-01T04:00', '2026-01-01T05:00']);
  });
});

describe('a pause', () => {
  const who = { by: 'ada', reason: 'the source is being moved' };

  it('stops the clock in every process and survives a restart; who, when and why is kept', async () => {
    const simulation = simulate({ schedule: HOURLY, start: '2026-01-01T00:30Z' });
    const { pipeline } = simulation.schedule;
    const ends = [simulation.follow(), simulation.follow()];
    await simulation.runUntil('2026-01-01T01:30Z');
    expect(await pauseSchedule(database, { ...who, pipeline }, simulation.clock)).toBe(true);
    expect(await pauseSchedule(database, { ...who, pipeline }, simulation.clock)).toBe(false);
    await simulation.runUntil('2026-01-01T02:30Z');
    for (const end of ends) await end();
    simulation.follow();
    await simulation.runUntil('2026-01-01T03:30Z');
    expect(simulation.ticks()).toEqual(['2026-01-01T01:00']);
    expect(simulation.nextRuns()).toEqual([]);
    const pauses = await database.query(
      'select paused_at as at, paused_by as by, paused_reason as reason from schedules where pipeline = $1',
      [pipeline],
    );
    expect(pauses).toEqual([{ ...who, at: new Date('2026-01-01T01:30Z') }]);
    expect(await resumeSchedule(database, { by: 'bob', reason: 'moved', pipeline }, simulation.clock)).toBe(true);
    expect(await resumeSchedule(database, { by: 'bob', reason: 'moved', pipeline }, simulation.clock)).toBe(false);
    await simulation.runUntil('2026-01-01T04:30Z');
    expect(simulation.ticks()).toEqual(['2026-01-01T01:00', '2026-01-01T04:00']);
    const changes = await database.query(
      'select action, by, reason, at from schedule_changes where pipeline = $1 order by id',
      [pipeline],
    );
    expect(changes).toEqual([
      { action: 'pause', ...who, at: new Date('2026-01-01T01:30Z') },
      { action: 'resume', by: 'bob', reason: 'moved', at: new Date('2026-01-01T03:30Z') },
    ]);
  });

  it.each([
    ['none', []],
    ['latest', ['05:00']],
    ['all', ['01:00', '02:00', '03:00', '04:00', '05:00']],
    [{ atMost: 3 }, ['03:00', '04:00', '05:00']],
  ] as const)('is made up for by catch-up %j: %j', async (catchUp, expected) => {
    const simulation = simulate({ schedule: { ...HOURLY, catchUp }, start: '2026-01-01T00:30Z' });
    const request = { ...who, pipeline: simulation.schedule.pipeline };
    simulation.follow();
    await simulation.settle();
    await pauseSchedule(database, request, simulation.clock);
    // Half a minute after a tick: it fell into the pause all the same.
    await simulation.runUntil('2026-01-01T05:00:30Z');
    await resumeSchedule(database, request, simulation.clock);
    await simulation.runUntil('2026-01-01T05:30Z');
    expect(simulation.ticks()).toEqual(expected.map((time) => `2026-01-01T${time}`));
  });

  it('is heard of by other processes at once', async () => {
    const simulation = simulate({ schedule: { ...HOURLY, catchUp: 'latest' }, start: '2026-01-01T00:30Z' });
    const request = { ...who, pipeline: simulation.schedule.pipeline };
    simulation.follow();
    await simulation.settle();
    await pauseSchedule(database, request, simulation.clock);
    await expect.poll(() => simulation.nextRuns()).toEqual([]);
    await resumeSchedule(database, request, simulation.clock);
    await expect.poll(() => simulation.nextRuns()).toEqual(['2026-01-01T01:00']);
  });

  it('says who and why, or is refused', async () => {
    const request = { pipeline: 'given', by: ' ', reason: 'x' };
    await expect(pauseSchedule(database, request)).rejects.toThrow('by is empty');
    await expect(resumeSchedule(database, { ...request, by: 'ada', reason: '' })).rejects.toThrow('reason is empty');
  });

  it('lets ticks that were waiting wait', async () => {
    const schedule = { cron: '* * * * *', overlap: 'queue' } as const;
    const simulation = simulate({ schedule, start: '2026-01-01T00:00:30Z', runMs: 3 * MINUTE_MS });
    const request = { ...who, pipeline: simulation.schedule.pipeline };
    simulation.follow();
    await simulation.runUntil('2026-01-01T00:03:30Z');
    await pauseSchedule(database, request, simulation.clock);
    await simulation.runUntil('2026-01-01T00:20:30Z');
    expect(simulation.ticks().map((tick) => tick.slice(-2))).toEqual(['01']);
    await resumeSchedule(database, request, simulation.clock);
    await simulation.runUntil('2026-01-01T00:21:30Z');
    expect(simulation.ticks().map((tick) => tick.slice(-2))).toEqual(['01', '02']);
  });
});

describe('a clock', () => {
  it('that was set back runs no tick again, and continues when it stands where it stood', async () => {
    const simulation = simulate({ schedule: HOURLY, start: '2026-01-01T00:30Z' });
    simulation.follow();
    await simulation.runUntil('2026-01-01T03:30Z');
    simulation.clock.set('2026-01-01T01:30Z');
    await simulation.runUntil('2026-01-01T05:30Z');
    expect(simulation.ticks()).toEqual([1, 2, 3, 4, 5].map((hour) => `2026-01-01T0${hour}:00`));
  });

  it('that was years ahead by mistake does not silence the schedule until then', async () => {
    const simulation = simulate({ schedule: HOURLY, start: '2029-05-05T05:30Z' });
    simulation.follow();
    await simulation.runUntil('2029-05-05T06:30Z');
    simulation.clock.set('2026-01-01T00:30Z');
    await simulation.runUntil('2026-01-01T01:30Z');
    expect(simulation.ticks()).toEqual(['2029-05-05T06:00', '2026-01-01T01:00']);
  });

  it('that was set forward, or a machine that slept, misses what lay between', async () => {
    const simulation = simulate({ schedule: { ...HOURLY, catchUp: { atMost: 2 } }, start: '2026-01-01T00:30Z' });
    simulation.follow();
    await simulation.runUntil('2026-01-01T01:30Z');
    simulation.clock.set('2026-01-01T09:30Z');
    await simulation.runUntil('2026-01-01T09:45Z');
    expect(simulation.ticks().slice(1)).toEqual(['2026-01-01T08:00', '2026-01-01T09:00']);
  });
});
