import { z } from 'zod';
import type { Estimator, LabelKind, Labels, Matrix, Model } from './estimator.ts';
import { corrupt, readPayload, writePayload } from './payload.ts';
import { assertColumns, assertTrainable, labelSchema, parseFields, parseSettings } from './training.ts';

const KIND = 'most-frequent';
const settingsSchema = z.object({}).strict();
const fieldsSchema = z.object({ label: labelSchema, columns: z.array(z.string()) });

/**
 * The baseline every model must beat: the share of each class, or the mean, independent of the row. It has no settings.
 */
export function mostFrequent(
  settings: Readonly<Record<string, never>> = {},
): Estimator<Readonly<Record<string, never>>, Model> {
  return {
    kind: KIND,
    settings: parseSettings(settingsSchema, { kind: KIND, settings }),
    fit(matrix, labels) {
      assertTrainable(matrix, labels);
      return model({ label: labels.label, columns: matrix.columns, answer: answerOf(labels) });
    },
    load(payload) {
      const { fields, sections } = readPayload(payload, KIND);
      const { label, columns } = parseFields(fieldsSchema, fields);
      const answer = sections.answer;
      const width = label.kind === 'classification' ? label.classes.length : 1;
      if (!(answer instanceof Float64Array) || answer.length !== width || !answer.every(Number.isFinite)) {
        throw corrupt('its answer is not one finite number per class');
      }
      return model({ label, columns, answer });
    },
  };
}

function answerOf({ label, values }: Labels): Float64Array {
  if (label.kind === 'regression') {
    let sum = 0;
    for (const value of values) sum += value;
    return Float64Array.of(sum / values.length);
  }
  const shares = new Float64Array(label.classes.length);
  for (const value of values) shares[value] = (shares[value] ?? 0) + 1;
  return shares.map((count) => count / values.length);
}

interface Constant {
  readonly label: LabelKind;
  readonly columns: readonly string[];
  readonly answer: Float64Array;
}

function model({ label, columns, answer }: Constant): Model {
  return {
    label,
    predict(matrix: Matrix) {
      assertColumns(matrix, columns);
      const predicted = new Float64Array(matrix.rowCount * answer.length);
      for (let row = 0; row < matrix.rowCount; row += 1) predicted.set(answer, row * answer.length);
      return predicted;
    },
    payload: () => writePayload({ kind: KIND, fields: { label, columns }, sections: { answer } }),
  };
}
