import type { RunDetail } from '#api';

/** A run as it is known, with the task runs that changed since; those that are new come last. */
export function withChanges(known: RunDetail | undefined, changed: RunDetail): RunDetail {
  if (known === undefined) return changed;
  const changes = new Map(changed.taskRuns.map((taskRun) => [taskRun.goal, taskRun]));
  const taskRuns = known.taskRuns.map((taskRun) => changes.get(taskRun.goal) ?? taskRun);
  const goals = new Set(known.taskRuns.map(({ goal }) => goal));
  const added = changed.taskRuns.filter(({ goal }) => !goals.has(goal));
  return { ...changed, taskRuns: [...taskRuns, ...added] };
}
