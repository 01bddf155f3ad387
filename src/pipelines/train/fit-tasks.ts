import { z } from 'zod';
import { blob, defineTask, type Json, TaskError, value } from '#engine';
import {
  estimatorOf,
  type FitTools,
  type FittedFeatures,
  fitFeatures,
  labelOf,
  MlError,
  maybeTellingRows,
  toLabels,
  toMatrix,
} from '#ml';
import { forEachRow, readPart } from './dataset.ts';
import { collectParams } from './dataset-tasks.ts';
import type { TrainOptions } from './options.ts';
import type { SplitDataset } from './split-task.ts';
import { joinTraining } from './training-parts.ts';

// zod's own type of JSON is the same except for `readonly`.
const json = z.json() as z.ZodType<Json>;
export const estimatorParam = z.object({ kind: z.string(), settings: json });
const recipe = { contract: z.string(), features: json, estimator: estimatorParam };

/** Fits the features on all rows of the training part, for trainings in parts. */
export function defineFitFeatures({ project }: TrainOptions, splitDataset: SplitDataset) {
  return defineTask({
    name: 'fit-features',
    version: '1',
    params: z.object(recipe),
    reads: { split: splitDataset },
    outputs: { features: value<FittedFeatures>() },
    run: async ({ params, inputs }) => {
      const { reads: reading } = estimatorOf(params.estimator.kind, params.estimator.settings);
      const { features, contract } = project;
      const file = await inputs.split.training.path();
      const telling = reading === 'coded' ? maybeTellingRows(features, contract) : undefined;
      if (telling === undefined)
        return { features: fitFeatures(features, contract, { rows: await readPart(file), reading }) };
      await forEachRow(file, telling.add);
      const fitted = fitFeatures(features, contract, { rows: telling.rows(), reading });
      return { features: { ...fitted, rows: telling.count() } };
    },
  });
}

export type FitFeatures = ReturnType<typeof defineFitFeatures>;

/** Trains on one part of the rows while other task runs train on the others: each ends with the same model. */
export function defineFitPart(
  { project, lightgbm, database, address }: TrainOptions,
  before: { readonly splitDataset: SplitDataset; readonly fitFeatures: FitFeatures },
) {
  return defineTask({
    name: 'fit-part',
    version: '1',
    params: z.object({ ...recipe, part: z.int(), parts: z.int() }),
    reads: { split: before.splitDataset, fitted: before.fitFeatures },
    outputs: { payload: blob() },
    run: async ({ params, inputs, blob: store, folder, signal, log }) => {
      const { part, parts, ...shared } = params;
      const { digest } = inputs.split.training;
      const rows = await readPart(await inputs.split.training.path(), (row) => row % parts === part);
      const training = JSON.stringify([digest, parts, shared]);
      const member = joinTraining(database, { training, part, parts, host: address }, { signal });
      try {
        const together = { parts, address, meet: member.meet };
        const tools = { folder, lightgbm, signal, log, together };
        const labels = toLabels(labelOf(project.contract), rows);
        const model = await fitted(params.estimator, { matrix: toMatrix(inputs.fitted.features, rows), labels, tools });
        log(`fitted part ${part + 1} of ${parts}, ${rows.length} rows`);
        return { payload: await store(model.payload()) };
      } finally {
        await member.leave();
      }
    },
  });
}

export type FitPart = ReturnType<typeof defineFitPart>;

/** Fits features and estimator on the training part only; in parts at once where there are several. */
export function defineFitModel(
  { project, lightgbm }: TrainOptions,
  before: { readonly splitDataset: SplitDataset; readonly fitFeatures: FitFeatures; readonly fitPart: FitPart },
) {
  return defineTask({
    name: 'fit-model',
    version: '3',
    params: z.object({ ...collectParams, ...recipe, parts: z.int(), testShare: z.number(), seed: z.number() }),
    // They name the goals of the parts; what these made counts by its digest.
    insignificant: ['run', 'at', 'model', 'sources', 'queries', 'testShare', 'seed'],
    reads: { split: before.splitDataset },
    inputs: (params) => ({
      features: params.parts === 1 ? [] : [before.fitFeatures.goal(params)],
      parts:
        params.parts === 1
          ? []
          : Array.from({ length: params.parts }, (_, part) => before.fitPart.goal({ ...params, part })),
    }),
    outputs: { payload: blob(), features: value<FittedFeatures>() },
    run: async ({ params, inputs, blob: store, folder, signal, log }) => {
      const [first, ...others] = inputs.parts;
      const [shared] = inputs.features;
      if (first !== undefined && shared !== undefined) {
        if (others.some(({ payload }) => payload.digest !== first.payload.digest))
          throw new TaskError('The parts of the training ended with different models.', { class: 'infrastructure' });
        return { payload: await store(await first.payload.bytes()), features: shared.features };
      }
      const rows = await readPart(await inputs.split.training.path());
      const { reads: reading } = estimatorOf(params.estimator.kind, params.estimator.settings);
      const features = fitFeatures(project.features, project.contract, { rows, reading });
      const labels = toLabels(labelOf(project.contract), rows);
      const tools = { folder, lightgbm, signal, log };
      const model = await fitted(params.estimator, { matrix: toMatrix(features, rows), labels, tools });
      log(`fitted ${params.estimator.kind} on ${rows.length} rows`);
      return { payload: await store(model.payload()), features };
    },
  });
}

export type FitModel = ReturnType<typeof defineFitModel>;

interface Fitting {
  readonly matrix: ReturnType<typeof toMatrix>;
  readonly labels: ReturnType<typeof toLabels>;
  readonly tools: FitTools;
}

/** A process that was ended, as by a machine without memory, is likely to live the next time. */
async function fitted(estimator: z.infer<typeof estimatorParam>, { matrix, labels, tools }: Fitting) {
  try {
    return await estimatorOf(estimator.kind, estimator.settings).fit(matrix, labels, tools);
  } catch (cause) {
    if (!(cause instanceof MlError) || cause.code !== 'training_ended') throw cause;
    throw new TaskError(cause.message, { class: 'infrastructure', cause });
  }
}
