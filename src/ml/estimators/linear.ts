import { z } from 'zod';
import type { LabelKind, Matrix, Model } from './estimator.ts';
import { explainLinear } from './explain-linear.ts';
import { corrupt, readPayload, writePayload } from './payload.ts';
import { assertColumns, labelSchema, parseFields } from './training.ts';

// Squares of numbers up to this and their sums are finite. Features are scaled, so valid data is far below.
const MAGNITUDE_MAX = 1e18;

/** Weighted sums of the columns: one vector of weights, its intercept last, for each score. */
export interface LinearParts {
  readonly kind: string;
  readonly settings: unknown;
  readonly label: LabelKind;
  readonly columns: readonly string[];
  readonly vectors: Float64Array;
}

const fieldsSchema = z.object({ settings: z.unknown(), label: labelSchema, columns: z.array(z.string()) });

/** A score for two classes or a number, one a class for more. */
export function vectorCount(label: LabelKind): number {
  return label.kind === 'regression' || label.classes.length === 2 ? 1 : label.classes.length;
}

/** A model of weighted sums; `answer` turns the scores of a row into what is predicted. */
export function linearModel(parts: LinearParts, answer: (scores: Float64Array) => ArrayLike<number>): Model {
  const { kind, settings, label, columns, vectors } = parts;
  const scores = new Float64Array(vectorCount(label));
  const answers = label.kind === 'regression' ? 1 : label.classes.length;
  return {
    label,
    predict(matrix) {
      assertColumns(matrix, columns);
      const predicted = new Float64Array(matrix.rowCount * answers);
      for (let row = 0; row < matrix.rowCount; row += 1) {
        scoreRow(scores, { vectors, values: matrix.values, start: row * columns.length, width: columns.length });
        predicted.set(answer(scores), row * answers);
      }
      return predicted;
    },
    explain(matrix, question) {
      assertColumns(matrix, columns);
      return explainLinear({ label, vectors, answer, bounded }, { matrix, ...question });
    },
    payload: () => writePayload({ kind, fields: { settings, label, columns }, sections: { vectors } }),
  };
}

/** Reads the parts of a linear model; the caller knows the kind. */
export function readLinear(payload: Uint8Array, kind: string): LinearParts {
  const { fields, sections } = readPayload(payload, kind);
  const { settings, label, columns } = parseFields(fieldsSchema, fields);
  const { vectors } = sections;
  const length = vectorCount(label) * (columns.length + 1);
  if (!(vectors instanceof Float64Array) || vectors.length !== length || !vectors.every(Number.isFinite)) {
    throw corrupt(`its weights are not ${length} finite numbers`);
  }
  return { kind, settings, label, columns, vectors };
}

interface ScoreOf {
  readonly vectors: Float64Array;
  readonly values: Float64Array;
  readonly start: number;
  readonly width: number;
}

function scoreRow(scores: Float64Array, { vectors, values, start, width }: ScoreOf): void {
  for (let vector = 0; vector < scores.length; vector += 1) {
    const first = vector * (width + 1);
    let sum = vectors[first + width]!;
    for (let column = 0; column < width; column += 1)
      sum += vectors[first + column]! * bounded(values[start + column]!);
    scores[vector] = sum;
  }
}

/** Rows without their zeros: most of a one-hot matrix. */
export interface SparseRows {
  readonly rowCount: number;
  readonly width: number;
  /** Row `r` owns the entries from `starts[r]` to `starts[r + 1]`. */
  readonly starts: Int32Array;
  readonly columns: Int32Array;
  readonly values: Float64Array;
}

export function toSparse({ columns, rowCount, values }: Matrix): SparseRows {
  const width = columns.length;
  const count = values.reduce((sum, value) => (value === 0 ? sum : sum + 1), 0);
  const sparse = {
    rowCount,
    width,
    starts: new Int32Array(rowCount + 1),
    columns: new Int32Array(count),
    values: new Float64Array(count),
  };
  let entry = 0;
  for (let row = 0; row < rowCount; row += 1) {
    for (let column = 0; column < width; column += 1) {
      const value = bounded(values[row * width + column]!);
      if (value === 0) continue;
      sparse.columns[entry] = column;
      sparse.values[entry] = value;
      entry += 1;
    }
    sparse.starts[row + 1] = entry;
  }
  return sparse;
}

function bounded(value: number): number {
  return value > MAGNITUDE_MAX ? MAGNITUDE_MAX : value < -MAGNITUDE_MAX ? -MAGNITUDE_MAX : value;
}
