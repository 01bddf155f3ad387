import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { MlError } from '../errors.ts';
import type { Estimator, FitTools, Labels, Matrix, Model } from '../estimators/estimator.ts';
import { assertTrainable, parseSettings } from '../estimators/training.ts';
import { treeModel } from '../trees/tree-model.ts';
import { readTrees } from '../trees/tree-payload.ts';
import { ADD_LIGHTGBM, assertLibrary } from './library.ts';
import { classFactors, parametersOf } from './parameters.ts';
import { readModelText } from './read-model-text.ts';
import { openRowsWriter } from './rows-writer.ts';
import { type BoostingSettings, boostingSchema, type GradientBoostingOptions } from './settings.ts';
import { peerProgram, trainInChild } from './train.ts';

const KIND = 'gradient-boosting';
/** LightGBM keeps labels in single precision. */
const LABEL_MAX = 3.4e38;

/**
 * Gradient-boosted trees for classes and numbers, trained by LightGBM (Ke et al., "LightGBM: a highly efficient gradient
 * boosting decision tree", NeurIPS 2017) in a process of its own. Missing values and categories are split on as they
 * are. Example: `gradientBoosting({ engine: 'lightgbm', trees: 300, learningRate: 0.05 })`. Throws when a setting is out
 * of its range; a training throws when the library of LightGBM is missing.
 */
export function gradientBoosting(settings: GradientBoostingOptions): Estimator<BoostingSettings, Promise<Model>> {
  const parsed = parseSettings(boostingSchema, { kind: KIND, settings });
  return {
    kind: KIND,
    settings: parsed,
    reads: 'coded',
    trainsTogether: true,
    fit: async (matrix, labels, tools) => {
      assertTrainable(matrix, labels, 'coded');
      return train(parsed, { matrix, labels, tools: assertTools(tools) });
    },
    load: (payload) => treeModel(readTrees(payload)),
  };
}

interface Training {
  readonly matrix: Matrix;
  readonly labels: Labels;
  readonly tools: FitTools;
}

async function train(settings: BoostingSettings, { matrix, labels, tools }: Training): Promise<Model> {
  const { label } = labels;
  const { columns, coded = [] } = matrix;
  const { folder } = tools;
  if (labels.values.some((value) => Math.abs(value) > LABEL_MAX))
    throw new MlError(
      'training_impossible',
      `LightGBM keeps labels in single precision; expected numbers up to ${LABEL_MAX}, and one is larger. Scale the label.`,
    );
  const parameters = parametersOf({ settings, label, columns, coded, parts: tools.together?.parts ?? 1 });
  const library = tools.lightgbm();
  await assertLibrary(library);
  const { validationShare = 0, patience = 1 } = settings.earlyStopping || {};
  const writer = await openRowsWriter({ folder, validationShare, seed: settings.seed });
  await writer.add(matrix, labels);
  const { counts, ...rows } = await writer.close();
  const classWeights = classFactors(settings, { label, counts });
  const into = path.join(folder, 'model.txt');
  const { trees: iterations, seed } = settings;
  const network = tools.together && { program: peerProgram(), address: tools.together.address };
  const request = {
    library: library.file,
    parameters,
    width: columns.length,
    ...rows,
    patience,
    iterations,
    seed,
    into,
  };
  await trainInChild(
    { ...request, ...(classWeights && { classWeights }), ...(network && { network }) },
    { ...tools, meet: tools.together?.meet },
  );
  return treeModel(readModelText(await readFile(into, 'utf8'), { label, columns }));
}

function assertTools(tools: FitTools | undefined): FitTools {
  if (tools !== undefined) return tools;
  throw new MlError(
    'library_missing',
    `LightGBM trains with a folder and its library, and this training has none. In a project Weir passes them; the library comes by: ${ADD_LIGHTGBM}`,
  );
}
