import { describe, expect, it } from 'vitest';
import { describeOutput, type TaskOutput, type TaskRun } from '#api';
import { layOut } from '../../../src/web/pages/runs/graph-layout.ts';
import { fileNameOf, foldText } from '../../../src/web/pages/runs/output-file.ts';
import { toCountsText, toTaskGroups } from '../../../src/web/pages/runs/task-groups.ts';
import { toTimeBar } from '../../../src/web/pages/runs/time-bar.ts';

describe('the graph of a run', () => {
  it('puts what is needed at the left, and lets nothing overlap', () => {
    const { positions, edges } = layOut([
      { id: 'read', needs: ['outside'] },
      { id: 'save', needs: ['read'] },
      { id: 'alert', needs: ['read'] },
    ]);
    const [read, save, alert] = ['read', 'save', 'alert'].map(
      (goal) => positions.get(goal) ?? { x: Number.NaN, y: Number.NaN },
    );
    expect(edges).toEqual([
      { from: 'read', to: 'save' },
      { from: 'read', to: 'alert' },
    ]);
    expect(read?.x).toBeLessThan(save?.x ?? 0);
    expect(Math.abs((save?.y ?? 0) - (alert?.y ?? 0))).toBeGreaterThanOrEqual(68);
  });
});

describe('the time bar of a task run', () => {
  const at = (seconds: number) => new Date(1_000_000 + seconds * 1000).toISOString();
  it('shows when within its run it ran', () => {
    expect(toTimeBar({ startedAt: at(2), endedAt: at(4) }, { startedAt: at(0), endedAt: at(10) }, 0)).toEqual({
      left: 20,
      width: 20,
    });
  });
  it('grows until now while it runs, and is none before it starts', () => {
    expect(
      toTimeBar({ startedAt: at(5), endedAt: null }, { startedAt: at(0), endedAt: null }, Date.parse(at(10))),
    ).toEqual({ left: 50, width: 50 });
    expect(toTimeBar({ startedAt: null, endedAt: null }, { startedAt: at(0), endedAt: null }, 0)).toBeUndefined();
  });
});

const taskRun = (task: string, params: Record<string, unknown>, more: Partial<TaskRun> = {}): TaskRun => ({
  ...{
    goal: `${task} ${JSON.stringify(params)}`,
    task,
    params,
    needs: [],
    state: 'succeeded',
    reason: null,
    key: null,
  },
  ...{ startedAt: null, endedAt: null, attempts: [], why: null, ...more },
});

describe('the task runs of a run', () => {
  const digest = (character: string) => character.repeat(64);

  it('are labelled by the params that differ within the run', () => {
    const groups = toTaskGroups({
      taskRuns: [
        taskRun('read', { folder: 'in' }),
        taskRun('check', { file: 'a.csv', digest: digest('a'), contract: digest('c') }),
        taskRun('check', { file: 'b.csv', digest: digest('b'), contract: digest('c') }),
      ],
    });
    expect(groups.map(({ task, label }) => `${task} ${label}`)).toEqual([
      'read ',
      'check file=a.csv',
      'check file=b.csv',
    ]);
  });

  it('are labelled by a short digest when nothing else differs', () => {
    const taskRuns = ['a', 'b'].map((character) => taskRun('check', { file: 'x', digest: digest(character) }));
    expect(toTaskGroups({ taskRuns }).map(({ label }) => label)).toEqual([
      'digest=aaaaaaaaaaaa…',
      'digest=bbbbbbbbbbbb…',
    ]);
  });

  it('are one group for each task in a run of hundreds, with counts and the needs between tasks', () => {
    const list = taskRun('list', {});
    const checks = Array.from({ length: 300 }, (_, n) =>
      taskRun('check', { n }, { needs: [list.goal], state: n === 7 ? 'failed' : 'succeeded' }),
    );
    const join = taskRun('join', {}, { needs: checks.map(({ goal }) => goal), state: 'skipped' });
    const groups = toTaskGroups({ taskRuns: [list, ...checks, join] });
    expect(groups.map(({ id, needs, state, taskRuns }) => [id, needs, state, taskRuns.length])).toEqual([
      [list.goal, [], 'succeeded', 1],
      ['check', [list.goal], 'failed', 300],
      [join.goal, ['check'], 'skipped', 1],
    ]);
    expect(toCountsText(checks)).toBe('1 failed, 299 succeeded');
  });

  it('span from the first start to the last end, and have no end while one runs', () => {
    const times = (from: number, to: number | null) => ({
      startedAt: new Date(from).toISOString(),
      endedAt: to === null ? null : new Date(to).toISOString(),
    });
    const many = Array.from({ length: 50 }, (_, n) => taskRun('check', { n }, times(n, n + 10)));
    expect(toTaskGroups({ taskRuns: many })[0]).toMatchObject(times(0, 59));
    const running = [...many, taskRun('check', { n: 50 }, times(50, null))];
    expect(toTaskGroups({ taskRuns: running })[0]).toMatchObject(times(0, null));
  });
});

describe('an output', () => {
  const output = (more: Partial<TaskOutput>): TaskOutput => ({
    ...{
      name: 'good',
      kind: 'blob',
      digest: 'd',
      sizeBytes: 2048,
      path: null,
      rowCount: null,
      table: null,
      sink: null,
    },
    ...{ isStored: true, preview: null, contentUrl: null, links: [], ...more },
  });
  const table = {
    kind: 'table',
    format: 'csv',
    columns: ['a'],
    columnCount: 40,
    rows: [['1']],
    rowCount: 891,
  } as const;
  const preview = { ...table, columns: [...table.columns], rows: table.rows.map((row) => [...row]) };

  it('is described by its content', () => {
    expect(describeOutput(output({ preview }), '2 KB')).toBe('CSV, 891 rows (the first 1 shown), 40 columns, 2 KB');
    expect(describeOutput(output({ kind: 'value', preview: { kind: 'json', text: '1', isCut: false } }), '2 KB')).toBe(
      'value, 2 KB',
    );
    expect(describeOutput(output({ kind: 'rows', rowCount: 1, table: 'weir.checks' }), '')).toBe(
      "1 row in table weir.checks of Weir's own database",
    );
    expect(describeOutput(output({ isStored: false }), '2 KB')).toBe('bytes, 2 KB, removed or replaced since');
  });

  it('is saved under a name that says what it is', () => {
    expect(fileNameOf(output({ preview }), 'check')).toBe('check-good.csv');
    expect(fileNameOf(output({ kind: 'file', path: '/data/out.bin' }), 'check')).toBe('out.bin');
  });

  it('is folded when it is long', () => {
    const lines = Array.from({ length: 100 }, (_, at) => String(at)).join('\n');
    expect(foldText(lines)).toMatchObject({ hidden: 86 });
    expect(foldText('1\n2')).toEqual({ text: '1\n2', hidden: 0 });
  });
});
