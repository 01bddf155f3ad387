import type { Contract } from '#contracts';
import type { FeatureRow } from '#ml';
import { atOnce } from '../in-turns.ts';
import { DEFAULT_LIMITS } from '../options.ts';
import { rowReader } from './contract-rows.ts';
import { REAL_EFFECTS } from './dated-rows.ts';
import { predictSound, type RowAnswer, readOne } from './predict-sound.ts';
import type { PredictionChoice, PredictionService } from './prediction-service.ts';

export interface PredictRowsOptions {
  readonly service: Pick<PredictionService, 'predictChecked'>;
  readonly contract: Contract;
}

/** Predicts rows each of which may break the contract: the others are predicted together, and each has its answer. */
export function rowsPredictor({
  service,
  contract,
}: PredictRowsOptions): (rows: readonly FeatureRow[], choice: PredictionChoice) => Promise<readonly RowAnswer[]> {
  const read = rowReader(contract, DEFAULT_LIMITS);
  return (rows, choice) =>
    predictSound(
      rows.map((row) => readOne(() => atOnce(read(row)), '')),
      { ...choice, service, startedMs: REAL_EFFECTS.monotonicMs() },
    );
}
