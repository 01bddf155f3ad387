import { EngineError } from './errors.ts';
import { type Goal, MadeGoal, type Params } from './goal.ts';
import { makeGoalId, significantParams } from './key.ts';
import { parseParams } from './parse-params.ts';
import type { AnyTask, Task } from './task.ts';

/** The tasks of a project by name; goals of other tasks are refused. */
export interface Registry {
  readonly tasks: readonly Task[];
  /** By its name or a former one; throws when no task has it. */
  task(name: string): Task;
  /** The goal with params as parsed by the task's schema; throws when they do not fit. */
  validGoal(goal: Goal): Goal;
  goalId(goal: Goal): string;
  /** What represents the code of a task in its keys. */
  code(name: string): string;
  /** The name that enters keys: a renamed task keeps its results, rows and history under its first one. */
  identity(name: string): string;
}

export interface RegistryOptions {
  /** Fingerprints of tasks without an explicit version, by name. */
  readonly fingerprints?: ReadonlyMap<string, string>;
}

/** Collects tasks; two with one name are refused. */
export function createRegistry(given: readonly AnyTask[], options: RegistryOptions = {}): Registry {
  // Each has parsed its params and read its inputs by its own types when one of its functions is called.
  const tasks = given as readonly Task[];
  const byName = new Map<string, Task>();
  for (const task of tasks) {
    for (const name of [task.name, ...task.formerNames]) {
      const other = byName.get(name);
      if (other !== undefined) throw sameName(name, [other, task]);
      byName.set(name, task);
    }
  }
  const find = (name: string): Task => {
    const task = byName.get(name);
    if (task === undefined)
      throw new EngineError(
        'task_unknown',
        `No task is named ${JSON.stringify(name)}. Registered: ${
          tasks
            .map((each) => each.name)
            .sort()
            .join(', ') || 'none'
        }.`,
      );
    return task;
  };
  return {
    tasks,
    task: find,
    validGoal: (goal) => {
      const task = find(goal.task);
      if (MadeGoal.isMadeBy(task, goal)) return goal;
      const params: Params = parseParams(task, goal.params);
      return { task: task.name, params };
    },
    goalId: (goal) => {
      const task = find(goal.task);
      return makeGoalId(identityOf(task), significantParams(goal.params, task.insignificant));
    },
    code: (name) => codeOf(find(name), options.fingerprints),
    identity: (name) => identityOf(find(name)),
  };
}

const identityOf = (task: Task): string => task.formerNames[0] ?? task.name;

function sameName(name: string, [one, other]: readonly [Task, Task]): EngineError {
  const isFormer = name !== one.name || name !== other.name;
  return new EngineError(
    'task_invalid',
    isFormer
      ? `${name} is a name, or a former name, of the tasks ${one.name} and ${other.name}. Names identify results, former ones too: take another.`
      : `Two tasks are named ${name}. Names identify results: rename one of them.`,
  );
}

function codeOf(task: Task, fingerprints: ReadonlyMap<string, string> | undefined): string {
  if (task.version !== undefined) return `version:${task.version}`;
  const fingerprint = fingerprints?.get(task.name);
  if (fingerprint === undefined)
    throw new EngineError(
      'task_invalid',
      `Task ${task.name} has neither a version nor a code fingerprint. Give it a version, or build the project's code first.`,
    );
  return `code:${fingerprint}`;
}
