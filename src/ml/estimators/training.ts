import { z } from 'zod';
import { MlError } from '../errors.ts';
import type { Labels, Matrix, Reading } from './estimator.ts';
import { corrupt } from './payload.ts';

export const labelSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('classification'), classes: z.array(z.string()).min(2) }),
  z.object({ kind: z.literal('regression') }),
]);

/** Refuses training data without rows, with lengths that do not match, or with numbers that are not finite. */
export function assertTrainable(matrix: Matrix, labels: Labels, reading: Reading = 'dense'): void {
  const { rowCount, columns, values } = matrix;
  if (rowCount === 0) throw impossible('there is no training row');
  if (values.length !== rowCount * columns.length) {
    throw impossible(
      `${rowCount} rows of ${columns.length} columns need ${rowCount * columns.length} numbers, got ${values.length}`,
    );
  }
  if (labels.values.length !== rowCount) {
    throw impossible(`${rowCount} rows need as many labels, got ${labels.values.length}`);
  }
  const isKnown = reading === 'coded' ? (value: number) => Math.abs(value) !== Infinity : Number.isFinite;
  if (!values.every(isKnown)) throw impossible('the matrix holds a number that is not finite');
  const classCount = labels.label.kind === 'classification' ? labels.label.classes.length : undefined;
  const bad = labels.values.findIndex((value) => !isLabel(value, classCount));
  if (bad >= 0) throw impossible(`the label of row ${bad} is ${labels.values[bad]}`);
}

function isLabel(value: number, classCount: number | undefined): boolean {
  if (classCount === undefined) return Number.isFinite(value);
  return Number.isInteger(value) && value >= 0 && value < classCount;
}

function impossible(why: string): MlError {
  return new MlError('training_impossible', `Nothing can be learned: ${why}. Check how the training part was made.`);
}

/** Refuses a matrix whose columns are not the ones the model was fitted on. */
export function assertColumns(matrix: Matrix, columns: readonly string[]): void {
  const same =
    matrix.columns === columns ||
    (matrix.columns.length === columns.length && matrix.columns.every((name, index) => name === columns[index]));
  if (!same || matrix.values.length !== matrix.rowCount * columns.length) {
    throw new MlError(
      'matrix_mismatch',
      `The model was fitted on the columns ${columns.join(', ')}; got ${matrix.columns.join(', ')} with ${matrix.values.length} numbers for ${matrix.rowCount} rows. Use the features stored with the model.`,
    );
  }
}

/** Settings through their schema, or an error that names the estimator. */
export function parseSettings<T extends z.ZodType>(
  schema: T,
  { kind, settings }: { kind: string; settings: unknown },
): z.infer<T> {
  const parsed = schema.safeParse(settings);
  if (parsed.success) return parsed.data;
  throw new MlError(
    'settings_invalid',
    `Settings of the estimator "${kind}" are not valid: ${z.prettifyError(parsed.error)}`,
    {
      cause: parsed.error,
    },
  );
}

/** The JSON fields of a payload through their schema. */
export function parseFields<T extends z.ZodType>(schema: T, fields: unknown): z.infer<T> {
  const parsed = schema.safeParse(fields);
  if (parsed.success) return parsed.data;
  throw corrupt(`its fields are not valid: ${z.prettifyError(parsed.error)}`, parsed.error);
}
