import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { checkFile, defineContract, integer } from '#contracts';
import { defineTask, file, type Inputs, inlineExecutor, type TypedGoal, value } from '#engine';
import { openDuckdbPool } from '#store';
import { createGate } from '../fixtures/gate.ts';
import * as fixtures from '../fixtures/tasks.ts';
import { watchedDatabase } from '../fixtures/watched-database.ts';
import {
  createTestEngine,
  createWorkbench,
  inlineOn,
  processOn,
  type TestEngine,
  type Workbench,
} from '../fixtures/workbench.ts';

let bench: Workbench;
const engines: TestEngine[] = [];
beforeAll(async () => {
  bench = await createWorkbench();
});
afterAll(async () => {
  for (const engine of engines) await engine.close();
  await bench.close();
});

function opened(engine: TestEngine): TestEngine {
  engines.push(engine);
  return engine;
}

describe('an artifact in the middle that was deleted', () => {
  it('38. is made again, with what needs it and nothing else, over the files that are there', async () => {
    const journal = path.join(bench.folder, 'stages');
    const stage = (name: string, before?: { goal(params: { folder: string }): TypedGoal }) =>
      defineTask({
        name,
        version: '1',
        params: z.object({ folder: z.string() }),
        inputs: (params): Inputs => (before === undefined ? {} : { before: before.goal(params) }),
        outputs: { placed: file(), text: value<string>() },
        run: async ({ params, folder, file: place }) => {
          await writeFile(journal, `${await readFile(journal, 'utf8').catch(() => '')}${name}\n`);
          const at = path.join(folder, 'made');
          await writeFile(at, `the text of ${name}`);
          return { placed: await place(at, path.join(params.folder, `${name}.txt`)), text: name };
        },
      });
    const first = stage('stage-one');
    const second = stage('stage-two', first);
    const third = stage('stage-three', second);
    const tasks = [first, second, third];
    const executor = inlineExecutor({ ...bench, tasks, folder: path.join(bench.folder, 'attempts') });
    const engine = opened(createTestEngine(bench, { tasks, executor }));
    const folder = path.join(bench.folder, 'stages.d');
    await mkdir(folder);
    const goal = third.goal({ folder });
    expect(await engine.run([goal])).toBe('succeeded');
    await rm(path.join(folder, 'stage-two.txt'));
    expect(await engine.run([goal])).toBe('succeeded');
    // Made again it has the bytes it had, so what follows is there already.
    expect(await engine.states()).toEqual({ 'stage-one': 'cached', 'stage-two': 'succeeded', 'stage-three': 'cached' });
    expect((await readFile(journal, 'utf8')).trim().split('\n')).toEqual([
      'stage-one',
      'stage-two',
      'stage-three',
      'stage-two',
    ]);
    expect((await readdir(folder)).sort()).toEqual(['stage-one.txt', 'stage-three.txt', 'stage-two.txt']);
  });
});

describe('a failure', () => {
  it('39. of the user is not tried again, of infrastructure is, of data is not and keeps the data whole', async () => {
    const engine = opened(createTestEngine(bench, { executor: inlineOn(bench), effects: QUICK }));
    const attempts = async () => (await engine.last())?.taskRuns[0]?.attempts.length;
    expect(await engine.run([fixtures.fail.goal({ class: 'user', note: '39' })])).toBe('failed');
    expect(await attempts()).toBe(1);
    expect(await engine.run([fixtures.fail.goal({ class: 'data', note: '39' })])).toBe('failed');
    expect(await attempts()).toBe(1);
    expect(await engine.run([fixtures.fail.goal({ class: 'infrastructure', note: '39' })])).toBe('failed');
    expect(await attempts()).toBe(3);

    // A file that breaks its contract is no failure at all: it is a verdict, and the file is kept whole.
    const duckdb = openDuckdbPool({ size: 1 });
    const contract = defineContract({ name: 'ids', columns: { id: integer({ role: 'id' }) } });
    const broken = path.join(bench.folder, 'broken.csv.gz');
    await writeFile(broken, Buffer.from([0x1f, 0x8b, 8, 0, 1, 2, 3]));
    const { result, files } = await checkFile({
      path: broken,
      contract,
      folder: path.join(bench.folder, 'checked'),
      duckdb,
    });
    await duckdb.close();
    expect([result.verdict, files, existsSync(broken)]).toEqual(['quarantined', {}, true]);
  });
});

describe('a cancel', () => {
  it('40. ends the process tree, leaves no folder, says cancelled, and starts nothing downstream', async () => {
    const engine = opened(createTestEngine(bench, { executor: processOn(bench) }));
    const started = path.join(bench.folder, randomUUID());
    const id = await engine.start([
      fixtures.hang.goal({ note: '40', started }),
      fixtures.afterwards.goal({ task: 'hang', note: '40' }),
    ]);
    await expect.poll(() => existsSync(started)).toBe(true);
    const hanging: { pid: number; grandchild: number; folder: string } = JSON.parse(await readFile(started, 'utf8'));
    await engine.engine.cancel(id, 'enough');
    expect(await engine.engine.finished(id)).toBe('cancelled');
    await expect.poll(() => [isAlive(hanging.pid), isAlive(hanging.grandchild)]).toEqual([false, false]);
    expect(existsSync(hanging.folder)).toBe(false);
    const run = await engine.last();
    expect(run?.taskRuns.map(({ task, state }) => [task, state])).toEqual(
      expect.arrayContaining([
        ['hang', 'cancelled'],
        ['afterwards', 'cancelled'],
      ]),
    );
    expect(run?.taskRuns.find(({ task }) => task === 'afterwards')?.attempts).toEqual([]);
  });

  it.each<[string, Moment]>([
    ['while the task runs, leaves nothing', { at: 'the task', end: 'cancelled' }],
    ['before the claim is given back, leaves the whole result', { at: 'released as', end: 'succeeded' }],
    ['before the result is written, leaves the whole result', { at: 'insert into manifests', end: 'succeeded' }],
    ['before the attempt is ended, leaves the whole result', { at: 'set ended_at', end: 'succeeded' }],
    [
      'when the claim is lost in the commit, leaves nothing',
      { at: 'released as', end: 'cancelled', isClaimLost: true },
    ],
  ])('40. that comes %s', async (note, { at, end, isClaimLost = false }) => {
    const gate = createGate();
    let cancelCount = 0;
    const cancel = async (): Promise<void> => {
      if (cancelCount++ > 0) return;
      if (isClaimLost) await bench.database.query(`update claims set token = nextval('claim_tokens')`);
      await engine.engine.cancel(await started, 'in the middle');
    };
    const database = watchedDatabase(bench.database, async (sql, proceed) => {
      if (sql.includes(at)) await cancel();
      return proceed();
    });
    const task = defineTask({
      name: 'waits-at-gate',
      version: '1',
      params: z.object({ note: z.string() }),
      outputs: { n: value<number>() },
      run: async () => {
        await gate.pass();
        return { n: 1 };
      },
    });
    const tasks = [task];
    const folder = path.join(bench.folder, 'attempts');
    const engine = createTestEngine(
      { ...bench, database },
      { tasks, executor: inlineExecutor({ ...bench, tasks, folder }) },
    );
    const started = engine.start([task.goal({ note })]);
    await gate.reached();
    if (at === 'the task') await cancel();
    gate.open();
    const id = await started;
    expect(await engine.engine.finished(id)).toBe(end);
    expect(cancelCount).toBeGreaterThan(0);
    const [row] = await bench.database.query<{ made: number; state: string }>(
      `select (select count(*)::integer from manifests m where m.key = t.key) as made, t.state from task_runs t where run_id = $1`,
      [id],
    );
    expect(row).toEqual({ made: end === 'succeeded' ? 1 : 0, state: end });
    // One that was taken over is its new holder's.
    expect(await bench.database.query('delete from claims returning 1')).toHaveLength(isClaimLost ? 1 : 0);
    await engine.close();
  });
});

/** When a cancel comes, and what the run ends as. */
interface Moment {
  readonly at: string;
  readonly end: 'succeeded' | 'cancelled';
  readonly isClaimLost?: boolean;
}

/** Backoffs are over at once. */
const QUICK = {
  after: (delayMs: number, callback: () => void) => {
    const timer = setTimeout(callback, delayMs < 60_000 ? Math.min(delayMs, 5) : delayMs);
    return () => clearTimeout(timer);
  },
};

function isAlive(pid: number): boolean {
  try {
    // A zombie has died; nobody has asked for it yet.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
