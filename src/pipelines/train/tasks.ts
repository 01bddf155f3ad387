import type { AnyTask } from '#engine';
import {
  defineCheckDataset,
  defineCheckTrainingFile,
  defineCollectDataset,
  defineListTrainingFiles,
  defineQueryData,
} from './dataset-tasks.ts';
import { defineFitFeatures, defineFitModel, defineFitPart } from './fit-tasks.ts';
import { defineEvaluateModel, definePromoteModel, defineRegisterModel } from './model-tasks.ts';
import type { TrainOptions } from './options.ts';
import { defineSplitDataset } from './split-task.ts';

/** The tasks of training, in the order of the data flow. */
export function trainTasks(options: TrainOptions) {
  const queryData = defineQueryData(options);
  const checkDataset = defineCheckDataset(options, queryData);
  const listTrainingFiles = defineListTrainingFiles(options);
  const checkTrainingFile = defineCheckTrainingFile(options);
  const collectDataset = defineCollectDataset(options, { checkDataset, listTrainingFiles, checkTrainingFile });
  const splitDataset = defineSplitDataset(options, collectDataset);
  const fitFeatures = defineFitFeatures(options, splitDataset);
  const fitPart = defineFitPart(options, { splitDataset, fitFeatures });
  const fitModel = defineFitModel(options, { splitDataset, fitFeatures, fitPart });
  const evaluateModel = defineEvaluateModel(options, { splitDataset, fitModel });
  const registerModel = defineRegisterModel(options, { collectDataset, splitDataset, fitModel, evaluateModel });
  const promoteModel = definePromoteModel(options, { splitDataset, registerModel });
  return {
    ...{ queryData, checkDataset, listTrainingFiles, checkTrainingFile, collectDataset },
    ...{ splitDataset, fitFeatures, fitPart, fitModel, evaluateModel, registerModel, promoteModel },
  };
}

/** All as the registry takes them. */
export function trainRegistry(tasks: ReturnType<typeof trainTasks>): readonly AnyTask[] {
  return Object.values(tasks);
}
