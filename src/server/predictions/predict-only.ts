import type { MadePrediction } from '#api';
import { toMade } from '#ml';
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
    const { identities, coerced } = call;
    const made = { rows: call.rows, predictions, identities, coerced, latencyMs };
    const known = { source: call.source, modelVersion: `${model}@${version}` };
    return predictions.map((_, row) => toMade(known, made, row));
  };
}
