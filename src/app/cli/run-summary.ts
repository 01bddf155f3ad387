import { type RunDetail, tellingParams } from '#api';
import {
  describeGoal,
  GOALS_PIPELINE,
  type Params,
  type RunDetailRecord,
  shortDigest,
  type TaskRunRecord,
} from '#engine';

/** The summary of a run in commands: the same over HTTP and from the database. */
export interface RunSummary {
  readonly runId: string;
  readonly pipeline: string;
  /** The params of the request. */
  readonly params: Params;
  readonly isForced: boolean;
  readonly state: RunDetail['state'];
  readonly reason: string | null;
  readonly durationMs: number | null;
  readonly warnings: readonly string[];
  readonly taskRuns: readonly TaskRunSummary[];
}

export interface TaskRunSummary {
  readonly task: string;
  readonly params: Params;
  readonly state: TaskRunRecord['state'];
  readonly reason: string | null;
  readonly key: string | null;
  /** From the first attempt to the end; null without an attempt. */
  readonly durationMs: number | null;
}

type AnyTime = string | Date | null;
type Head = Pick<RunDetail | RunDetailRecord, 'id' | 'pipeline' | 'state' | 'reason' | 'isForced'> & Times;
interface Times {
  readonly startedAt: AnyTime;
  readonly endedAt: AnyTime;
}

/** Converts a run to its summary. */
export function toRunSummary(
  run: Head & {
    readonly given: object;
    readonly warnings?: readonly string[];
    readonly taskRuns: readonly (Omit<TaskRunSummary, 'durationMs' | 'params'> & { readonly params: object } & Times)[];
  },
): RunSummary {
  const { id: runId, pipeline, given, isForced, state, reason, warnings = [] } = run;
  return {
    // Params are JSON: they come from a column of it, or over HTTP.
    ...{ runId, pipeline, params: given as Params, isForced, state, reason, durationMs: durationOf(run), warnings },
    taskRuns: run.taskRuns.map(({ task, params, key, ...taskRun }) => ({
      ...{ task, params: params as Params, state: taskRun.state, reason: taskRun.reason, key },
      durationMs: durationOf(taskRun),
    })),
  };
}

/** Duration; null until it has ended. */
export function durationOf({ startedAt, endedAt }: Times): number | null {
  if (startedAt === null || endedAt === null) return null;
  return new Date(endedAt).getTime() - new Date(startedAt).getTime();
}

/** With more task runs than this, a text lists only failures and skips. */
const TASK_RUNS_LISTED_MAX = 100;
const KEY_WIDTH = 12;

/** A run as lines of text. */
export function toText(run: RunSummary): string {
  const isLong = run.taskRuns.length > TASK_RUNS_LISTED_MAX;
  const listed = isLong ? run.taskRuns.filter(isTroubled).slice(0, TASK_RUNS_LISTED_MAX) : run.taskRuns;
  const label = labeller(run.taskRuns);
  const lines = listed.map((taskRun) => {
    const { state, key, durationMs, reason } = taskRun;
    const columns = [state.padEnd(9), shortDigest(key ?? '').padEnd(KEY_WIDTH), seconds(durationMs)];
    return `  ${columns.join('  ')}  ${label(taskRun)}${reason === null ? '' : `: ${reason}`}`;
  });
  const rest = isLong ? [...countsByTask(run), '  --json lists all'] : [];
  const warned = run.warnings.map((warning) => `  warning: ${warning}`);
  const took = run.durationMs === null ? '' : ` in ${seconds(run.durationMs).trim()}`;
  return `${[`run ${run.runId} of ${askedText(run)}`, ...lines, ...rest, ...warned].join('\n')}\n${run.state}${took}${run.reason ? `: ${run.reason}` : ''}\n`;
}

/** The request of a run: `nightly(day="2026-01-31"), forced`. */
export function askedText({
  pipeline,
  params,
  isForced,
}: Pick<RunSummary, 'pipeline' | 'params' | 'isForced'>): string {
  // Single goals are shown as task runs, with more detail.
  const isPlain = pipeline === GOALS_PIPELINE || Object.keys(params).length === 0;
  return `${isPlain ? pipeline : describeGoal({ task: pipeline, params })}${isForced ? ', forced' : ''}`;
}

const isTroubled = ({ state }: TaskRunSummary): boolean => state !== 'succeeded' && state !== 'cached';
/** A duration as a column of text. */
export const seconds = (ms: number | null): string => (ms === null ? '' : `${(ms / 1000).toFixed(1)} s`).padStart(8);

/** Names task runs: by all params, or where a task has several by those that tell them apart. */
function labeller(taskRuns: RunSummary['taskRuns']): (taskRun: TaskRunSummary) => string {
  const named = taskRuns.map((taskRun, at) => ({ ...taskRun, goal: String(at) }));
  const told = tellingParams(named);
  const labels = new Map(
    taskRuns.map((taskRun, at) => {
      // Params are JSON; those that tell task runs apart are some of them.
      const params = (told.get(String(at)) ?? {}) as Params;
      return [taskRun, describeGoal(Object.keys(params).length === 0 ? taskRun : { task: taskRun.task, params })];
    }),
  );
  return (taskRun) => labels.get(taskRun) ?? describeGoal(taskRun);
}

/** A line for each task: how many of its task runs are in each state. */
function countsByTask({ taskRuns }: RunSummary): readonly string[] {
  const byTask = new Map<string, Map<string, number>>();
  for (const { task, state } of taskRuns) {
    const counts = byTask.get(task) ?? new Map<string, number>();
    byTask.set(task, counts.set(state, (counts.get(state) ?? 0) + 1));
  }
  return [...byTask].map(
    ([task, counts]) =>
      `  ${task}: ${[...counts].map(([state, count]) => `${count.toLocaleString('en-US')} ${state}`).join(', ')}`,
  );
}
