import type { z } from 'zod';
import type { Goal, Interval, Params, Pipeline, Plan, PlanRequest } from '#engine';
import { PipelineError } from './errors.ts';

/** The params of a pipeline that takes none. */
type NoParams = Readonly<Record<never, never>>;

/**
 * A pipeline that always has goals returns them; one that may have nothing to do, or has params to show, returns a
 * plan.
 */
export type PipelineOptions<P extends Params = NoParams> = Pick<Pipeline, 'name' | 'settle' | 'retake'> & {
  /** A sentence for the pages of Weir; none unless set. */
  readonly description?: string;
  /** Schema of the params of a run; it takes none unless set. A schedule gives none, so each needs a default there. */
  readonly params?: z.ZodType<P>;
  /** What a run for an interval completes, the same whenever it is asked: `({ to }) => [report.goal({ day: … })]`. A pipeline
   * without it cannot be backfilled, and ticks of its schedule run `goals`. */
  goalsOf?(interval: Interval): readonly Goal[] | Promise<readonly Goal[]>;
} & (
    | {
        /** What a run completes: `({ params }) => [summary.goal({ day: params.day })]`. Asked once for a run. */
        goals(request: PlanRequest<P>): readonly Goal[] | Promise<readonly Goal[]>;
        /** Not beside `goals`. */
        readonly plan?: undefined;
      }
    | {
        /** The same, or why there is nothing to do: `{ kind: 'skip', reason: 'no new file', params: {} }`. */
        plan(request: PlanRequest<P>): Promise<Plan>;
        /** Not beside `plan`. */
        readonly goals?: undefined;
      }
  );

/**
 * Defines a pipeline: the goals of its runs, planned once when a run is created. What is impure (a date, a random
 * choice) is fixed in the params of the goals here. Throws when the name is not kebab-case.
 */
export function definePipeline<P extends Params = NoParams>(options: PipelineOptions<P>): Pipeline {
  const { name, description = '', params, settle, retake } = options;
  if (!/^[a-z][a-z0-9-]{0,62}$/.test(name)) {
    throw new PipelineError(
      'pipeline_invalid',
      `A pipeline name is kebab-case, at most 63 characters; got ${JSON.stringify(name)}.`,
    );
  }
  return {
    name,
    description,
    ...(params && { params }),
    // The engine passes the output of the params schema.
    plan: planOf(options) as Pipeline['plan'],
    ...(settle && { settle }),
    ...(retake && { retake }),
    ...intervalPlanOf(options),
  };
}

function intervalPlanOf({ goalsOf }: Pick<PipelineOptions, 'goalsOf'>): Pick<Pipeline, 'planInterval'> {
  if (goalsOf === undefined) return {};
  return { planInterval: async (interval) => ({ kind: 'run', goals: await goalsOf(interval), params: {} }) };
}

function planOf<P extends Params>(options: PipelineOptions<P>): (request: PlanRequest<P>) => Promise<Plan> {
  if (options.plan !== undefined) return options.plan;
  const { goals } = options;
  return async (request) => ({ kind: 'run', goals: await goals(request), params: request.params });
}
