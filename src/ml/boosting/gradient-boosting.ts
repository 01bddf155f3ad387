import {
  type BoostingSettings,
  boostingSchema,
  type GradientBoostingOptions,
} from '../estimators/boosting-settings.ts';
import { classFactors } from '../estimators/class-weights.ts';
import type { Estimator, FitTools, Labels, Matrix, Model } from '../estimators/estimator.ts';
import { assertTrainable, parseSettings } from '../estimators/training.ts';
import { trainByLightgbm } from '../lightgbm/train-by-lightgbm.ts';
import type { TreeEnsemble } from '../trees/ensemble.ts';
import { treeModel } from '../trees/tree-model.ts';
import { readTrees } from '../trees/tree-payload.ts';
import { boost } from './boost.ts';

const KIND = 'gradient-boosting';

/**
 * Gradient-boosted trees for classes and numbers. Missing values and categories are split on as they are. Trained by a
 * kernel of Weir, or by LightGBM (Ke et al., "LightGBM: a highly efficient gradient boosting decision tree", NeurIPS 2017)
 * in a process of its own. Example: `gradientBoosting({ trees: 300, learningRate: 0.05 })`. Throws when a setting is out of
 * its range, or one of LightGBM alone; a training by LightGBM throws when its library is missing.
 */
export function gradientBoosting(settings: GradientBoostingOptions = {}): Estimator<BoostingSettings, Promise<Model>> {
  const parsed = parseSettings(boostingSchema, { kind: KIND, settings });
  const isOwn = parsed.engine === 'weir';
  return {
    kind: KIND,
    settings: parsed,
    reads: 'coded',
    trainsTogether: !isOwn,
    fit: async (matrix, labels, tools) => {
      assertTrainable(matrix, labels, 'coded');
      const training = { matrix, labels, tools };
      return treeModel(isOwn ? trainHere(parsed, training) : await trainByLightgbm(parsed, training));
    },
    load: (payload) => treeModel(readTrees(payload)),
  };
}

interface Training {
  readonly matrix: Matrix;
  readonly labels: Labels;
  readonly tools: FitTools | undefined;
}

function trainHere(settings: BoostingSettings, { matrix, labels, tools }: Training): TreeEnsemble {
  const { label } = labels;
  const counts = label.kind === 'classification' ? countsOf(labels, label.classes.length) : [];
  const classWeights = classFactors(settings, { label, counts });
  return boost(matrix, labels, { settings, classWeights, log: tools?.log });
}

function countsOf({ values }: Labels, classes: number): readonly number[] {
  const counts = Array.from({ length: classes }, () => 0);
  for (const value of values) counts[value]! += 1;
  return counts;
}
