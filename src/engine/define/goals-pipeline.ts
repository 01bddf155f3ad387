import { z } from 'zod';
import { EngineError } from './errors.ts';
import type { Goal, Json, Params } from './goal.ts';
import type { Pipeline } from './pipeline.ts';
import type { Registry } from './registry.ts';
import { messageOf } from './thrown.ts';

/** Name of the pipeline that every engine has: it completes the goals that it is given as params. */
export const GOALS_PIPELINE = 'goals';

/** Bounds what one request may ask for; larger sets are what pipelines are for. */
const GOALS_MAX = 1_000;

/** The pipelines that people define, and this one; throws when one of theirs has its name. */
export function withGoalsPipeline(pipelines: readonly Pipeline[], registry: Registry): readonly Pipeline[] {
  if (pipelines.some(({ name }) => name === GOALS_PIPELINE))
    throw new EngineError(
      'pipeline_invalid',
      `A pipeline is named ${GOALS_PIPELINE}, which is the name of the one that completes single goals. Rename it.`,
    );
  return [...pipelines, goalsPipeline(registry)];
}

/** A run of single goals. One whose task is unknown, or whose params do not fit, is refused before there is a run. */
function goalsPipeline(registry: Registry): Pipeline {
  const goal = z
    .strictObject({ task: z.string(), params: z.record(z.string(), z.custom<Json>()).default({}) })
    .superRefine((given, context) => {
      try {
        registry.validGoal(given);
      } catch (error) {
        context.addIssue({ code: 'custom', message: messageOf(error) });
      }
    });
  // What was read from JSON is JSON.
  const params = z.strictObject({ goals: z.array(goal).min(1).max(GOALS_MAX) }) as unknown as z.ZodType<Params>;
  return {
    name: GOALS_PIPELINE,
    description: 'Completes the goals it is given',
    params,
    plan: async (request) => {
      const { goals } = request.params as { readonly goals: readonly (Goal & Json)[] };
      return { kind: 'run', goals, params: { goals } };
    },
  };
}
