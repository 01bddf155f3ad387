import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineTask, inlineExecutor, type RunsWhen, value } from '#engine';
import { type Command, RunMachine } from '../../src/engine/drive/machine.ts';
import type { NewNode, Node } from '../../src/engine/drive/node.ts';
import { createTestEngine, createWorkbench, type TestEngine, type Workbench } from './fixtures/workbench.ts';

const PAGE = readFileSync(new URL('../../docs/states.md', import.meta.url), 'utf8');
const RULES = ['all-succeeded', 'none-failed', 'all-ended'] as const satisfies readonly RunsWhen[];

/** Rows of the first table whose head begins with this word. */
function tableOf(head: string): readonly (readonly string[])[] {
  const lines = PAGE.split('\n');
  const start = lines.findIndex((line) => line.startsWith(`| ${head} |`));
  if (start < 0) throw new Error(`docs/states.md has no table that begins with ${head}.`);
  const rows: string[][] = [];
  for (const line of lines.slice(start + 2)) {
    if (!line.startsWith('|')) break;
    rows.push(
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('`', '')),
    );
  }
  return rows;
}

interface NeedRow {
  readonly state: string;
  readonly cause: string;
  readonly effects: Readonly<Record<RunsWhen, string>>;
}

const NEEDS: readonly NeedRow[] = tableOf('need ended').map(([state = '', cause = '', ...effects]) => ({
  state,
  cause,
  effects: Object.fromEntries(RULES.map((rule, index) => [rule, effects[index] ?? ''])) as Record<RunsWhen, string>,
}));
const nameOf = ({ state, cause }: NeedRow): string => (cause === '–' ? state : `${state} (cause ${cause})`);
const WORST_FIRST = ['failed', 'cancelled', 'skipped'];

/** What the page says of a task run with these needs: that it runs, or the cause for which it is skipped. */
function expectedOf(rule: RunsWhen, needs: readonly NeedRow[]): string {
  const causes = needs.filter(({ effects }) => effects[rule] === 'skipped').map(({ cause }) => cause);
  return WORST_FIRST.find((cause) => causes.includes(cause)) ?? 'runs';
}

const node = (id: string, needs: readonly string[] = [], given: Partial<NewNode> = {}): NewNode => ({
  ...{ id, goal: { task: id, params: {} }, needs, attemptsMax: 3 },
  ...given,
});

/** A machine with one need for each row and a task run that reads them all. A need that ended before a crash has ended. */
function machineOf(rule: RunsWhen, rows: readonly NeedRow[]) {
  const machine = new RunMachine();
  const ids = rows.map((_, index) => `need ${index}`);
  const origins = rows.flatMap(({ state, cause }, index) =>
    state === 'skipped' && cause !== 'skipped' ? [node(`origin ${index}`)] : [],
  );
  const needs = rows.map(({ state, cause }, index) =>
    state === 'skipped' && cause !== 'skipped' ? node(`need ${index}`, [`origin ${index}`]) : node(`need ${index}`),
  );
  machine.apply({
    kind: 'add',
    nodes: [...origins, ...needs, node('child', ids, { runsWhen: rule })],
    asked: ['child'],
  });
  return machine;
}

/** Brings need number `index` to the end that its row says, as the driver would. */
function end(machine: RunMachine, index: number, row: NeedRow): readonly Command[] {
  const isIndirect = row.state === 'skipped' && row.cause !== 'skipped';
  const id = isIndirect ? `origin ${index}` : `need ${index}`;
  const state = isIndirect ? row.cause : row.state;
  if (state === 'cached') return machine.apply({ kind: 'resolved', id, isComplete: true });
  machine.apply({ kind: 'resolved', id, isComplete: false });
  machine.apply({ kind: 'dispatched', id });
  if (state === 'succeeded') return machine.apply({ kind: 'succeeded', id });
  if (state === 'failed') return machine.apply({ kind: 'failed', id, class: 'user', reason: 'broken' });
  return machine.apply({ kind: state === 'skipped' ? 'skipped' : 'aborted', id, reason: 'because' });
}

const resultOf = (child: Node | undefined): string => (child?.phase === 'ended' ? String(child.cause) : 'runs');

function* permutations(indexes: readonly number[]): Generator<readonly number[]> {
  if (indexes.length <= 1) yield indexes;
  for (const first of indexes)
    for (const rest of permutations(indexes.filter((index) => index !== first))) yield [first, ...rest];
}

describe('the table of docs/states.md', () => {
  it('knows every way in which a need can end, and every rule', () => {
    expect(NEEDS.map(nameOf).sort()).toEqual(
      [
        ...['succeeded', 'cached', 'failed (cause failed)', 'cancelled (cause cancelled)', 'skipped (cause skipped)'],
        ...['skipped (cause failed)', 'skipped (cause cancelled)'],
      ].sort(),
    );
    for (const { effects } of NEEDS)
      for (const rule of RULES) expect(['read', 'undefined', 'skipped']).toContain(effects[rule]);
  });

  describe.each(RULES)('%s', (rule) => {
    it.each(NEEDS.map((row) => [nameOf(row), row] as const))('one need that ended %s', (_, row) => {
      const machine = machineOf(rule, [row]);
      end(machine, 0, row);
      expect(resultOf(machine.nodes.get('child'))).toBe(expectedOf(rule, [row]));
    });

    const triples = NEEDS.flatMap((a, i) => NEEDS.slice(i).flatMap((b, j) => NEEDS.slice(i + j).map((c) => [a, b, c])));
    it.each(triples.map((rows) => [rows.map(nameOf).join(', '), rows] as const))(
      'three needs in any order: %s',
      (_, rows) => {
        for (const order of permutations([0, 1, 2])) {
          const machine = machineOf(rule, rows);
          let finished: Command | undefined;
          for (const index of order) {
            const row = rows[index];
            if (row !== undefined) finished = end(machine, index, row).at(-1);
          }
          const expected = expectedOf(rule, rows);
          expect(resultOf(machine.nodes.get('child'))).toBe(expected);
          // Nothing is left waiting: the run has ended, or its last goal is being resolved.
          if (expected === 'runs') expect(machine.nodes.get('child')?.phase).toBe('resolving');
          else expect(finished).toMatchObject({ kind: 'finished' });
        }
      },
    );
  });

  it.each(tableOf('run').map(([state = '', when = '']) => [state, when] as const))(
    'a run is %s when %s',
    (state, when) => {
      const ends = ['succeeded', 'cached', 'failed', 'cancelled', 'skipped'];
      const rows = ends.flatMap((a) => ends.flatMap((b) => ends.map((c) => [a, b, c])));
      const applies: Readonly<Record<string, (states: readonly string[]) => boolean>> = {
        'any task run failed': (states) => states.includes('failed'),
        'any task run was cancelled': (states) => states.includes('cancelled'),
        'every requested goal was skipped': (states) => states.every((one) => one === 'skipped'),
        otherwise: () => true,
      };
      expect(applies).toHaveProperty([when]);
      const table = tableOf('run');
      let seenCount = 0;
      for (const states of rows) {
        const first = table.find(([, condition = '']) => applies[condition]?.(states));
        if (first?.[0] !== state) continue;
        seenCount++;
        const machine = new RunMachine();
        const ids = states.map((_, index) => `need ${index}`);
        machine.apply({ kind: 'add', nodes: ids.map((id) => node(id)), asked: ids });
        const last = states
          .map((one, index) => end(machine, index, { state: one, cause: one, effects: {} as never }))
          .at(-1);
        expect(last?.at(-1)).toMatchObject({ kind: 'finished', state });
      }
      expect(seenCount).toBeGreaterThan(0);
    },
  );
});

describe('runs, end to end', () => {
  let bench: Workbench;
  const engines: TestEngine[] = [];
  beforeAll(async () => {
    bench = await createWorkbench();
  });
  afterEach(async () => {
    for (const engine of engines.splice(0)) await engine.close();
  });
  afterAll(() => bench.close());

  const ending = defineTask({
    name: 'ending',
    version: '1',
    params: z.object({ how: z.string(), of: z.string() }),
    outputs: { word: value<string>() },
    run: async ({ params, skip }) => {
      if (params.how === 'failed') throw new Error('told to fail');
      if (params.how === 'skipped') skip('told to skip');
      return { word: params.of };
    },
  });
  const follows = defineTask({
    name: 'follows',
    version: '1',
    params: z.object({ how: z.string(), of: z.string() }),
    inputs: (params) => ({ origin: ending.goal(params) }),
    outputs: { word: value<string>() },
    run: async ({ inputs }) => inputs.origin,
  });
  const readers = RULES.map((rule) =>
    defineTask({
      name: `reads-${rule}`,
      version: '1',
      params: z.object({ how: z.string(), of: z.string(), isIndirect: z.boolean() }),
      runsWhen: rule as RunsWhen,
      inputs: ({ how, of, isIndirect }) => {
        const need = isIndirect ? follows.goal({ how, of }) : ending.goal({ how, of });
        return { need, list: [ending.goal({ how: 'succeeded', of }), need] };
      },
      outputs: { read: value<readonly (string | null)[]>() },
      run: async ({ inputs }) => ({
        read: [inputs.need?.word ?? null, ...inputs.list.map((one) => one?.word ?? null)],
      }),
    }),
  );
  const tasks = [ending, follows, ...readers];
  const engineOn = (): TestEngine => {
    const executor = inlineExecutor({ ...bench, tasks, folder: path.join(bench.folder, 'attempts') });
    const engine = createTestEngine(bench, { tasks, executor });
    engines.push(engine);
    return engine;
  };

  // A cancel ends the whole run, so a need that was cancelled meets no task run that could still start.
  const rows = NEEDS.filter(({ cause }) => cause !== 'cancelled');
  it.each(
    rows.flatMap((row) =>
      readers.map((reader, index) => [nameOf(row), RULES[index] as RunsWhen, reader, row] as const),
    ),
  )('a need that ended %s under %s', async (name, rule, reader, row) => {
    const engine = engineOn();
    const isIndirect = row.state === 'skipped' && row.cause !== 'skipped';
    const how = isIndirect ? row.cause : row.state;
    const of = `${name} ${rule}`;
    if (row.state === 'cached') await engine.run([ending.goal({ how, of })]);
    const state = await engine.run([reader.goal({ how, of, isIndirect })]);
    const effect = row.effects[rule];
    const run = await engine.last();
    const taskRun = run?.taskRuns.find(({ task }) => task === reader.name);
    expect(taskRun?.state).toBe(effect === 'skipped' ? 'skipped' : 'succeeded');
    expect(state).toBe(row.cause === 'failed' ? 'failed' : effect === 'skipped' ? 'skipped' : 'succeeded');
    expect(run).toMatchObject({ endedAt: expect.any(Date), reason: state === 'succeeded' ? null : expect.any(String) });
    const [made] = await bench.database.query<{ read: unknown }>(
      `select outputs->'read'->'value' as read from manifests where key = $1`,
      [taskRun?.key],
    );
    if (effect === 'skipped') expect(made).toBeUndefined();
    else expect(made?.read).toEqual(effect === 'read' ? [of, of, of] : [null, of, null]);
    const causes = await bench.database.query<{ cause: string | null }>(
      'select cause from task_runs where run_id = $1 and task = $2',
      [run?.id, reader.name],
    );
    expect(causes).toEqual([{ cause: effect === 'skipped' ? row.cause : null }]);
  });

  it('a failure stays the cause of what it skipped when another process takes the run up', async () => {
    const engine = engineOn();
    const [, noneFailed] = readers;
    const of = 'taken up';
    await engine.run([follows.goal({ how: 'failed', of })]);
    const id = (await engine.last())?.id ?? '';
    // As a crash leaves it between the end of `follows` and the decision on what reads it.
    const goal = noneFailed?.goal({ how: 'failed', of, isIndirect: true });
    await bench.database.query(
      `update runs set state = 'running', ended_at = null, settled_at = null, expires_at = null, owner = null, goals = $2 where id = $1`,
      [id, JSON.stringify([goal])],
    );
    await engine.close();
    const second = engineOn();
    await second.engine.recover();
    expect(await second.engine.finished(id)).toBe('failed');
    const states = await bench.database.query(
      `select task, state, cause from task_runs where run_id = $1 and state <> 'succeeded' order by position`,
      [id],
    );
    expect(states).toEqual([
      { task: 'ending', state: 'failed', cause: 'failed' },
      { task: 'follows', state: 'skipped', cause: 'failed' },
      { task: 'reads-none-failed', state: 'skipped', cause: 'failed' },
    ]);
  });
});
