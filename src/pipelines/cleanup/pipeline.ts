import type { Pipeline } from '#engine';
import { definePipeline } from '../define-pipeline.ts';
import type { CleanupOptions, cleanupTasks } from './tasks.ts';

/** Deletes old runs, predictions, checks and alerts, and removes what is no longer needed. */
export function cleanupPipeline(options: CleanupOptions, tasks: ReturnType<typeof cleanupTasks>): Pipeline {
  const { runDays, predictionDays, checkDays, alertDays, unusedDays, supersededDays, graceHours } = options;
  return definePipeline({
    name: 'cleanup',
    description:
      'Deletes old runs, predictions, checks and alerts, and removes results and files that are no longer needed',
    goals: ({ runId: run }) => {
      return [
        tasks.forgetOldPredictions.goal({ run, predictionDays }),
        tasks.forgetOldChecks.goal({ run, checkDays, alertDays }),
        tasks.collect.goal({ run, runDays, unusedDays, supersededDays, graceHours }),
      ];
    },
  });
}
