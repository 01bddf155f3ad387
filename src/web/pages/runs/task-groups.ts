import { type RunDetail, type TaskRun, type TaskRunState, tellingParams } from '#api';
import { toNumberText } from '../../format.ts';
import { toMiddleCut, withShortDigests } from '../../short-text.ts';

/** A run with more task runs than this is shown by task. */
const UNGROUPED_MAX = 40;
const VALUE_LENGTH_MAX = 32;

/** One line of the list, one node of the graph: a task run, or all of one task. */
export interface TaskGroup {
  /** Identity of the goal, or the name of the task when it stands for several. */
  readonly id: string;
  readonly task: string;
  /** What tells a task run from the others of its task: `file=a.csv`; empty for a group. */
  readonly label: string;
  readonly taskRuns: readonly TaskRun[];
  /** Ids of the groups that it needs. */
  readonly needs: readonly string[];
  /** The state that a person should see first. */
  readonly state: TaskRunState;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
}

/** The states by how much a person wants to know of them. */
const BY_URGENCY: readonly TaskRunState[] = [
  'failed',
  'running',
  'cancelled',
  'queued',
  'skipped',
  'succeeded',
  'cached',
];

/** The task runs of a run, each for itself; by task in a run of many. */
export function toTaskGroups({ taskRuns }: Pick<RunDetail, 'taskRuns'>): readonly TaskGroup[] {
  const labels = toLabels(taskRuns);
  const ofTask = new Map<string, TaskRun[]>();
  for (const taskRun of taskRuns) {
    const key = taskRuns.length > UNGROUPED_MAX ? taskRun.task : taskRun.goal;
    const known = ofTask.get(key);
    if (known === undefined) ofTask.set(key, [taskRun]);
    else known.push(taskRun);
  }
  const members = [...ofTask.values()];
  const idOf = new Map(members.flatMap((each) => each.map(({ goal }) => [goal, groupId(each)] as const)));
  return members.map((each) => toGroup(each, { idOf, labels }));
}

const groupId = ([first, ...others]: readonly TaskRun[]): string =>
  (others.length === 0 ? first?.goal : first?.task) ?? '';

function toGroup(
  taskRuns: readonly TaskRun[],
  { idOf, labels }: { readonly idOf: ReadonlyMap<string, string>; readonly labels: ReadonlyMap<string, string> },
): TaskGroup {
  const [first] = taskRuns;
  const id = groupId(taskRuns);
  const needs = new Set(taskRuns.flatMap((taskRun) => taskRun.needs.map((need) => idOf.get(need) ?? need)));
  // Goals of one task may need each other.
  needs.delete(id);
  const states = new Set(taskRuns.map(({ state }) => state));
  const starts = taskRuns.flatMap(({ startedAt }) => startedAt ?? []);
  const ends = taskRuns.flatMap(({ endedAt }) => endedAt ?? []);
  return {
    ...{ id, task: first?.task ?? '', taskRuns, needs: [...needs] },
    label: taskRuns.length === 1 ? (labels.get(id) ?? '') : '',
    state: BY_URGENCY.find((state) => states.has(state)) ?? 'queued',
    startedAt: starts.sort()[0] ?? null,
    endedAt: ends.length < taskRuns.length ? null : (ends.sort().at(-1) ?? null),
  };
}

/** What distinguishes each task run from the others of its task, as text, by goal. */
export function toLabels(taskRuns: readonly TaskRun[]): ReadonlyMap<string, string> {
  return new Map(
    [...tellingParams(taskRuns)].map(([goal, params]) => [
      goal,
      Object.entries(params)
        .map(([name, value]) => `${name}=${toValueText(value)}`)
        .join(', '),
    ]),
  );
}

function toValueText(value: unknown): string {
  const text = withShortDigests(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));
  return toMiddleCut(text, VALUE_LENGTH_MAX);
}

/** How many task runs are in each state: `10 failed, 1,990 succeeded`. */
export function toCountsText(taskRuns: readonly TaskRun[]): string {
  const counts = new Map<TaskRunState, number>();
  for (const { state } of taskRuns) counts.set(state, (counts.get(state) ?? 0) + 1);
  return BY_URGENCY.flatMap((state) => {
    const count = counts.get(state);
    return count === undefined ? [] : [`${toNumberText(count)} ${state}`];
  }).join(', ');
}

/** Those that a person should see first. */
export function byUrgency(taskRuns: readonly TaskRun[]): readonly TaskRun[] {
  return taskRuns.toSorted((a, b) => BY_URGENCY.indexOf(a.state) - BY_URGENCY.indexOf(b.state));
}

/** The goal of the first task run that failed, in a run that failed. */
export function maybeFailed({ state, taskRuns }: Pick<RunDetail, 'state' | 'taskRuns'>): string | undefined {
  return state === 'failed' ? taskRuns.find((taskRun) => taskRun.state === 'failed')?.goal : undefined;
}
