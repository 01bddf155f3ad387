import { EngineError } from '../define/errors.ts';
import type { Goal } from '../define/goal.ts';
import { significantParams } from '../define/key.ts';
import type { Pipeline } from '../define/pipeline.ts';
import { describeGoal } from '../define/planned-goal.ts';
import type { Registry } from '../define/registry.ts';
import { planGoals } from './graph.ts';
import { type ProjectParts, resolverPartsOf } from './project-parts.ts';

/** What completing a goal reads. */
export interface CompleteGoalParts extends ProjectParts {
  readonly pipelines: readonly Pipeline[];
}

const SHOWN_MAX = 5;

/**
 * The goal with the params that it lacks, as a run that starts at the moment would have them. People know one or two
 * params of a task of Weir's own, and not the others, which come from the project and its settings. A goal that has all
 * its params stays as it is. Throws when no pipeline that can be previewed has the task, or when several of its goals fit.
 */
export async function completeGoal(parts: CompleteGoalParts, goal: Goal, at: Date): Promise<Goal> {
  const { registry } = resolverPartsOf(parts);
  try {
    return registry.validGoal(goal);
  } catch (error) {
    const known = new Map<string, Goal>();
    for (const planned of await previewTask(parts, { registry, task: registry.task(goal.task).name, at })) {
      assertParamsOf(planned, goal);
      const params = { ...planned.params, ...goal.params };
      const completed = registry.validGoal({ task: planned.task, params });
      known.set(registry.goalId(completed), completed);
    }
    const [first, ...others] = known.values();
    if (first === undefined) throw error;
    if (others.length === 0) return first;
    const shown = [first, ...others].slice(0, SHOWN_MAX).map((each) => {
      const { insignificant } = registry.task(each.task);
      return describeGoal({ ...each, params: significantParams(each.params, insignificant) });
    });
    throw new EngineError(
      'params_invalid',
      `Expected params that mean one goal of ${goal.task}; a run would have ${known.size} of them, such as:\n  ${shown.join('\n  ')}`,
      { cause: error },
    );
  }
}

/** A schema drops names that it does not know, and a goal of other params would be explained. */
function assertParamsOf(planned: Goal, given: Goal): void {
  const unknown = Object.keys(given.params).find((name) => !Object.hasOwn(planned.params, name));
  if (unknown === undefined) return;
  throw new EngineError(
    'params_invalid',
    `Expected params of task ${given.task}, which has ${Object.keys(planned.params).join(', ')}; got ${unknown}.`,
  );
}

interface Previewed {
  readonly registry: Registry;
  readonly task: string;
  readonly at: Date;
}

/** Goals of the task in the first pipeline that has any. */
async function previewTask(
  { pipelines }: CompleteGoalParts,
  { registry, task, at }: Previewed,
): Promise<readonly Goal[]> {
  for (const { preview } of pipelines) {
    const plan = await preview?.(at);
    if (plan?.kind !== 'run') continue;
    const { planned } = planGoals(plan.goals, { registry });
    const found = planned.filter(({ goal }) => goal.task === task).map(({ goal }) => goal);
    if (found.length > 0) return found;
  }
  return [];
}
