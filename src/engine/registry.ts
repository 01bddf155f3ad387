import { EngineError } from './errors.ts';
import type { Goal, Params } from './goal.ts';
import { makeGoalId, significantParams } from './key.ts';
import { isValidGoal, parseParams, type Task } from './task.ts';

/** The tasks of a project by name; a goal resolves here or is refused. */
export interface Registry {
  readonly tasks: readonly Task[];
  /** Throws when no task has this name. */
  task(name: string): Task;
  /** The goal with params as the task's schema gives them; throws when they do not fit. */
  validGoal(goal: Goal): Goal;
  goalId(goal: Goal): string;
  /** What stands for the code of a task in its keys. */
  code(name: string): string;
}

export interface RegistryOptions {
  /** Fingerprints of tasks without an explicit version, by name. */
  readonly fingerprints?: ReadonlyMap<string, string>;
}

/** Collects tasks; two with one name are refused. */
export function createRegistry(tasks: readonly Task[], options: RegistryOptions = {}): Registry {
  const byName = new Map<string, Task>();
  for (const task of tasks) {
    if (byName.has(task.name))
      throw new EngineError(`Two tasks are named ${task.name}. Names identify results: rename one of them.`);
    byName.set(task.name, task);
  }
  const find = (name: string): Task => {
    const task = byName.get(name);
    if (task === undefined)
      throw new EngineError(
        `No task is named ${JSON.stringify(name)}. Registered: ${[...byName.keys()].sort().join(', ') || 'none'}.`,
      );
    return task;
  };
  return {
    tasks,
    task: find,
    validGoal: (goal) => {
      const task = find(goal.task);
      if (isValidGoal(goal)) return goal;
      const params: Params = parseParams(task, goal.params);
      return { task: goal.task, params };
    },
    goalId: (goal) => makeGoalId(goal.task, significantParams(goal.params, find(goal.task).insignificant)),
    code: (name) => codeOf(find(name), options.fingerprints),
  };
}

function codeOf(task: Task, fingerprints: ReadonlyMap<string, string> | undefined): string {
  if (task.version !== undefined) return `version:${task.version}`;
  const fingerprint = fingerprints?.get(task.name);
  if (fingerprint === undefined)
    throw new EngineError(
      `Task ${task.name} has neither a version nor a code fingerprint. Give it a version, or build the project's code first.`,
    );
  return `code:${fingerprint}`;
}
