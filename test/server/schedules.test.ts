import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { routes } from '#api';
import { parcelsProject } from './parcels.ts';
import { ask, createWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld({
    project: {
      ...parcelsProject,
      schedules: [
        { pipeline: 'ingest', cron: '* * * * *', timeZone: 'UTC', catchUp: { atMost: 3 }, overlap: 'queue' },
        { pipeline: 'train', cron: '30 2 * * *', timeZone: 'Europe/Berlin' },
      ],
    },
  });
});
afterAll(() => world.close());

const change = (action: 'pauseSchedule' | 'resumeSchedule', pipeline: string, body: Record<string, unknown>) =>
  ask(world, routes[action], { params: { pipeline }, body });

describe('schedules', () => {
  it('say what they do and what comes next', async () => {
    const askedAt = Date.now();
    const { status, json } = await ask(world, routes.schedules);
    expect(status).toBe(200);
    expect(json.items).toEqual([
      {
        ...{ pipeline: 'ingest', cron: '* * * * *', timeZone: 'UTC', catchUp: { atMost: 3 }, overlap: 'queue' },
        ...{ pause: null, runId: null, waiting: 0, dropped: null, usualMs: null },
        next: expect.arrayContaining([expect.objectContaining({ isOverlapping: false })]),
      },
      expect.objectContaining({ pipeline: 'train', catchUp: 'none', overlap: 'skip', timeZone: 'Europe/Berlin' }),
    ]);
    const [first, second] = json.items[0].next;
    expect(second.interval.from).toBe(first.at);
    expect(Date.parse(first.at)).toBeGreaterThan(askedAt);
  });

  it('show what waits, what was dropped, and which ticks are likely to find a run', async () => {
    await world.database.query(
      `insert into runs (pipeline, state, trigger, created_at, ended_at)
       select 'ingest', 'succeeded', 'schedule', at, at + interval '1 hour' from generate_series(now() - interval '3 hours', now() - interval '2 hours', '20 minutes') as at`,
    );
    const [live] = await world.database.query<{ id: string }>(
      `insert into runs (pipeline, state, trigger) values ('ingest', 'running', 'schedule') returning id::text`,
    );
    await world.database.query(
      `insert into schedules (pipeline, expression, handled_until, dropped_tick, dropped_reason) values ('ingest', 'x', now(), '2026-01-01', 'it was late')`,
    );
    await world.database.query(
      `insert into schedule_ticks values ('ingest', '2026-01-01T00:01Z', '2026-01-01T00:00Z'), ('ingest', '2026-01-01T00:02Z', '2026-01-01T00:01Z')`,
    );
    const { json } = await ask(world, routes.schedules);
    expect(json.items[0]).toMatchObject({
      ...{ runId: live?.id, waiting: 2, usualMs: 3_600_000 },
      dropped: { tick: '2026-01-01T00:00:00.000Z', reason: 'it was late' },
    });
    expect(json.items[0].next.map((tick: { isOverlapping: boolean }) => tick.isOverlapping).slice(0, 2)).toEqual([
      true,
      true,
    ]);
  });

  it('are paused and resumed, by whom and why', async () => {
    const paused = await change('pauseSchedule', 'train', { reason: ' the source moves ', by: 'ada' });
    expect(paused).toMatchObject({
      status: 200,
      json: { pipeline: 'train', pause: { by: 'ada', reason: 'the source moves' }, next: [] },
    });
    const again = await change('pauseSchedule', 'train', { reason: 'another', by: 'bob' });
    expect(again).toMatchObject({
      status: 409,
      json: { code: 'schedule_unchanged', detail: expect.stringContaining('by ada: the source moves') },
    });
    const resumed = await change('resumeSchedule', 'train', { reason: 'it has moved' });
    expect(resumed).toMatchObject({ status: 200, json: { pause: null } });
    expect(resumed.json.next).toHaveLength(3);
    expect(await change('resumeSchedule', 'train', { reason: 'again' })).toMatchObject({ status: 409 });
    const changes = await world.database.query('select action, by, reason from schedule_changes order by id');
    expect(changes).toEqual([
      { action: 'pause', by: 'ada', reason: 'the source moves' },
      { action: 'resume', by: 'somebody at the API', reason: 'it has moved' },
    ]);
  });

  it.each([
    ['an unknown pipeline', 'nobody', { reason: 'x' }, 404, 'schedule_unknown'],
    ['no reason', 'train', {}, 400, 'request_invalid'],
    ['an empty reason', 'train', { reason: '  ' }, 400, 'request_invalid'],
    ['a field that is none', 'train', { reason: 'x', why: 'y' }, 400, 'request_invalid'],
  ])('refuse %s', async (_what, pipeline, body, status, code) => {
    expect(await change('pauseSchedule', pipeline, body)).toMatchObject({ status, json: { code } });
  });
});
