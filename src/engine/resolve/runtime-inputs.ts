import type { ArtifactDriver } from '#store';
import type { Artifacts } from '../define/artifact.ts';
import { EngineError } from '../define/errors.ts';
import type { Goal } from '../define/goal.ts';
import { type FlatInputs, flattenInputs, gatherInputs, type InputGroups } from '../define/inputs.ts';
import type { Task } from '../define/task.ts';
import { readArtifacts } from '../execute/outputs.ts';

export interface ReadInputs {
  readonly goal: Goal;
  /** Every input name that the goal declares. */
  readonly names: readonly string[];
  /** The outputs of those that have any. */
  readonly inputs: { readonly [name: string]: Artifacts };
  readonly groups: InputGroups;
  readonly artifacts: ArtifactDriver;
}

/** Asks a task which further goals it reads, now that its declared inputs are complete. Throws what the task throws. */
export async function findRuntimeInputs(task: Task, given: ReadInputs): Promise<FlatInputs> {
  const read: Record<string, unknown> = {};
  for (const [name, input] of Object.entries(given.inputs)) read[name] = await readArtifacts(input, given.artifacts);
  // The gathered values have the types that the task declared; only the registry has lost them.
  const values = gatherInputs(read, given.groups) as Parameters<NonNullable<Task['runtimeInputs']>>[1];
  const found = flattenInputs(task.name, (await task.runtimeInputs?.(given.goal.params, values)) ?? {});
  const twice = found.goals.find(([name]) => given.names.includes(name))?.[0];
  if (twice !== undefined)
    throw new EngineError(
      'task_invalid',
      `Task ${task.name} names ${twice} in inputs and in runtimeInputs. Rename one of them.`,
    );
  return found;
}
