import { EngineError } from '../define/errors.ts';
import type { Goal } from '../define/goal.ts';
import { flattenInputs, type InputGroups } from '../define/inputs.ts';
import { describeGoal, type PlannedGoal } from '../define/planned-goal.ts';
import type { Registry } from '../define/registry.ts';
import { limitError, RUN_LIMITS_DEFAULT, type RunLimits, TAIL_LENGTH } from '../define/run-limits.ts';
import { messageOf } from '../define/thrown.ts';

export interface GoalPlan {
  /** The requested goals and everything they need, needs first, without goals that were known before. */
  readonly planned: readonly PlannedGoal[];
  /** The identities of the requested goals, in their order. */
  readonly asked: readonly string[];
}

export interface PlanOptions {
  readonly registry: Registry;
  /** Goals planned already, not to be planned again. */
  readonly isKnown?: (id: string) => boolean;
  /** How many those are. */
  readonly knownCount?: number;
  readonly limits?: RunLimits;
}

interface Visit {
  readonly id: string;
  readonly goal: Goal;
  readonly inputs: { readonly [name: string]: string };
  readonly groups: InputGroups;
  readonly children: readonly Child[];
  next: number;
}

interface Child {
  readonly id: string;
  readonly goal: Goal;
}

/**
 * Goals and all their static needs in order. The traversal has its own stack, so depth is bounded only by the limits.
 */
export function planGoals(goals: readonly Goal[], options: PlanOptions): GoalPlan {
  const { registry, isKnown = () => false, knownCount = 0, limits = RUN_LIMITS_DEFAULT } = options;
  const done = new Set<string>();
  const open = new Map<string, Visit>();
  const planned: PlannedGoal[] = [];
  const asked: string[] = [];
  for (const given of goals) {
    const root = childOf(given, registry);
    asked.push(root.id);
    if (done.has(root.id) || isKnown(root.id)) continue;
    assertWithin([], root);
    const visit = visitOf(root, registry);
    if (visit.children.length > 0) walk(visit);
    else finish(visit);
  }
  return { planned, asked };

  function finish(visit: Visit): void {
    done.add(visit.id);
    planned.push(toPlanned(visit));
  }

  function assertWithin(stack: readonly Visit[], next: Child): void {
    const goalCount = knownCount + planned.length + stack.length;
    if (stack.length < limits.plannedDepth && goalCount < limits.goals) return;
    const tail = [...stack.slice(1 - TAIL_LENGTH), next].map(({ goal }) => describeGoal(goal));
    throw limitError(stack.length < limits.plannedDepth ? 'goals' : 'plannedDepth', { limits, tail });
  }

  function walk(root: Visit): void {
    const stack = [root];
    open.set(root.id, root);
    for (let visit = stack.at(-1); visit !== undefined; visit = stack.at(-1)) {
      const child = visit.children[visit.next++];
      if (child === undefined) {
        stack.pop();
        open.delete(visit.id);
        finish(visit);
        continue;
      }
      const { id } = child;
      if (done.has(id) || isKnown(id)) continue;
      if (open.has(id)) throw cycleError(stack, id);
      assertWithin(stack, child);
      const entered = visitOf(child, registry);
      if (entered.children.length === 0) {
        finish(entered);
        continue;
      }
      open.set(id, entered);
      stack.push(entered);
    }
  }
}

const NO_CHILDREN: readonly Child[] = [];

function childOf(given: Goal, registry: Registry): Child {
  const goal = registry.validGoal(given);
  return { id: registry.goalId(goal), goal };
}

function visitOf({ id, goal }: Child, registry: Registry): Visit {
  const task = registry.task(goal.task);
  const declared = flattenInputs(
    task.name,
    declaredInputs(task.name, () => task.inputs(goal.params)),
  );
  // What many goals share is stored once, because a plan may have a million goals.
  if (declared.goals.length === 0)
    return { id, goal, inputs: NO_INPUTS, groups: declared.groups, children: NO_CHILDREN, next: 0 };
  const inputs: Record<string, string> = {};
  const children: Child[] = [];
  for (const [name, input] of declared.goals) {
    const child = childOf(input, registry);
    inputs[name] = child.id;
    children.push(child);
  }
  return { id, goal, inputs, groups: declared.groups, children, next: 0 };
}

function declaredInputs<T>(task: string, declare: () => T): T {
  try {
    return declare();
  } catch (error) {
    throw new EngineError(
      'inputs_invalid',
      `The inputs of task ${task} could not be computed from its params: ${messageOf(error)}`,
      {
        cause: error,
      },
    );
  }
}

const NO_INPUTS: Visit['inputs'] = {};
const NO_NEEDS: readonly string[] = [];

function needsOf(inputs: Visit['inputs']): readonly string[] {
  if (inputs === NO_INPUTS) return NO_NEEDS;
  const ids = Object.values(inputs);
  return ids.length === 1 ? ids : [...new Set(ids)];
}

const toPlanned = (visit: Visit): PlannedGoal => ({
  id: visit.id,
  goal: visit.goal,
  inputs: visit.inputs,
  groups: visit.groups,
  needs: needsOf(visit.inputs),
});

function cycleError(stack: readonly Visit[], id: string): EngineError {
  const start = stack.findIndex((visit) => visit.id === id);
  const names = [...stack.slice(start), ...stack.slice(start, start + 1)].map((visit) => describeGoal(visit.goal));
  return new EngineError(
    'goals_cyclic',
    `Goals need one another in a cycle: ${names.join(' → ')}. Break the cycle in their inputs.`,
  );
}
