import type { AnyTask } from '#engine';
import { defineCheckDataset, defineQueryData, defineSplitDataset } from './dataset-tasks.ts';
import { defineEvaluateModel, defineFitModel, definePromoteModel, defineRegisterModel } from './model-tasks.ts';
import type { TrainOptions } from './options.ts';

/** The tasks of training, in the order of the data flow. */
export function trainTasks(options: TrainOptions) {
  const queryData = defineQueryData(options);
  const checkDataset = defineCheckDataset(options, queryData);
  const splitDataset = defineSplitDataset(options, checkDataset);
  const fitModel = defineFitModel(options, splitDataset);
  const evaluateModel = defineEvaluateModel(options, { splitDataset, fitModel });
  const registerModel = defineRegisterModel(options, { queryData, splitDataset, fitModel, evaluateModel });
  const promoteModel = definePromoteModel(options, { splitDataset, registerModel });
  return { queryData, checkDataset, splitDataset, fitModel, evaluateModel, registerModel, promoteModel };
}

/** All as the registry takes them. */
export function trainRegistry(tasks: ReturnType<typeof trainTasks>): readonly AnyTask[] {
  return Object.values(tasks);
}
