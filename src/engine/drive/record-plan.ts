import type { Database } from '#store';
import { planRun, ResultRemoved, type RunPlan } from '../records/write-plan.ts';
import { findKnownResults, type KnownResults, type KnownResultsOptions } from '../resolve/known-results.ts';

export interface RecordedPlan {
  readonly known: KnownResults;
  /** Undefined when the run has ended meanwhile, was deleted or taken over. */
  readonly open: Awaited<ReturnType<typeof planRun>>;
}

const TRIES_MAX = 3;

/** Records the plan of a run, its complete part as complete. One that was recorded before keeps the states it has. */
export async function recordPlan(
  database: Database,
  run: Omit<RunPlan, 'complete'>,
  services: Omit<KnownResultsOptions, 'planned'>,
): Promise<RecordedPlan> {
  for (let tries = 1; !run.isLeft && tries <= TRIES_MAX; tries++) {
    const known = await findKnownResults(database, { ...services, planned: run.planned });
    try {
      return { known, open: await planRun(database, { ...run, complete: known.complete }) };
    } catch (error) {
      if (!(error instanceof ResultRemoved)) throw error;
    }
  }
  const nothing: KnownResults = { complete: new Map(), fresh: new Set() };
  return { known: nothing, open: await planRun(database, { ...run, complete: nothing.complete }) };
}
