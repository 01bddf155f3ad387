import { z } from 'zod';
import { type BlobInput, defineTask, value } from '#engine';
import {
  type Evaluation,
  estimatorOf,
  evaluate,
  goldenOf,
  labelOf,
  loadModel,
  maybeReplacement,
  predictRows,
  promote,
  registerModel,
  toLabels,
  toMatrix,
} from '#ml';
import { encodeReference } from '#monitor';
import { readPart } from './dataset.ts';
import type { CollectDataset } from './dataset-tasks.ts';
import { driftReference } from './drift-reference.ts';
import { estimatorParam, type FitModel } from './fit-tasks.ts';
import { gate, scoreOf } from './gate.ts';
import type { TrainOptions } from './options.ts';
import type { SplitDataset } from './split-task.ts';

/** Rows whose predictions are kept with the model and replayed wherever it is loaded. */
const GOLDEN_ROWS = 20;

/** Evaluates the model on the test part, also separately for each category of each categorical feature. */
export function defineEvaluateModel(
  { project }: TrainOptions,
  before: { readonly splitDataset: SplitDataset; readonly fitModel: FitModel },
) {
  return defineTask({
    name: 'evaluate-model',
    version: '2',
    params: z.object({ contract: z.string(), estimator: estimatorParam, seed: z.number() }),
    reads: { split: before.splitDataset, fit: before.fitModel },
    outputs: { evaluation: value<Evaluation>() },
    run: async ({ params, inputs, log }) => {
      const rows = await readPart(await inputs.split.test.path());
      const features = inputs.fit.features;
      const model = estimatorOf(params.estimator.kind, params.estimator.settings).load(
        await inputs.fit.payload.bytes(),
      );
      const slices = { rows, columns: sliceColumns(project.contract) };
      const labels = toLabels(labelOf(project.contract), rows);
      const evaluation = evaluate(model, { matrix: toMatrix(features, rows), labels, slices, seed: params.seed });
      log(JSON.stringify(evaluation.metrics));
      return { evaluation };
    },
  });
}

export type EvaluateModel = ReturnType<typeof defineEvaluateModel>;

const sliceColumns = ({ columns }: TrainOptions['project']['contract']): readonly string[] =>
  Object.keys(columns).filter((name) => columns[name]?.role === 'feature' && columns[name]?.kind === 'category');

interface BeforeRegister {
  readonly collectDataset: CollectDataset;
  readonly splitDataset: SplitDataset;
  readonly fitModel: FitModel;
  readonly evaluateModel: EvaluateModel;
}

/** Registers the model as the next version. The same fit on the same rows is the same version. */
export function defineRegisterModel({ project, database, artifacts }: TrainOptions, before: BeforeRegister) {
  return defineTask({
    name: 'register-model',
    version: '2',
    params: z.object({
      model: z.string(),
      contract: z.string(),
      estimator: estimatorParam,
      seed: z.number(),
      testShare: z.number(),
    }),
    reads: {
      collected: before.collectDataset,
      split: before.splitDataset,
      fit: before.fitModel,
      evaluated: before.evaluateModel,
    },
    outputs: { version: value<number>() },
    run: async ({ params, inputs, log, runId }) => {
      const { model, seed, testShare } = params;
      const { payload, features } = inputs.fit;
      const bytes = await payload.bytes();
      const fitted = { model: estimatorOf(params.estimator.kind, params.estimator.settings).load(bytes), features };
      const testRows = await readPart(await inputs.split.test.path());
      const reference = driftReference({
        ...{ contract: project.contract, features, seed, testRows },
        trainingRows: await readPart(await inputs.split.training.path()),
        predict: (rows) => predictRows(fitted, rows),
      });
      const datasetVersion = inputs.collected.dataset.digest;
      const registered = await registerModel(database, artifacts, {
        model,
        estimator: params.estimator,
        payload: bytes,
        features,
        label: labelOf(project.contract),
        evaluation: inputs.evaluated.evaluation,
        golden: goldenOf(fitted, testRows.slice(0, GOLDEN_ROWS)),
        reference: encodeReference(reference),
        trainedOn: { datasetVersion, rows: features.rows, split: { seed, testShare } },
        codeKey: `${before.fitModel.name} version:${before.fitModel.version}`,
        trainingKey: [datasetVersion, payload.digest, JSON.stringify({ seed, testShare })].join(' '),
        runId,
      });
      log(`${model}@${registered.version}${registered.created ? '' : ', registered before'}`);
      return { version: registered.version };
    },
  });
}

/** Who promotes when the pipeline does. */
const ACTOR = 'train pipeline';

export type RegisterModel = ReturnType<typeof defineRegisterModel>;

/** Makes the version champion unless the champion is better on the same test rows. */
export function definePromoteModel(
  { project, database, artifacts }: TrainOptions,
  before: { readonly splitDataset: SplitDataset; readonly registerModel: RegisterModel },
) {
  return defineTask({
    name: 'promote-model',
    version: '1',
    params: z.object({
      run: z.string(),
      model: z.string(),
      /** The champion when the run was created; 0 when there was none. */
      champion: z.number().int(),
      tolerance: z.number(),
    }),
    reads: { split: before.splitDataset, registered: before.registerModel },
    outputs: { decision: value<{ promote: boolean; reason: string; version: number }>() },
    run: async ({ params, inputs, log }) => {
      const { model, champion, tolerance } = params;
      const { version } = inputs.registered;
      if (champion === version) return { decision: { promote: false, reason: 'it is the champion already', version } };
      const refusal = await maybeRefusal(database, { model, version });
      if (refusal !== undefined) return { decision: { promote: false, reason: refusal, version } };
      const score = (of: number) =>
        scoreVersion(inputs.split.test, { version: of, model, project, database, artifacts });
      const decision = gate(await score(version), {
        champion: champion === 0 ? undefined : await score(champion),
        tolerance,
      });
      log(decision.reason);
      if (decision.promote) {
        const expectedPrevious = champion === 0 ? null : champion;
        const { reason } = decision;
        await promote(database, {
          model,
          version,
          alias: 'champion',
          actor: ACTOR,
          reason,
          expectedPrevious,
        });
      }
      return { decision: { ...decision, version } };
    },
  });
}

/** Equal rows give the version again that a person replaced: only a person makes it champion again. */
async function maybeRefusal(
  database: TrainOptions['database'],
  { model, version }: { readonly model: string; readonly version: number },
): Promise<string | undefined> {
  const replacement = await maybeReplacement(database, { model, version });
  if (replacement === undefined || replacement.actor === ACTOR) return undefined;
  const { actor, reason } = replacement;
  return `${actor} replaced it as champion: ${reason}. It becomes champion again when somebody promotes it.`;
}

type Scoring = Pick<TrainOptions, 'project' | 'database' | 'artifacts'> & {
  readonly model: string;
  readonly version: number;
};

async function scoreVersion(test: BlobInput, { project, database, artifacts, model, version }: Scoring) {
  const rows = await readPart(await test.path());
  const loaded = await loadModel(database, artifacts, { model, version });
  return scoreOf(loaded.predict(rows), { rows, label: labelOf(project.contract).column });
}
