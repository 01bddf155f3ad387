import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Assignment, BatchEnd, ExecutionContext, Executor, Goal, NeedAnswer, Outcome } from '#engine';
import { square, weigh } from '../engine/fixtures/batch-tasks.ts';
import * as fixtures from '../engine/fixtures/tasks.ts';
import { createWorkbench, type Workbench } from '../engine/fixtures/workbench.ts';

/**
 * What every executor keeps: the outcome of an attempt does not depend on where it ran. `tracedTo` is how the file of the
 * tasks is called in a stack.
 */
export function testExecutor(
  name: string,
  create: (bench: Workbench) => Executor | Promise<Executor>,
  tracedTo = 'tasks.ts',
): void {
  describe(`the ${name} executor`, () => {
    let bench: Workbench;
    let executor: Executor;
    beforeAll(async () => {
      bench = await createWorkbench();
      executor = await create(bench);
    });
    afterAll(async () => {
      await executor.close();
      await bench.close();
    });

    /** An attempt whose claim is held. */
    async function assign(goal: Goal, given: Partial<Assignment> = {}): Promise<Assignment> {
      const key = randomUUID();
      const [claim] = await bench.database.query<{ token: string }>(
        `insert into claims (key, token, owner, expires_at) values ($1, nextval('claim_tokens'), 'test', now() + interval '1 hour')
         returning token`,
        [key],
      );
      const assignment = { runId: '1', task: goal.task, params: goal.params, goal: `goal of ${key}`, key, attempt: 1 };
      return { ...assignment, token: claim?.token ?? '', inputs: {}, ...given };
    }
    const context = (given: Partial<ExecutionContext> = {}): ExecutionContext => ({
      signal: new AbortController().signal,
      need: async () => ({ kind: 'refused', reason: 'not in this test', isError: true }),
      ...given,
    });
    const execute = async (goal: Goal, given: Partial<ExecutionContext> = {}): Promise<Outcome> =>
      executor.execute(await assign(goal), context(given));

    it('answers a success with its outputs and its log', async () => {
      const outcome = await execute(fixtures.add.goal({ a: 2, b: 3 }));
      expect(outcome).toMatchObject({ kind: 'succeeded', log: 'adding 2 and 3' });
      expect(outcome).toHaveProperty('outputs.sum', expect.objectContaining({ kind: 'value', value: 5, sizeBytes: 1 }));
    });

    it('hands outputs of one attempt to the next, large values and blobs too', async () => {
      const made = await execute(fixtures.makeText.goal({ letter: 'é', length: 5_000 }));
      if (made.kind !== 'succeeded') throw new Error(JSON.stringify(made));
      expect(made.outputs.text).toEqual({ kind: 'value', digest: expect.any(String), sizeBytes: 10_002 });
      const goal = fixtures.measureText.goal({ letter: 'é', length: 5_000 });
      const measured = await executor.execute(await assign(goal, { inputs: { made: made.outputs } }), context());
      expect(measured).toHaveProperty('outputs.lengths.value', [5_000, 10_000, 5_000]);
    });

    it('places a file, and leaves no other beside it', async () => {
      const to = path.join(bench.folder, 'placed', 'made.txt');
      await mkdir(path.dirname(to), { recursive: true });
      await writeFile(to, 'an older one');
      const outcome = await execute(fixtures.placeFile.goal({ path: to, text: 'hello' }));
      expect(outcome).toHaveProperty('outputs.placed', {
        kind: 'file',
        path: to,
        digest: expect.any(String),
        sizeBytes: 5,
      });
      expect(await readFile(to, 'utf8')).toBe('hello');
      expect(await readdir(path.dirname(to))).toEqual([path.basename(to)]);
    });

    it('refuses to place a file where a folder is', async () => {
      const outcome = await execute(fixtures.placeFile.goal({ path: bench.folder, text: 'hello' }));
      expect(outcome).toMatchObject({
        kind: 'failed',
        error: { class: 'user', message: expect.stringContaining('a folder') },
      });
    });

    it('writes rows and their marker together, or neither', async () => {
      const rowsOf = async (owner: string): Promise<number> =>
        (await bench.database.query('select 1 from owned_rows where owner = $1', [owner])).length;
      const goal = fixtures.writeRows.goal({ owner: `${name} a`, count: 3, isBroken: false });
      expect(await execute(goal)).toHaveProperty('outputs.written.rowCount', 3);
      expect(await execute(goal)).toHaveProperty('outputs.written.rowCount', 3);
      expect(await rowsOf(`${name} a`)).toBe(3);
      const broken = await assign(fixtures.writeRows.goal({ owner: `${name} b`, count: 3, isBroken: true }));
      expect(await executor.execute(broken, context())).toMatchObject({ kind: 'failed', error: { class: 'user' } });
      expect(await rowsOf(`${name} b`)).toBe(0);
      expect(await bench.database.query('select 1 from sink_markers where key = $1', [broken.key])).toEqual([]);
    });

    it('refuses rows and files of an attempt whose claim was taken over', async () => {
      const to = path.join(bench.folder, `fenced-${name}.txt`);
      for (const goal of [
        fixtures.writeRows.goal({ owner: `${name} late`, count: 3, isBroken: false }),
        fixtures.placeFile.goal({ path: to, text: 'late' }),
      ]) {
        const assignment = await assign(goal);
        await bench.database.query(`update claims set token = nextval('claim_tokens') where key = $1`, [
          assignment.key,
        ]);
        expect(await executor.execute(assignment, context())).toMatchObject({
          kind: 'failed',
          error: { class: 'infrastructure', message: expect.stringContaining('taken over') },
        });
      }
      expect(await bench.database.query('select 1 from owned_rows where owner = $1', [`${name} late`])).toEqual([]);
      await expect(readFile(to)).rejects.toThrow('ENOENT');
    });

    it.each([
      ['user', 'TypeError', 'no such thing: x'],
      ['data', 'TaskError', 'told to fail: x'],
      ['infrastructure', 'TaskError', 'told to fail: x'],
    ] as const)(
      'answers an error of class %s with its name, message and log',
      async (retryClass, errorName, message) => {
        const outcome = await execute(fixtures.fail.goal({ class: retryClass, note: 'x' }));
        expect(outcome).toMatchObject({
          kind: 'failed',
          error: { class: retryClass, name: errorName, message, stack: expect.stringContaining(tracedTo) },
          log: 'about to fail',
        });
      },
    );

    it.each([
      ['output', 'user', 'ended without its output kept'],
      ['acceptance', 'data', 'refuses its output kept'],
      ['receipt', 'user', 'must be what context.blob'],
      ['json', 'user', 'a Date'],
      ['declaration', 'user', 'returned more'],
    ] as const)('fails an attempt with a wrong %s', async (what, retryClass, message) => {
      const outcome = await execute(fixtures.forget.goal({ what }));
      expect(outcome).toMatchObject({
        kind: 'failed',
        error: { class: retryClass, message: expect.stringContaining(message) },
      });
    });

    it('answers a skip with its reason', async () => {
      expect(await execute(fixtures.skip.goal({ reason: 'nothing new' }))).toMatchObject({
        kind: 'skipped',
        reason: 'nothing new',
      });
    });

    it('asks for needs while it runs, and reads their outputs', async () => {
      const asked: Goal[] = [];
      const need = async (goal: Goal): Promise<NeedAnswer> => {
        asked.push(goal);
        return { kind: 'complete', artifacts: { sum: { kind: 'value', digest: '', sizeBytes: 1, value: 10 } } };
      };
      expect(await execute(fixtures.addAtRuntime.goal({ upTo: 3 }), { need })).toHaveProperty(
        'outputs.total.value',
        30,
      );
      expect(asked).toEqual([1, 2, 3].map((a) => ({ task: 'add', params: { a, b: 0 } })));
    });

    it.each([
      [true, 'run_limit'],
      [false, 'need_refused'],
    ])('throws what a need is refused with (a limit: %s) with the code %s', async (isLimit, code) => {
      const need = async (): Promise<NeedAnswer> => ({ kind: 'refused', reason: 'no', isError: true, isLimit });
      const outcome = await execute(fixtures.addAtRuntime.goal({ upTo: 1 }), { need });
      expect(outcome).toMatchObject({
        kind: 'failed',
        error: { class: 'user', name: 'EngineError', code, message: 'no' },
      });
    });

    it('refuses a task that nobody registered', async () => {
      expect(await execute({ task: 'nobody', params: {} })).toMatchObject({
        kind: 'failed',
        error: { message: expect.stringContaining('No task is named "nobody"') },
      });
    });

    it('answers an abort although the task never ends', async () => {
      const controller = new AbortController();
      const [place, started] = ['placed', 'started'].map((file) => path.join(bench.folder, `${name} ${file}`));
      const goal = fixtures.stageAndHang.goal({ place: place ?? '', started: started ?? '' });
      const ending = execute(goal, { signal: controller.signal });
      await expect.poll(() => readdir(bench.folder)).toContain(`${name} started`);
      controller.abort(new Error('enough'));
      expect(await ending).toMatchObject({ kind: 'failed', error: { message: 'enough' } });
    });

    it('answers an abort that came before the task began', async () => {
      const goal = fixtures.hangBriefly.goal({ note: name });
      expect(await execute(goal, { signal: AbortSignal.abort(new Error('enough')) })).toMatchObject({
        kind: 'failed',
        error: { message: 'enough' },
      });
    });

    it('keeps attempts side by side apart', async () => {
      const outcomes = await Promise.all([1, 2, 3, 4, 5].map((a) => execute(fixtures.add.goal({ a, b: a }))));
      expect(outcomes.map((outcome) => outcome.kind === 'succeeded' && outcome.outputs.sum)).toMatchObject(
        [2, 4, 6, 8, 10].map((value) => ({ value })),
      );
    });

    describe('with a batch', () => {
      const squares = (hows: readonly Parameters<typeof square.goal>[0]['how'][]): readonly Goal[] =>
        hows.map((how, n) => square.goal({ n, how, journal: path.join(bench.folder, `journal of ${name}`) }));
      async function executeBatch(
        goals: readonly Goal[],
        signal: AbortSignal = new AbortController().signal,
      ): Promise<{ readonly outcomes: ReadonlyMap<number, Outcome>; readonly end: BatchEnd }> {
        const outcomes = new Map<number, Outcome>();
        const report = (item: number, outcome: Outcome): void => {
          expect(outcomes.has(item)).toBe(false);
          outcomes.set(item, outcome);
        };
        const assignments = await Promise.all(goals.map((goal) => assign(goal)));
        const end = await executor.executeBatch(assignments, { signal, report });
        return { outcomes, end };
      }
      const ofItem = (outcomes: ReadonlyMap<number, Outcome>, item: number): Outcome | undefined => outcomes.get(item);

      it('reports each item by itself: one that fails, skips or lies changes no other', async () => {
        const { outcomes } = await executeBatch(squares(['succeed', 'fail', 'skip', 'wrong', 'succeed']));
        expect([...outcomes.keys()].sort()).toEqual([0, 1, 2, 3, 4]);
        expect(ofItem(outcomes, 0)).toHaveProperty('outputs.square.value', 0);
        expect(ofItem(outcomes, 1)).toMatchObject({
          kind: 'failed',
          error: { class: 'user', name: 'TypeError', message: 'no square of 1' },
        });
        expect(ofItem(outcomes, 2)).toMatchObject({ kind: 'skipped', reason: 'not 2' });
        expect(ofItem(outcomes, 3)).toMatchObject({
          kind: 'failed',
          error: { class: 'user', message: expect.stringContaining('ended without its output square') },
        });
        expect(ofItem(outcomes, 4)).toHaveProperty('outputs.square.value', 16);
        expect([0, 1, 2, 3, 4].map((item) => ofItem(outcomes, item)?.log)).toEqual(
          [0, 1, 2, 3, 4].map((n) => `together 5\nsquaring ${n}`),
        );
      });

      it('ends with the error that was thrown, and the logs of those that were not reported', async () => {
        const { outcomes, end } = await executeBatch(squares(['succeed', 'throw', 'succeed']));
        expect([...outcomes.keys()]).toEqual([0]);
        expect(end.error).toMatchObject({ class: 'user', name: 'RangeError', message: '1 breaks everything' });
        expect(end.logs).toEqual(['', 'together 3\nsquaring 1', 'together 3']);
      });

      it('ends with an error when it returns before all items have an outcome', async () => {
        const { outcomes, end } = await executeBatch(squares(['forget', 'succeed']));
        expect([...outcomes.keys()]).toEqual([1]);
        expect(end.error).toMatchObject({ class: 'user', message: expect.stringContaining('1 of its 2 items') });
      });

      it('answers an abort although the batch never ends', async () => {
        const controller = new AbortController();
        const journal = path.join(bench.folder, `journal of ${name}, aborted`);
        const goals = [0, 1].map((n) => square.goal({ n, how: 'hang', journal }));
        const ending = executeBatch(goals, controller.signal);
        await expect.poll(() => readFile(journal, 'utf8').catch(() => '')).toBe('0 1\n');
        controller.abort(new Error('enough'));
        const { outcomes, end } = await ending;
        expect(outcomes.size).toBe(0);
        expect(end.error.message).toBe('enough');
      });

      it('fails an item whose claim was taken over, and no other', async () => {
        const goals = [1, 2].map((n) => weigh.goal({ n, length: 5, journal: path.join(bench.folder, 'weighed') }));
        const inputs = { padded: { padding: { kind: 'value', digest: '', sizeBytes: 7, value: 'xxxxx' } as const } };
        const assignments = await Promise.all(goals.map((goal) => assign(goal, { inputs })));
        await bench.database.query(`update claims set token = nextval('claim_tokens') where key = $1`, [
          assignments[0]?.key,
        ]);
        const outcomes = new Map<number, Outcome>();
        const report = (item: number, outcome: Outcome): void => void outcomes.set(item, outcome);
        await executor.executeBatch(assignments, { signal: new AbortController().signal, report });
        expect(ofItem(outcomes, 0)).toMatchObject({ kind: 'failed', error: { class: 'infrastructure' } });
        expect(ofItem(outcomes, 1)).toMatchObject({ kind: 'succeeded' });
      });

      it('refuses a task that does not run in batches', async () => {
        const { outcomes, end } = await executeBatch([fixtures.add.goal({ a: 1, b: 1 })]);
        expect([outcomes.size, end.error.message]).toEqual([0, 'Task add does not run in batches.']);
      });
    });

    it('leaves no private folder behind', async () => {
      expect(await readdir(path.join(bench.folder, 'attempts'))).toEqual([]);
    });
  });
}
