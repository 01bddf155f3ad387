import { z } from 'zod';
import { searcherOf } from '../kernels/nearest.ts';
import type { Neighbours } from '../kernels/neighbours.ts';
import type { Estimator, LabelKind, Labels, Matrix, Model } from './estimator.ts';
import { corrupt, readPayload, writePayload } from './payload.ts';
import { assertColumns, assertTrainable, labelSchema, parseFields, parseSettings } from './training.ts';

const KIND = 'knn';
/** The tie rule for equally near training rows; stored with the model. */
export const KNN_TIE_RULE = 'lowest training row id';

// Differences of numbers within this range have finite squares in single precision.
const MAGNITUDE_MAX = 1e18;
const CENTRE_RATIO = 16;

const settingsSchema = z
  .object({
    /** How many neighbours vote, 1 to 10,000; 5 when absent. All training rows vote when there are fewer. */
    k: z.int().min(1).max(10_000).default(5),
    /**
     * How much a vote weighs. `uniform`, the default: each the same. `distance`: one over its distance, and exact
     * matches alone decide when there are any.
     */
    weights: z.enum(['uniform', 'distance']).default('uniform'),
  })
  .strict();
type KnnSettings = z.infer<typeof settingsSchema>;
/** Settings of `knn`. */
export type KnnOptions = z.input<typeof settingsSchema>;

const fieldsSchema = z.object({
  settings: settingsSchema,
  label: labelSchema,
  columns: z.array(z.string()),
  rowCount: z.int().min(1),
  tieRule: z.literal(KNN_TIE_RULE),
});

/**
 * k nearest neighbours, exact, by Euclidean distance: votes for classes, the mean for a number.
 * Example: `knn({ k: 25, weights: 'distance' })`. Throws when a setting is out of its range.
 */
export function knn(settings: KnnOptions = {}): Estimator<KnnSettings, Model> {
  const parsed = parseSettings(settingsSchema, { kind: KIND, settings });
  return {
    kind: KIND,
    settings: parsed,
    fit(matrix, labels) {
      assertTrainable(matrix, labels);
      const centres = centresOf(matrix);
      return model({
        settings: parsed,
        label: labels.label,
        columns: matrix.columns,
        rowCount: matrix.rowCount,
        centres,
        rows: centred(matrix, centres),
        answers: labels.values.slice(),
      });
    },
    load: (payload) => model(readFitted(payload)),
  };
}

interface Fitted extends Labelled {
  readonly settings: KnnSettings;
  readonly columns: readonly string[];
  readonly rowCount: number;
  readonly centres: Float64Array;
  readonly rows: Float32Array;
}

interface Labelled {
  readonly label: LabelKind;
  readonly answers: Labels['values'];
}

function readFitted(payload: Uint8Array): Fitted {
  const { fields, sections } = readPayload(payload, KIND);
  const { settings, label, columns, rowCount } = parseFields(fieldsSchema, fields);
  const { centres, rows, answers } = sections;
  if (!(centres instanceof Float64Array) || centres.length !== columns.length) throw corrupt('its centres do not fit');
  if (!(rows instanceof Float32Array) || rows.length !== rowCount * columns.length)
    throw corrupt('its rows do not fit');
  if (!(answers instanceof Float64Array)) throw corrupt('its labels are missing');
  try {
    assertTrainable({ columns, rowCount, values: Float64Array.from(rows) }, { label, values: answers });
  } catch (cause) {
    throw corrupt('its numbers are not what training gives', cause);
  }
  return { settings, label, columns, rowCount, centres, rows, answers };
}

function model(fitted: Fitted): Model {
  const { settings, label, columns, rowCount, centres, rows, answers } = fitted;
  const search = searcherOf({ rows, rowCount, width: columns.length });
  const k = Math.min(settings.k, rowCount);
  return {
    label,
    predict(matrix) {
      assertColumns(matrix, columns);
      const queries = centred(matrix, centres);
      const neighbours = search({ queries, queryCount: matrix.rowCount, k });
      const votes = settings.weights === 'distance' ? distanceVotes(neighbours, k) : undefined;
      return label.kind === 'classification'
        ? shares(neighbours, { answers, k, votes, classCount: label.classes.length })
        : means(neighbours, { answers, k, votes });
    },
    payload: () =>
      writePayload({
        kind: KIND,
        fields: { settings, label, columns, rowCount, tieRule: KNN_TIE_RULE },
        sections: { centres, rows, answers },
      }),
  };
}

/**
 * Single precision has 24 bits, which a column far from zero (a year in seconds) would use for its offset. Distances do
 * not depend on an offset, so it is subtracted; columns near zero keep theirs, and so exact ties of 0 and 1.
 */
function centresOf({ columns, values }: Matrix): Float64Array {
  return Float64Array.from(columns, (_, column) => {
    let low = Infinity;
    let high = -Infinity;
    for (let at = column; at < values.length; at += columns.length) {
      const value = values[at]!;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    const middle = low + (high - low) / 2;
    return Number.isFinite(middle) && Math.abs(middle) > CENTRE_RATIO * (high - low) ? middle : 0;
  });
}

function centred({ columns, rowCount, values }: Matrix, centres: Float64Array): Float32Array {
  const width = columns.length;
  const result = new Float32Array(rowCount * width);
  for (let row = 0, at = 0; row < rowCount; row += 1) {
    for (let column = 0; column < width; column += 1, at += 1) {
      const value = values[at]! - centres[column]!;
      result[at] = value > MAGNITUDE_MAX ? MAGNITUDE_MAX : value < -MAGNITUDE_MAX ? -MAGNITUDE_MAX : value;
    }
  }
  return result;
}

function distanceVotes({ distances }: Neighbours, k: number): Float64Array {
  const votes = new Float64Array(distances.length);
  for (let start = 0; start < distances.length; start += k) {
    const exact = distances[start] === 0;
    for (let at = start; at < start + k; at += 1) {
      const distance = distances[at]!;
      votes[at] = exact ? (distance === 0 ? 1 : 0) : 1 / Math.sqrt(distance);
    }
  }
  return votes;
}

interface Count {
  readonly answers: Float64Array;
  readonly k: number;
  readonly votes: Float64Array | undefined;
}

function shares(
  { rowNumbers }: Neighbours,
  { answers, k, votes, classCount }: Count & { classCount: number },
): Float64Array {
  const queryCount = rowNumbers.length / k;
  const result = new Float64Array(queryCount * classCount);
  for (let query = 0; query < queryCount; query += 1) {
    const first = query * classCount;
    let total = 0;
    for (let at = query * k; at < (query + 1) * k; at += 1) {
      const vote = votes === undefined ? 1 : votes[at]!;
      const slot = first + answers[rowNumbers[at]!]!;
      result[slot] = result[slot]! + vote;
      total += vote;
    }
    for (let slot = first; slot < first + classCount; slot += 1) result[slot] = result[slot]! / total;
  }
  return result;
}

function means({ rowNumbers }: Neighbours, { answers, k, votes }: Count): Float64Array {
  const result = new Float64Array(rowNumbers.length / k);
  for (let query = 0; query < result.length; query += 1) {
    let sum = 0;
    let total = 0;
    for (let at = query * k; at < (query + 1) * k; at += 1) {
      const vote = votes === undefined ? 1 : votes[at]!;
      sum += vote * answers[rowNumbers[at]!]!;
      total += vote;
    }
    result[query] = sum / total;
  }
  return result;
}
