import type { Goal, Interval, Pipeline, PlanRequest } from '#engine';

/** A pipeline that always has goals says them; one that may have nothing to do, or has params to show, plans. */
export type PipelineOptions = Pick<Pipeline, 'name' | 'settle' | 'retake'> & {
  readonly description?: string;
  /** What one interval is asked to complete, the same whenever it is asked: ticks run it, and so does a backfill. */
  goalsOf?(interval: Interval): readonly Goal[] | Promise<readonly Goal[]>;
} & (
    | { goals(request: PlanRequest): readonly Goal[] | Promise<readonly Goal[]>; readonly plan?: undefined }
    | { readonly plan: Pipeline['plan']; readonly goals?: undefined }
  );

/**
 * Describes a pipeline: what its runs are asked to complete, drawn once when a run is created. What is impure (a date, a
 * random choice) is fixed in the params of the goals here. Throws when the name is not kebab-case.
 */
export function definePipeline(options: PipelineOptions): Pipeline {
  const { name, description = '', settle, retake } = options;
  if (!/^[a-z][a-z0-9-]{0,62}$/.test(name)) {
    throw new TypeError(`A pipeline name is kebab-case, at most 63 characters; got ${JSON.stringify(name)}.`);
  }
  return {
    name,
    description,
    plan: planOf(options),
    ...(settle && { settle }),
    ...(retake && { retake }),
    ...intervalPlanOf(options),
  };
}

function intervalPlanOf({ goalsOf }: PipelineOptions): Pick<Pipeline, 'planInterval'> {
  if (goalsOf === undefined) return {};
  return { planInterval: async (interval) => ({ kind: 'run', goals: await goalsOf(interval), params: {} }) };
}

function planOf(options: PipelineOptions): Pipeline['plan'] {
  if (options.plan !== undefined) return options.plan;
  const { goals } = options;
  return async (request) => ({ kind: 'run', goals: await goals(request), params: {} });
}
