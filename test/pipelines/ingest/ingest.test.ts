import { execFileSync } from 'node:child_process';
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Params, Pipeline, Task } from '#engine';
import { ingestPipeline, ingestRegistry, ingestTasks, placesOf } from '#pipelines';
import { createRegistry } from '../../../src/engine/define/registry.ts';
import { FAILURES_MAX } from '../../../src/pipelines/ingest/arrivals.ts';
import { BAD, createWorld, csv, GOOD, HEADER, parcels, REJECTED, runOnce, type World } from '../world.ts';

const FIVE = ['read-data', 'validate-data', 'save-statistics', 'send-alerts', 'split-and-save-data'];
/** Long after anything was written, so that no file is young. */
const LATER = { now: () => Date.now() + 60_000, sleep: async () => undefined };
const LAST_THREE = FIVE.slice(2);

describe('ingest', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld();
  });
  afterAll(() => world?.close());
  beforeEach(() => world.clear());

  /** The five real tasks, each perhaps wrapped; and the pipeline over them. */
  const build = (
    wrap: (task: Task) => Task = (task) => task,
    change: (pipeline: Pipeline) => Pipeline = (it) => it,
  ) => {
    const { database, duckdb, folders } = world;
    const options = {
      ...{ model: 'parcels', contract: parcels, duckdb, database, folders, alertChannels: [] },
      reportUrl: (id: string) => `http://127.0.0.1/reports/${id}`,
    };
    const tasks = ingestTasks(options);
    const engine = world.engine({
      tasks: createRegistry(ingestRegistry(tasks)).tasks.map(wrap),
      pipelines: [change(ingestPipeline(options, tasks, LATER))],
    });
    return { engine, ingest: (params: Params = {}) => runOnce(engine, database, { pipeline: 'ingest', params }) };
  };
  const check = async () =>
    world.database.query(
      'select file, verdict, rows_in::int as in, rows_good::int as good, rows_bad::int as bad, rows_rejected::int as rejected from checks order by id',
    );
  const alerts = async () => (await world.database.query('select dedupe_key from alerts')).length;
  const succeeded = Object.fromEntries(FIVE.map((task) => [task, 'succeeded']));

  it('moves a good file whole, byte for byte', async () => {
    await world.put('raw', 'a.csv', csv(GOOD));
    expect(await build().ingest()).toMatchObject({ state: 'succeeded', tasks: succeeded });
    expect(await world.list('raw')).toEqual([]);
    const [good, ...others] = await world.list('good');
    expect(others).toEqual([]);
    expect(await world.read('good', good ?? '')).toBe(csv(GOOD));
    expect(await world.list('bad')).toEqual([]);
    expect(await check()).toEqual([{ file: 'a.csv', verdict: 'pass', in: 3, good: 3, bad: 0, rejected: 0 }]);
    expect(await alerts()).toBe(0);
  });

  it('takes the very file that is asked for', async () => {
    const names = ['a.csv', 'b.csv', 'c.csv', 'd.csv', 'e.csv'];
    for (const name of names) await world.put('raw', name, csv(GOOD));
    const { ingest } = build();
    for (const file of ['d.csv', 'b.csv', 'e.csv'])
      expect(await ingest({ file })).toMatchObject({ state: 'succeeded' });
    expect(await world.list('raw')).toEqual(['a.csv', 'c.csv']);
  });

  it('fails in words when the file that is asked for is not there', async () => {
    await world.put('raw', 'a.csv', csv(GOOD));
    for (const file of ['b.csv', '../raw/a.csv', '.putting']) {
      expect(await build().ingest({ file })).toMatchObject({
        state: 'failed',
        reason: expect.stringContaining(`Expected ${JSON.stringify(file)} in raw-data, and it is missing`),
      });
    }
    expect(await world.list('raw')).toEqual(['a.csv']);
  });

  it('takes a file that is asked for at once, though it failed often and would wait', async () => {
    await world.put('raw', 'a.csv', csv(GOOD));
    const broken = build((task) =>
      task.name === 'read-data' ? preceded(task, () => Promise.reject(new Error('on purpose'))) : task,
    );
    for (let failure = 0; failure < FAILURES_MAX; failure += 1)
      expect(await broken.ingest()).toMatchObject({ state: 'failed' });
    const { ingest } = build();
    expect(await ingest()).toMatchObject({ state: 'skipped' });
    expect(await ingest({ file: 'a.csv' })).toMatchObject({ state: 'succeeded' });
  });

  it('names the run that ingests the file already', async () => {
    await world.put('raw', 'a.csv', csv(GOOD));
    const { engine, ingest } = build((task) =>
      task.name === 'read-data' ? preceded(task, () => new Promise(() => undefined)) : task,
    );
    const { runId } = await engine.start({ pipeline: 'ingest', trigger: 'schedule' });
    const second = await ingest({ file: 'a.csv' });
    expect(second).toMatchObject({ state: 'skipped', reason: `run ${runId} ingests a.csv already` });
    const [run] = await world.database.query('select params from runs where id = $1', [second.runId]);
    expect(run).toEqual({ params: { run: runId } });
    await engine.cancel(runId, 'on purpose');
  });

  it('parts a mixed file and keeps every row, the rejected lines too', async () => {
    await world.put('raw', 'a.csv', csv(GOOD, BAD, REJECTED));
    await build().ingest();
    expect(await check()).toEqual([{ file: 'a.csv', verdict: 'fail', in: 6, good: 3, bad: 2, rejected: 1 }]);
    const [good] = await world.list('good');
    expect(await world.read('good', good ?? '')).toBe(csv(GOOD));
    const [bad, rejected, ...others] = await world.list('bad');
    expect(others).toEqual([]);
    const badText = await world.read('bad', bad ?? '');
    for (const row of BAD) expect(badText).toContain(row);
    expect(rejected).toMatch(/^rejected\/a\.arrival-\d+\.jsonl$/);
    expect(await world.read('bad', rejected ?? '')).toContain(REJECTED[0]);
    const [found] = await world.database.query<{ id: string }>('select id from checks');
    const result = { verdict: 'fail', rows: { in: 6, good: 3, bad: 2, rejected: 1 } } as const;
    expect(placesOf(world.folders, { id: found?.id ?? '', file: 'a.csv', check: result })).toEqual({
      good: path.join(world.folders.good, good ?? ''),
      bad: path.join(world.folders.bad, bad ?? ''),
      rejected: path.join(world.folders.bad, rejected ?? ''),
    });
    expect(await alerts()).toBe(1);
    expect(await world.list('raw')).toEqual([]);
  });

  it('takes its file again when a failed run is retried, and once it is ingested no more', async () => {
    await world.put('raw', 'a.csv', csv(GOOD));
    let isBroken = true;
    const { engine, ingest } = build((task) =>
      task.name === 'split-and-save-data'
        ? {
            ...task,
            run: async (context) => {
              if (isBroken) throw new Error('broken');
              return task.run(context);
            },
          }
        : task,
    );
    const failed = await ingest();
    expect(failed.state).toBe('failed');
    isBroken = false;
    const { runId } = await engine.retry(failed.runId);
    expect(await engine.finished(runId)).toBe('succeeded');
    expect([await world.list('raw'), (await world.list('good')).length]).toEqual([[], 1]);
    const runs = () => world.database.query('select id from runs');
    const before = await runs();
    for (const ended of [failed.runId, runId]) {
      await expect(engine.retry(ended)).rejects.toThrow(`Run ${ended} cannot be retried: its file a.csv was ingested.`);
    }
    expect(await runs()).toEqual(before);
    expect(await check()).toHaveLength(1);
  });

  it('moves a wholly bad file whole, with the reasons beside it', async () => {
    await world.put('raw', 'a.csv', csv(BAD, REJECTED));
    await build().ingest();
    const [bad, reasons, ...others] = await world.list('bad');
    expect(others).toEqual([]);
    expect(await world.read('bad', bad ?? '')).toBe(csv(BAD, REJECTED));
    expect(reasons).toMatch(/^reasons\/a\.arrival-\d+\.csv$/);
    expect(await world.list('good')).toEqual([]);
    expect(await alerts()).toBe(1);
  });

  it.each([
    ['an empty file', ''],
    ['only a header', `${HEADER}\n`],
    ['only lines that are no rows', csv(REJECTED)],
    ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x00, 0xd8, 0x41])],
    ['another table', 'a,b\n1,2\n'],
    ['a file without a required column', 'id,size,fragile,note\n1,small,true,\n'],
  ])('keeps %s whole in bad-data, says why, and ends', async (_, content) => {
    await world.put('raw', 'a.csv', content);
    expect(await build().ingest()).toMatchObject({ state: 'succeeded' });
    const bad = (await world.list('bad')).filter((name) => !name.includes('/'));
    expect(bad).toHaveLength(1);
    expect(await readFile(path.join(world.folders.bad, bad[0] ?? ''))).toEqual(Buffer.from(content));
    expect(await world.list('good')).toEqual([]);
    expect(await world.list('raw')).toEqual([]);
    expect(await check()).toEqual([expect.not.objectContaining({ verdict: 'pass' })]);
    expect(await alerts()).toBe(1);
  });

  it.each([
    ['quotes and a line end', `it's "q"\n;--.csv`],
    ['what looks like a way out', 'a..%2f..%2f..\\..\\etc.csv'],
    ['two dots at the start of its ending', 'a..csv'],
    ['HTML', '<script>alert(1)<_script>.csv'],
    ['255 bytes', `${'x'.repeat(251)}.csv`],
    ['255 bytes of other letters', `${'漢'.repeat(83)}.csvx`],
    ['an ending as long as it may be', `a.${'e'.repeat(253)}`],
    ['no ending', 'parcels'],
  ])('takes a file whose name has %s', async (_, name) => {
    await world.put('raw', name, csv(GOOD, BAD, REJECTED));
    expect(await build().ingest()).toMatchObject({ state: 'succeeded' });
    expect(await world.list('raw')).toEqual([]);
    expect(await world.list('good')).toHaveLength(1);
    expect(await world.list('bad')).toHaveLength(2);
    expect(await check()).toMatchObject([{ file: name }]);
  });

  it('makes two arrivals of the same content under two names, each with results of its own', async () => {
    await world.put('raw', 'a.csv', csv(GOOD));
    await world.put('raw', 'b.csv', csv(GOOD));
    const { ingest } = build();
    await ingest();
    await ingest();
    expect(await check()).toMatchObject([{ good: 3 }, { good: 3 }]);
    expect(await world.list('good')).toHaveLength(2);
  });

  it('says that a run was skipped when raw-data is empty, or holds nothing but what is no file', async () => {
    const { ingest } = build();
    expect(await ingest()).toMatchObject({ state: 'skipped', reason: 'raw-data holds no new file', tasks: {} });
    await symlink('/etc/hostname', path.join(world.folders.raw, 'link.csv'));
    execFileSync('mkfifo', [path.join(world.folders.raw, 'pipe.csv')]);
    await mkdir(path.join(world.folders.raw, 'folder.csv'));
    expect(await ingest()).toMatchObject({ state: 'skipped', reason: 'raw-data holds no new file' });
  });

  describe('when the file changes after it was drawn', () => {
    /** Does something to raw-data when the run is planned and nothing has been read. */
    const meddled = (meddle: (file: string) => Promise<unknown>) =>
      build(undefined, (pipeline) => ({
        ...pipeline,
        plan: async (request) => {
          const plan = await pipeline.plan(request);
          await meddle(path.join(world.folders.raw, 'a.csv'));
          return plan;
        },
      }));

    it('fails when it was removed, and places nothing', async () => {
      await world.put('raw', 'a.csv', csv(GOOD));
      const { ingest } = meddled((file) => rm(file));
      const run = await ingest();
      expect(run).toMatchObject({ state: 'failed', tasks: { 'read-data': 'failed', 'validate-data': 'skipped' } });
      expect(run.taskRuns[0]?.reason).toContain('a.csv is no longer the file that was selected');
      expect([await world.list('good'), await world.list('bad'), await check()]).toEqual([[], [], []]);
      const open = await world.database.query('select from arrivals where ended_at is null');
      expect(open).toEqual([]);
    });

    it('fails when other bytes are there, and takes those the next time', async () => {
      await world.put('raw', 'a.csv', csv(GOOD));
      expect(await meddled((file) => writeFile(file, csv(GOOD, BAD))).ingest()).toMatchObject({ state: 'failed' });
      expect(await build().ingest()).toMatchObject({ state: 'succeeded' });
      expect(await check()).toMatchObject([{ in: 5, good: 3, bad: 2 }]);
    });

    it.each([
      ['a link to a file elsewhere', (file: string) => symlink('/etc/hostname', file)],
      ['a pipe', async (file: string) => execFileSync('mkfifo', [file])],
    ])('neither follows nor waits for %s in its place', async (_, replace) => {
      await world.put('raw', 'a.csv', csv(GOOD));
      const run = await meddled((file) => rm(file).then(async () => void (await replace(file)))).ingest();
      expect(run).toMatchObject({ state: 'failed', tasks: { 'read-data': 'failed' } });
      expect(await world.list('raw')).toEqual(['a.csv']);
    });

    it('keeps the newer file when it came after the reading', async () => {
      await world.put('raw', 'a.csv', csv(GOOD));
      const { ingest } = build((task) =>
        task.name === 'validate-data' ? preceded(task, () => world.put('raw', 'a.csv', csv(BAD))) : task,
      );
      expect(await ingest()).toMatchObject({ state: 'succeeded' });
      expect(await check()).toMatchObject([{ in: 3, good: 3 }]);
      expect(await world.read('raw', 'a.csv')).toBe(csv(BAD));
    });
  });

  it('runs the last three tasks at the same time, and keeps the raw file until all five are complete', async () => {
    await world.put('raw', 'a.csv', csv(GOOD, BAD));
    const meet = barrier(LAST_THREE.length);
    const rawSeen: (readonly string[])[] = [];
    const { ingest } = build((task) =>
      LAST_THREE.includes(task.name)
        ? followed(preceded(task, meet), async () => {
            rawSeen.push(await world.list('raw'));
          })
        : task,
    );
    expect(await ingest()).toMatchObject({ state: 'succeeded' });
    expect(rawSeen).toEqual([['a.csv'], ['a.csv'], ['a.csv']]);
    expect(await world.list('raw')).toEqual([]);
  });

  it.each(LAST_THREE)('places nothing twice when %s fails and the file is drawn again', async (failing) => {
    await world.put('raw', 'a.csv', csv(GOOD, BAD, REJECTED));
    const broken = build((task) =>
      task.name === failing ? preceded(task, () => Promise.reject(new Error('on purpose'))) : task,
    );
    expect(await broken.ingest()).toMatchObject({ state: 'failed', tasks: { [failing]: 'failed' } });
    expect(await world.list('raw')).toEqual(['a.csv']);

    const others = LAST_THREE.filter((task) => task !== failing);
    const run = await build().ingest();
    expect(run).toMatchObject({ state: 'succeeded', tasks: { [failing]: 'succeeded' } });
    for (const task of ['read-data', 'validate-data', ...others]) expect(run.tasks[task], task).toBe('cached');
    expect(await world.list('raw')).toEqual([]);
    expect(await world.list('good')).toHaveLength(1);
    expect(await world.list('bad')).toHaveLength(2);
    expect(await check()).toHaveLength(1);
    expect(await alerts()).toBe(1);
  });

  it('places nothing twice when a run is cancelled after the split, and somebody took the good file meanwhile', async () => {
    await world.put('raw', 'a.csv', csv(GOOD));
    let isSplit: () => void = () => undefined;
    const split = new Promise<void>((resolve) => {
      isSplit = resolve;
    });
    const { engine } = build((task) => {
      if (task.name === 'split-and-save-data') return followed(task, async () => isSplit());
      return task.name === 'send-alerts' ? preceded(task, () => new Promise(() => undefined)) : task;
    });
    const { runId } = await engine.start({ pipeline: 'ingest', trigger: 'manual' });
    await split;
    await untilSucceeded(runId, 'split-and-save-data');
    await engine.cancel(runId, 'on purpose');
    expect(await engine.finished(runId)).toBe('cancelled');
    const [good] = await world.list('good');
    await rm(path.join(world.folders.good, good ?? ''));

    expect(await build().ingest()).toMatchObject({ state: 'succeeded', tasks: { 'split-and-save-data': 'cached' } });
    expect(await world.list('good')).toEqual([]);
    expect(await world.list('raw')).toEqual([]);
  });

  it('removes what a killed attempt left half placed', async () => {
    await world.put('raw', 'a.csv', csv(GOOD));
    const { ingest } = build((task) =>
      task.name === 'split-and-save-data'
        ? preceded(task, async (runId) => world.put('good', `.a.arrival-${runId}.csv.0123456789ab.weir-tmp`, 'half'))
        : task,
    );
    const { runId } = await ingest();
    expect(await world.list('good')).toEqual([`a.arrival-${runId}.csv`]);
  });

  it('settles again what a crash left unsettled', async () => {
    await world.put('raw', 'a.csv', csv(GOOD));
    const crash = (pipeline: Pipeline): Pipeline => ({ ...pipeline, settle: () => new Promise(() => undefined) });
    const { engine } = build(undefined, crash);
    const { runId } = await engine.start({ pipeline: 'ingest', trigger: 'manual' });
    await untilSucceeded(runId, ...LAST_THREE);
    expect(await world.list('raw')).toEqual(['a.csv']);

    const next = build().engine;
    await next.recover();
    expect(await next.finished(runId)).toBe('succeeded');
    expect(await world.list('raw')).toEqual([]);
    const arrivals = await world.database.query('select outcome from arrivals');
    expect(arrivals).toEqual([{ outcome: 'ingested' }]);
    expect(await world.list('good')).toHaveLength(1);
  });

  /** Reads the database until the tasks of a run have succeeded there. */
  async function untilSucceeded(runId: string, ...tasks: readonly string[]): Promise<void> {
    for (;;) {
      const rows = await world.database.query(
        `select from task_runs join runs on id = run_id
          where run_id = $1 and task = any($2::text[]) and task_runs.state = 'succeeded'
            and (cardinality($2::text[]) < 3 or runs.state = 'succeeded')`,
        [runId, tasks],
      );
      if (rows.length === tasks.length) return;
    }
  }
});

/** The task, with something done before it runs. */
function preceded(task: Task, act: (runId: string) => Promise<unknown>): Task {
  return { ...task, run: async (context) => act(context.runId).then(() => task.run(context)) };
}

/** The task, with something done after it has run. */
function followed(task: Task, act: () => Promise<unknown>): Task {
  return {
    ...task,
    run: async (context) => {
      const returned = await task.run(context);
      await act();
      return returned;
    },
  };
}

/** Everyone who comes waits until all have come. */
function barrier(count: number): () => Promise<void> {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  let come = 0;
  return () => {
    come += 1;
    if (come === count) open();
    return opened;
  };
}
