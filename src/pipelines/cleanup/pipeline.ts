import type { Pipeline } from '#engine';
import { definePipeline } from '../define-pipeline.ts';
import type { CleanupOptions, CleanupParams, cleanupTasks } from './tasks.ts';

/** Forgets old runs and predictions, and collects what nothing needs any more. */
export function cleanupPipeline(options: CleanupOptions, tasks: ReturnType<typeof cleanupTasks>): Pipeline {
  const { runDays, predictionDays, unusedDays, supersededDays, graceHours } = options;
  return definePipeline({
    name: 'cleanup',
    description: 'Forgets old runs and predictions, and removes results and files that nothing needs any more',
    goals: ({ runId: run }) => {
      const params: CleanupParams = { run, runDays, predictionDays, unusedDays, supersededDays, graceHours };
      return [tasks.forgetOldPredictions.goal(params), tasks.collect.goal(params)];
    },
  });
}
