import type { Pipeline } from '#engine';
import { championOf } from '#ml';
import type { MonitorOptions } from './options.ts';
import type { monitorTasks } from './tasks.ts';

/** Judges the windows that have ended since the last run, of rows that arrived and of predictions. */
export function monitorPipeline(
  { database, model }: Pick<MonitorOptions, 'database' | 'model'>,
  tasks: ReturnType<typeof monitorTasks>,
): Pipeline {
  return {
    name: 'monitor',
    description: 'Compares the rows that arrived, and what was predicted, with what the model was trained on',
    plan: async ({ runId, at }) => {
      if ((await championOf(database, model)) === undefined)
        return { kind: 'skip', reason: `model ${model} has no champion yet: train one first`, params: {} };
      return { kind: 'run', goals: [tasks.saveDrift.goal({ run: runId, at: at.toISOString() })], params: {} };
    },
  };
}
