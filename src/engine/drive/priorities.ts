import type { PlannedGoal } from '../define/planned-goal.ts';
import type { Registry } from '../define/registry.ts';

const NONE: ReadonlyMap<string, number> = new Map();

/**
 * Priority of each planned goal: its own, or that of the most urgent goal that needs it, so that what is urgent does
 * not wait for what is not. Empty, at no cost, where no task has a priority.
 */
export function prioritiesOf(planned: readonly PlannedGoal[], registry: Registry): ReadonlyMap<string, number> {
  if (!registry.tasks.some(({ priority }) => priority !== undefined)) return NONE;
  const priorities = new Map<string, number>();
  const raise = (id: string, to: number): number => {
    const raised = Math.max(priorities.get(id) ?? Number.NEGATIVE_INFINITY, to);
    priorities.set(id, raised);
    return raised;
  };
  // Needs come before the goals that need them, so walking from the end finds each priority final.
  for (const { id, goal, needs } of planned.toReversed()) {
    const priority = raise(id, registry.task(goal.task).priority?.(goal.params) ?? 0);
    for (const need of needs) raise(need, priority);
  }
  return priorities;
}
