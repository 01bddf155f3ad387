import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { routes } from '#api';
import { ask, createWorld, type World } from './world.ts';

let world: World;
let ids: string[];

const RUNS = [
  ['ingest', 'succeeded', null],
  ['predict', 'skipped', 'nothing new'],
  ['ingest', 'failed', 'validate-data failed'],
  ['ingest', 'running', null],
] as const;

beforeAll(async () => {
  world = await createWorld();
  const rows = [];
  for (const [pipeline, state, reason] of RUNS) {
    rows.push(
      ...(await world.database.query<{ id: string }>(
        `insert into runs (pipeline, state, reason, trigger, goals, started_at)
         values ($1, $2, $3, 'manual', '[]', clock_timestamp()) returning id`,
        [pipeline, state, reason],
      )),
    );
  }
  ids = rows.map(({ id }) => id);
  await world.database.query(
    `insert into task_runs (run_id, goal, task, params, needs, state, key, attempts)
     values ($1, 'goal-1', 'read-data', '{"file": "a.csv"}', '{}', 'succeeded', 'key-1', 1),
            ($1, 'goal-2', 'validate-data', '{}', '{goal-1}', 'failed', 'key-2', 1)`,
    [ids[2]],
  );
  await world.database.query('update task_runs set started_at = clock_timestamp() where run_id = $1', [ids[2]]);
  await world.database.query(
    `insert into attempts (run_id, goal, number, token, executor, outcome, error, log, ended_at)
     values ($1, 'goal-2', 1, 1, 'inline', 'failed',
             '{"class": "data", "name": "TypeError", "message": "no header", "stack": "at secret-folder/x.ts"}', 'line', clock_timestamp())`,
    [ids[2]],
  );
});
afterAll(() => world.close());

describe('runs', () => {
  it('come newest first', async () => {
    const { status, json } = await ask(world, routes.runs);
    expect(status).toBe(200);
    expect(json.items.map(({ id }: { id: string }) => id)).toEqual([...ids].reverse());
    expect(json.items[2]).toMatchObject({ pipeline: 'predict', state: 'skipped', reason: 'nothing new' });
  });

  it('are found by pipeline and state', async () => {
    const { json } = await ask(world, routes.runs, { query: { pipeline: 'ingest', state: 'failed' } });
    expect(json.items.map(({ id }: { id: string }) => id)).toEqual([ids[2]]);
  });

  it.each(['pipeline', 'state', 'trigger'] as const)('are sorted by %s', async (sort) => {
    const valuesOf = async (query: Record<string, string>) => {
      const { json } = await ask(world, routes.runs, { query });
      return json.items.map((run: Record<typeof sort, string>) => run[sort]);
    };
    const up = await valuesOf({ sort });
    expect(up).toEqual(up.toSorted());
    expect(await valuesOf({ sort: `-${sort}` })).toEqual(up.toReversed());
  });

  it('list only the task runs that changed since an earlier answer', async () => {
    const params = { id: ids[2] ?? '' };
    const goalsOf = (json: { taskRuns: { goal: string }[] }) => json.taskRuns.map(({ goal }) => goal);
    const whole = (await ask(world, routes.run, { params })).json;
    expect(goalsOf(whole)).toEqual(['goal-1', 'goal-2']);
    const since = async (changedSince: string) =>
      (await ask(world, routes.run, { params, query: { changedSince } })).json;
    // A transaction of another test that began before them lets changes come once more, until it has ended.
    const untilNone = async (asOf: string) => {
      let answer = await since(asOf);
      while (answer.taskRuns.length > 0) answer = await since(answer.asOf);
      return answer;
    };
    const same = await untilNone(whole.asOf);
    expect(same).toMatchObject({ state: 'failed', taskRuns: [] });
    await world.database.query(`update attempts set log = 'line' where run_id = $1 and goal = 'goal-2'`, [ids[2]]);
    const after = await since(same.asOf);
    expect(after.taskRuns).toEqual(whole.taskRuns.slice(1));
    const quiet = await untilNone(after.asOf);
    await world.database.query(`update task_runs set reason = null where run_id = $1 and goal = 'goal-1'`, [ids[2]]);
    const later = await since(quiet.asOf);
    expect(goalsOf(later)).toEqual(['goal-1']);
  });

  it('come page by page', async () => {
    const first = (await ask(world, routes.runs, { query: { limit: '3' } })).json;
    const second = (await ask(world, routes.runs, { query: { limit: '3', cursor: first.nextCursor } })).json;
    expect([...first.items, ...second.items].map(({ id }: { id: string }) => id)).toEqual([...ids].reverse());
    expect(second.nextCursor).toBeNull();
  });

  it('come sorted by how long they took, those that have not ended as the shortest', async () => {
    const tookOf = (run: { startedAt: string | null; endedAt: string | null }) =>
      run.startedAt === null || run.endedAt === null ? -1 : Date.parse(run.endedAt) - Date.parse(run.startedAt);
    for (const sort of ['took', '-took'] as const) {
      const first = (await ask(world, routes.runs, { query: { sort, limit: '3' } })).json;
      const rest = (await ask(world, routes.runs, { query: { sort, cursor: first.nextCursor } })).json;
      const took: number[] = [...first.items, ...rest.items].map(tookOf);
      expect(took).toHaveLength(ids.length);
      expect(took).toEqual(took.toSorted((a, b) => (sort === 'took' ? a - b : b - a)));
    }
  });

  it('are searched by id, pipeline, state and reason', async () => {
    const found = async (search: string) =>
      (await ask(world, routes.runs, { query: { search } })).json.items.map(({ id }: { id: string }) => id);
    expect(await found('PREDICT new')).toEqual((await found('nothing new')).filter(Boolean));
    expect(await found('nothing new')).toHaveLength(1);
    expect(await found(`${ids[2]} validate-data`)).toEqual([ids[2]]);
    expect(await found('no such run')).toEqual([]);
  });

  it('refuse a cursor of another order, and an order that they do not have', async () => {
    const { nextCursor } = (await ask(world, routes.runs, { query: { limit: '1' } })).json;
    const other = await ask(world, routes.runs, { query: { sort: 'took', cursor: nextCursor } });
    expect(other).toMatchObject({ status: 422, json: { code: 'cursor_invalid' } });
    expect((await ask(world, routes.runs, { query: { sort: 'reason' } })).status).toBe(400);
  });

  it.each(['x', '-1', '1 or 1=1', '99999999999999999999'])('refuse the cursor %s', async (cursor) => {
    const told = await ask(world, routes.runs, { query: { cursor } });
    expect(told).toMatchObject({ status: 422, json: { code: 'cursor_invalid' } });
  });
});

describe('one run', () => {
  it('shows its task runs and attempts, without the stack of an error', async () => {
    const { status, json, text } = await ask(world, routes.run, { params: { id: ids[2] ?? '' } });
    expect(status).toBe(200);
    expect(json).toMatchObject({ id: ids[2], state: 'failed', reason: 'validate-data failed' });
    const task = json.taskRuns.find(({ task }: { task: string }) => task === 'validate-data');
    expect(task).toMatchObject({
      goal: 'goal-2',
      needs: ['goal-1'],
      attempts: [
        {
          number: 1,
          outcome: 'failed',
          error: { class: 'data', name: 'TypeError', message: 'no header' },
          log: 'line',
        },
      ],
    });
    expect(text).not.toContain('secret-folder');
  });

  it('says why each task ran: here there was no result to compare with', async () => {
    const { json } = await ask(world, routes.run, { params: { id: ids[2] ?? '' } });
    const whys = Object.fromEntries(json.taskRuns.map(({ task, why }: { task: string; why: unknown }) => [task, why]));
    expect(whys['validate-data']).toEqual({
      differences: [{ kind: 'first', sentence: 'no result of it is stored', name: null, goal: null }],
      from: null,
    });
  });

  it.each(['0', '404404', 'abc', '1; drop table runs', '99999999999999999999', '../1'])(
    'is not found as %s',
    async (id) => {
      const told = await ask(world, routes.run, { params: { id } });
      expect(told).toMatchObject({ status: 404, json: { code: 'run_unknown' } });
    },
  );
});

describe('starting and cancelling', () => {
  it('asks the engine for a run of a pipeline', async () => {
    const told = await ask(world, routes.startRun, { params: { name: 'ingest' } });
    expect(told).toMatchObject({ status: 200, json: { runId: '1', state: 'queued' } });
    expect(world.engine.started).toEqual(['ingest']);
  });

  it('hands params and force to the engine; without a body there are none', async () => {
    expect(world.engine.asked).toEqual({ params: {}, isForced: false });
    const body = { params: { day: '2026-01-31', books: ['a'] }, force: true };
    expect(await ask(world, routes.startRun, { params: { name: 'ingest' }, body })).toMatchObject({ status: 200 });
    expect(world.engine.asked).toEqual({ params: body.params, isForced: true });
    const goals = { params: { goals: [{ task: 'count', params: {} }] } };
    expect(await ask(world, routes.startRun, { params: { name: 'goals' }, body: goals })).toMatchObject({
      status: 200,
    });
    expect(world.engine.started.splice(1)).toEqual(['ingest', 'goals']);
  });

  it.each([{ params: [] }, { params: 'day=1' }, { force: 'yes' }, { pipeline: 'ingest' }, []])(
    'refuses the body %j',
    async (body) => {
      const told = await ask(world, routes.startRun, { params: { name: 'ingest' }, body });
      expect(told).toMatchObject({ status: 400, json: { code: 'request_invalid' } });
      expect(world.engine.started).toEqual(['ingest']);
    },
  );

  it('says which params the pipeline takes when they are not those', async () => {
    world.engine.paramsRefusal = 'Pipeline ingest takes no params; got day.';
    const told = await ask(world, routes.startRun, { params: { name: 'ingest' }, body: { params: { day: 1 } } });
    world.engine.paramsRefusal = undefined;
    expect(told).toMatchObject({
      status: 422,
      json: { code: 'params_invalid', detail: expect.stringContaining('got day') },
    });
  });

  it('refuses a pipeline that the project has not', async () => {
    const told = await ask(world, routes.startRun, { params: { name: 'constructor' } });
    expect(told).toMatchObject({ status: 404, json: { code: 'pipeline_unknown' } });
    expect(world.engine.started).toEqual(['ingest']);
  });

  it('cancels a run in progress', async () => {
    expect((await ask(world, routes.cancelRun, { params: { id: ids[3] ?? '' } })).status).toBe(200);
    expect(world.engine.cancelled).toEqual([ids[3]]);
  });

  it('tries an ended run again, and no other', async () => {
    const told = await ask(world, routes.retryRun, { params: { id: ids[2] ?? '' } });
    expect(told).toMatchObject({ status: 200, json: { runId: '2', state: 'queued' } });
    const refused = await ask(world, routes.retryRun, { params: { id: ids[3] ?? '' } });
    expect(refused).toMatchObject({ status: 409, json: { code: 'run_not_ended' } });
    expect(world.engine.retried).toEqual([ids[2]]);
  });

  it('says why an ended run cannot be retried', async () => {
    world.engine.refusal = 'Run 3 cannot be retried: its file a.csv was ingested.';
    const told = await ask(world, routes.retryRun, { params: { id: ids[2] ?? '' } });
    expect(told).toMatchObject({ status: 409, json: { code: 'retry_refused', detail: world.engine.refusal } });
    world.engine.refusal = undefined;
  });

  it('cancels no run that has ended', async () => {
    const told = await ask(world, routes.cancelRun, { params: { id: ids[0] ?? '' } });
    expect(told).toMatchObject({ status: 409, json: { code: 'run_ended' } });
    expect(world.engine.cancelled).toEqual([ids[3]]);
  });
});
