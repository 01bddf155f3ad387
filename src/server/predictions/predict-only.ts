import type { MadePrediction } from '#api';
import { datedRows, type PredictEffects, sinceMs } from './dated-rows.ts';
import type { PredictAndStoreOptions, PredictionCall } from './predict-and-store.ts';

type PredictOnlyOptions = Omit<PredictAndStoreOptions, 'database'>;

/** Predicts and stores nothing: the predictions have no ids. */
export function predictOnly(
  { predictor, timeColumn }: PredictOnlyOptions,
  effects: PredictEffects,
): (call: PredictionCall) => Promise<MadePrediction[]> {
  return async (call) => {
    const { startedMs = effects.monotonicMs() } = call;
    const rows = datedRows(call, { timeColumn, ...effects });
    // No statement confirms here that the version is still champion.
    const { model, version, predictions } = await predictor.predict(rows, { version: call.version, isLookedUp: true });
    const latencyMs = sinceMs(startedMs, effects);
    return predictions.map(({ value, probability, probabilities }, index) => {
      const { rowId, rowTime } = call.identities?.[index] ?? {};
      return {
        source: call.source,
        modelVersion: `${model}@${version}`,
        ...(rowId === undefined ? {} : { rowId }),
        ...(rowTime === undefined ? {} : { rowTime: rowTime.toISOString() }),
        features: call.rows[index] ?? {},
        prediction: value,
        ...(probability === undefined ? {} : { probability }),
        ...(probabilities === undefined ? {} : { probabilities }),
        latencyMs,
      };
    });
  };
}
