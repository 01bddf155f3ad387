import type { MadePrediction } from '#api';
import { datedRows, type PredictEffects } from './dated-rows.ts';
import type { Predictor } from './predictor.ts';

interface ExplainOptions {
  readonly predictor: Pick<Predictor, 'explain'>;
  /** The column that dates a row; absent when the contract has none. */
  readonly timeColumn?: string | undefined;
}

/**
 * Adds what each column contributed, by the version that made the prediction: also to the stored answer of a repeated
 * request. Explanations are not stored, because the version and the features give the same ones again.
 */
export function explainPredictions(
  { predictor, timeColumn }: ExplainOptions,
  effects: PredictEffects,
): (predictions: readonly MadePrediction[]) => Promise<MadePrediction[]> {
  return async (predictions) => {
    const [first] = predictions;
    if (first === undefined) return [];
    const rows = datedRows(
      {
        rows: predictions.map(({ features }) => features),
        identities: predictions.map(({ rowTime, at = rowTime }) => {
          const time = rowTime ?? at;
          return time === undefined ? {} : { rowTime: new Date(time) };
        }),
      },
      { timeColumn, ...effects },
    );
    // One request is predicted by one version.
    const explanations = await predictor.explain(rows, versionIn(first.modelVersion));
    return predictions.map((prediction, index) => {
      const explanation = explanations[index];
      return explanation === undefined ? prediction : { ...prediction, explanation };
    });
  };
}

/** Of `model@3`: 3. The name may hold an at sign too. */
function versionIn(modelVersion: string): number {
  return Number(modelVersion.slice(modelVersion.lastIndexOf('@') + 1));
}
