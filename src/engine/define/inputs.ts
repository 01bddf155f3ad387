import { EngineError } from './errors.ts';
import type { Goal } from './goal.ts';

/** How many goals one input name has: a list of this length, or a record. */
export type InputGroup = { readonly kind: 'list'; readonly length: number } | { readonly kind: 'record' };
/** Input name to how it gathers many goals; a name that reads one goal is not here. */
export type InputGroups = { readonly [name: string]: InputGroup };

/**
 * Inputs as keys, manifests and plans know them: `name` for one goal, `name[0]`, `name[1]` … for a list, `name[entry]`
 * for a record. A declared name holds no bracket, so no two of them meet.
 */
export interface FlatInputs {
  readonly goals: readonly (readonly [name: string, goal: Goal])[];
  readonly groups: InputGroups;
}

export const NO_GROUPS: InputGroups = {};

/** Flattens declared inputs; refuses what is neither a goal nor a list or record of goals. */
export function flattenInputs(task: string, declared: object): FlatInputs {
  const goals: [string, Goal][] = [];
  let groups: Record<string, InputGroup> | undefined;
  for (const [name, input] of Object.entries(declared) as [string, unknown][]) {
    if (input === undefined) continue;
    if (name.includes('['))
      throw new EngineError(
        'inputs_invalid',
        `An input name holds no "["; task ${task} declares ${JSON.stringify(name)}. Rename it.`,
      );
    if (isGoal(input)) {
      goals.push([name, input]);
      continue;
    }
    if (typeof input !== 'object' || input === null) throw refused(task, { name, came: input });
    groups ??= {};
    groups[name] = Array.isArray(input) ? { kind: 'list', length: input.length } : { kind: 'record' };
    for (const [entry, goal] of Object.entries(input) as [string, unknown][]) {
      if (!isGoal(goal)) throw refused(task, { name: `${name}[${entry}]`, came: goal });
      goals.push([`${name}[${entry}]`, goal]);
    }
  }
  return { goals, groups: groups ?? NO_GROUPS };
}

/** Rebuilds the declared structure from flat names; what has no value is undefined. */
export function gatherInputs(
  values: { readonly [name: string]: unknown },
  groups: InputGroups = NO_GROUPS,
): Record<string, unknown> {
  const gathered = new Map<string, unknown>(Object.keys(groups).map((name) => [name, undefined]));
  const entries = new Map(Object.keys(groups).map((name) => [name, new Map<string, unknown>()]));
  for (const [flat, value] of Object.entries(values)) {
    const bracket = flat.indexOf('[');
    if (bracket < 0) gathered.set(flat, value);
    else entries.get(flat.slice(0, bracket))?.set(flat.slice(bracket + 1, -1), value);
  }
  for (const [name, group] of Object.entries(groups)) {
    const own = entries.get(name) ?? new Map<string, unknown>();
    gathered.set(
      name,
      group.kind === 'list'
        ? Array.from({ length: group.length }, (_, index) => own.get(String(index)))
        : Object.fromEntries(own),
    );
  }
  return Object.fromEntries(gathered);
}

const isGoal = (value: unknown): value is Goal =>
  typeof value === 'object' &&
  value !== null &&
  'task' in value &&
  typeof value.task === 'string' &&
  'params' in value &&
  typeof value.params === 'object';

function refused(task: string, input: { readonly name: string; readonly came: unknown }): EngineError {
  return new EngineError(
    'inputs_invalid',
    `Input ${input.name} of task ${task} must be a goal, or a list or record of goals; got ${String(input.came)}. Make goals with task.goal(params).`,
  );
}
