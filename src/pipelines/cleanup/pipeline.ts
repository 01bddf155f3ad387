import type { Pipeline } from '#engine';
import { definePipeline } from '../define-pipeline.ts';
import type { CleanupOptions, cleanupTasks } from './tasks.ts';

/** Forgets old runs and predictions, and collects what nothing needs any more. */
export function cleanupPipeline(options: CleanupOptions, tasks: ReturnType<typeof cleanupTasks>): Pipeline {
  const { runDays, predictionDays, unusedDays, supersededDays, graceHours } = options;
  return definePipeline({
    name: 'cleanup',
    description: 'Forgets old runs and predictions, and removes results and files that nothing needs any more',
    goals: ({ runId: run }) => {
      return [
        tasks.forgetOldPredictions.goal({ run, predictionDays }),
        tasks.collect.goal({ run, runDays, unusedDays, supersededDays, graceHours }),
      ];
    },
  });
}
