import { z } from 'zod';
import { EngineError } from './errors.ts';
import type { Goal, Json, Params } from './goal.ts';
import type { Pipeline } from './pipeline.ts';
import type { Registry } from './registry.ts';
import { messageOf } from './thrown.ts';

/** Name of the built-in pipeline that completes the goals given as its params. */
export const GOALS_PIPELINE = 'goals';

/** Bounds one request; larger sets need a pipeline. */
const GOALS_MAX = 1_000;

/** The pipelines of the project and this one; throws when one of theirs has its name. */
export function withGoalsPipeline(pipelines: readonly Pipeline[], registry: Registry): readonly Pipeline[] {
  if (pipelines.some(({ name }) => name === GOALS_PIPELINE))
    throw new EngineError(
      'pipeline_invalid',
      `A pipeline is named ${GOALS_PIPELINE}, which is the name of the one that completes single goals. Rename it.`,
    );
  return [...pipelines, goalsPipeline(registry)];
}

/** A run of single goals. A goal with an unknown task or invalid params is refused before the run is created. */
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
  // A value parsed from JSON is JSON.
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
