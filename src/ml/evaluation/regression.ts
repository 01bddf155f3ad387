import type { Statistics } from './intervals.ts';

/** Test rows of a regression: true and predicted numbers. */
export interface RegressedRows {
  readonly actual: Float64Array;
  readonly predicted: Float64Array;
}

/** MAE, RMSE and R² as functions of how often each row counts; R² is left out when all true values are equal. */
export function regressionStatistics({ actual, predicted }: RegressedRows): Statistics {
  return (weights) => {
    let total = 0;
    let absolute = 0;
    let squares = 0;
    let sum = 0;
    for (let row = 0; row < actual.length; row += 1) {
      const weight = weights[row]!;
      const error = predicted[row]! - actual[row]!;
      total += weight;
      absolute += weight * Math.abs(error);
      squares += weight * error * error;
      sum += weight * actual[row]!;
    }
    const mean = sum / total;
    let variation = 0;
    for (let row = 0; row < actual.length; row += 1) variation += weights[row]! * (actual[row]! - mean) ** 2;
    const values = new Map([
      ['mae', absolute / total],
      ['rmse', Math.sqrt(squares / total)],
    ]);
    if (variation > 0) values.set('r2', 1 - squares / variation);
    return values;
  };
}
