import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { MlError } from '../errors.ts';
import type { BoostingSettings } from '../estimators/boosting-settings.ts';
import { classFactors } from '../estimators/class-weights.ts';
import type { FitTools, Labels, Matrix } from '../estimators/estimator.ts';
import type { TreeEnsemble } from '../trees/ensemble.ts';
import { ADD_LIGHTGBM, assertLibrary } from './library.ts';
import { parametersOf } from './parameters.ts';
import { readModelText } from './read-model-text.ts';
import { openRowsWriter } from './rows-writer.ts';
import { peerProgram, trainInChild } from './train.ts';

/** LightGBM keeps labels in single precision. */
const LABEL_MAX = 3.4e38;

interface Training {
  readonly matrix: Matrix;
  readonly labels: Labels;
  readonly tools: FitTools | undefined;
}

/**
 * Trees by LightGBM's own library, in a process of its own. Throws when the library is missing, or refuses the rows or the
 * settings.
 */
export async function trainByLightgbm(
  settings: BoostingSettings,
  { matrix, labels, tools: given }: Training,
): Promise<TreeEnsemble> {
  const tools = assertTools(given);
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
  return readModelText(await readFile(into, 'utf8'), { label, columns });
}

function assertTools(tools: FitTools | undefined): FitTools {
  if (tools !== undefined) return tools;
  throw new MlError(
    'library_missing',
    `LightGBM trains with a folder and its library, and this training has none. In a project Weir passes them; the library comes by: ${ADD_LIGHTGBM}`,
  );
}
