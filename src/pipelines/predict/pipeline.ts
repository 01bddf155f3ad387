import type { Pipeline } from '#engine';
import { championOf } from '#ml';
import { type PredictOptions, paramsOf, type predictTasks } from './tasks.ts';

/** Predicts what is new in good-data, with the champion at the time the run was created. */
export function predictPipeline(
  options: PredictOptions & { readonly model: string },
  tasks: ReturnType<typeof predictTasks>,
): Pipeline {
  return {
    name: 'predict',
    description: 'Predicts every row of the files in good-data that have not been predicted yet',
    plan: async ({ runId }) => {
      const champion = await championOf(options.database, options.model);
      if (champion === undefined) {
        return { kind: 'skip', reason: `model ${options.model} has no champion yet: train one first`, params: {} };
      }
      const { version } = champion;
      const goal = tasks.makePredictions.goal(paramsOf({ run: runId, version }, options.contract));
      return { kind: 'run', goals: [goal], params: { version } };
    },
  };
}
