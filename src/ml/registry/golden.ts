import { z } from 'zod';
import { MlError } from '../errors.ts';
import type { Model } from '../estimators/estimator.ts';
import { toPredictions } from '../estimators/to-predictions.ts';
import { cellOf } from '../features/cell.ts';
import { featureColumns } from '../features/columns.ts';
import type { FittedFeatures } from '../features/features.ts';
import { toMatrix } from '../features/to-matrix.ts';
import type { FeatureRow, Prediction } from '../prediction.ts';

// Exact kinds agree to the bit; those that compute exponentials may differ in the last digits between engines.
const TOLERANCE = 1e-9;

const cell = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const goldenRowSchema = z.object({
  row: z.record(z.string(), cell),
  expected: z.object({
    value: z.union([z.string(), z.number()]),
    probability: z.number().optional(),
    probabilities: z.record(z.string(), z.number()).optional(),
  }),
});

/** A row and its prediction when the model was trained. */
export interface GoldenRow {
  readonly row: FeatureRow;
  readonly expected: Prediction;
}

/** Features, then model, then values: the one way from rows to predictions. */
export function predictRows(
  { model, features }: { readonly model: Model; readonly features: FittedFeatures },
  rows: readonly FeatureRow[],
): Prediction[] {
  return toPredictions(model.label, model.predict(toMatrix(features, rows)));
}

/** Records a model's predictions of some rows, to be replayed wherever it is loaded. */
export function goldenOf(
  fitted: { readonly model: Model; readonly features: FittedFeatures },
  rows: readonly FeatureRow[],
): GoldenRow[] {
  const columns = featureColumns(fitted.features);
  const kept = rows.map(
    (row): FeatureRow => Object.fromEntries(columns.map((column) => [column, cellOf(row, column) ?? null])),
  );
  const predictions = predictRows(fitted, kept);
  return kept.map((row, index) => ({ row, expected: predictions[index] ?? { value: '' } }));
}

export function toGoldenLines(golden: readonly GoldenRow[]): string {
  return golden.map((row) => `${JSON.stringify(row)}\n`).join('');
}

export function parseGoldenLines(text: string): GoldenRow[] {
  try {
    const lines = text.split('\n').filter((line) => line !== '');
    return lines.map((line) => {
      const { row, expected } = goldenRowSchema.parse(JSON.parse(line));
      const { value, probability, probabilities } = expected;
      return {
        row,
        expected: {
          value,
          ...(probability === undefined ? {} : { probability }),
          ...(probabilities === undefined ? {} : { probabilities }),
        },
      };
    });
  } catch (cause) {
    throw new MlError('model_refused', 'Expected golden rows, one JSON object a line, and could not read them.', {
      cause,
    });
  }
}

/** Refuses a model whose predictions of its golden rows differ from those at training. */
export function assertGolden(
  predict: (rows: readonly FeatureRow[]) => readonly Prediction[],
  golden: readonly GoldenRow[],
): void {
  if (golden.length === 0) {
    throw new MlError('model_refused', 'A model needs at least one golden row. Give some rows of the test part.');
  }
  const predictions = predict(golden.map(({ row }) => row));
  golden.forEach(({ expected }, index) => {
    const got = predictions[index];
    if (got !== undefined && isSamePrediction(expected, got)) return;
    throw new MlError(
      'model_refused',
      `Golden row ${index}: the model predicted ${JSON.stringify(expected)} when it was trained, and predicts ${JSON.stringify(got)} now. It is not the same model; train it again.`,
    );
  });
}

function isSamePrediction(expected: Prediction, got: Prediction): boolean {
  if (typeof expected.value === 'number' || typeof got.value === 'number') {
    return typeof expected.value === 'number' && typeof got.value === 'number' && isNear(expected.value, got.value);
  }
  const names = Object.keys(expected.probabilities ?? {});
  return (
    expected.value === got.value &&
    isNear(expected.probability ?? 0, got.probability ?? 0) &&
    names.length === Object.keys(got.probabilities ?? {}).length &&
    names.every((name) => isNear(expected.probabilities?.[name] ?? Number.NaN, got.probabilities?.[name] ?? Number.NaN))
  );
}

function isNear(a: number, b: number): boolean {
  return Math.abs(a - b) <= TOLERANCE * Math.max(1, Math.abs(a));
}
