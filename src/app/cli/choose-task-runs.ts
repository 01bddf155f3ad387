import { isDeepStrictEqual } from 'node:util';
import { describeGoal, type TaskRunRecord } from '#engine';
import { UsageError } from '../project/errors.ts';
import { parseGoal } from './parse-goal.ts';

type Named = Pick<TaskRunRecord, 'goal' | 'task' | 'params'>;

export interface Choice {
  readonly runId: string;
  /** A task, a goal with some or all of its params, or the first digits of a goal's identity; all when absent. */
  readonly text: string | undefined;
  /** Params of the goal, given separately. */
  readonly params?: string | undefined;
}

/**
 * The task runs of a run that the text selects. Throws a UsageError when there is none, or the digits are ambiguous.
 */
export function chooseTaskRuns<T extends Named>(taskRuns: readonly T[], choice: Choice): readonly T[] {
  const { runId, text, params } = choice;
  if (text === undefined && params !== undefined)
    throw new UsageError(
      'usage_invalid',
      `Expected --params together with a task of run ${runId}; got them for the whole run.`,
    );
  if (text === undefined) return taskRuns;
  const byDigits = /^[0-9a-f]{4,64}$/.test(text) ? taskRuns.filter(({ goal }) => goal.startsWith(text)) : [];
  if (byDigits.length === 1) return byDigits;
  const asked = parseGoal(text, params);
  const ofTask = taskRuns.filter(({ task }) => task === asked.task);
  const found = ofTask.filter((taskRun) =>
    Object.entries(asked.params).every(([name, value]) => isDeepStrictEqual(taskRun.params[name], value)),
  );
  if (found.length > 0) return found;
  if (byDigits.length > 1)
    throw new UsageError(
      'usage_invalid',
      `Expected more digits: ${text} begins ${byDigits.map(describeGoal).join(', ')}.`,
    );
  if (ofTask.length > 0)
    throw new UsageError(
      'task_run_unknown',
      `Run ${runId} has no task run of ${describeGoal(asked)}. Of ${asked.task} it has: ${ofTask.slice(0, LISTED_MAX).map(describeGoal).join(', ')}.`,
    );
  const tasks = [...new Set(taskRuns.map(({ task }) => task))].join(', ');
  throw new UsageError(
    'task_run_unknown',
    `Run ${runId} has no task run of ${asked.task}. It has: ${tasks || 'none'}.`,
  );
}

const LISTED_MAX = 10;
