import type { InputRecord } from '../define/artifact.ts';
import type { Goal } from '../define/goal.ts';
import { makeKey, significantParams } from '../define/key.ts';
import type { Registry } from '../define/registry.ts';

/** The outputs of each input of a goal, by input name; inputs without outputs are left out. */
export type InputDigests = { readonly [name: string]: InputRecord['digests'] };

/** The key of a goal whose inputs have all ended. */
export function keyOfGoal(goal: Goal, inputs: InputDigests, registry: Registry): string {
  return makeKey({
    // A renamed task keeps its keys, so they are made of its first name.
    task: registry.identity(goal.task),
    code: registry.code(goal.task),
    params: significantParams(goal.params, registry.task(goal.task).insignificant),
    inputs,
  });
}
