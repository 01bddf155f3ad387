/*
 * What a model version is compared with, stored as one of its files when it is registered: a sample of each feature of the
 * training part, what the model predicted on its test rows, and how much each feature matters. Values are in it as they are
 * in the model's other files, so what pages and tables show of a sensitive column is left out where it is shown.
 */
import { z } from 'zod';
import { numberOfText } from '#contracts';
import type { FeatureRow, Prediction } from '#ml';
import { MonitorError } from '../errors.ts';
import { type ColumnSample, type ColumnValues, type Sample, sampleOf } from './sample.ts';

export interface DriftReference {
  /** Features by column, of the training part. */
  readonly features: Sample;
  /** What was predicted for the test rows: `prediction`, and for classes the `confidence`. */
  readonly predictions: Sample;
  /** Share of the model's error that is due to each feature. */
  readonly importance: Readonly<Record<string, number>>;
}

/** How a column is compared. */
export type ColumnForm = ColumnSample['kind'];

const PREDICTION = 'prediction';
const CONFIDENCE = 'confidence';

/** The rows of some columns as a sample. Dates and timestamps are compared as milliseconds since 1970, times and durations as hours. */
export function sampleRows(columns: Readonly<Record<string, ColumnForm>>, rows: readonly FeatureRow[]): Sample {
  return sampleOf(
    Object.fromEntries(Object.entries(columns).map(([name, form]) => [name, valuesOf({ name, form }, rows)])),
  );
}

/** What was predicted as a sample; confidences only where there are some. */
export function samplePredictions(predictions: readonly Pick<Prediction, 'value' | 'probability'>[]): Sample {
  const rows = predictions.map(({ value, probability }) => ({ prediction: value, confidence: probability ?? null }));
  const isNumber = typeof predictions[0]?.value === 'number';
  const isConfident = rows.some(({ confidence }) => confidence !== null);
  return sampleRows(
    { [PREDICTION]: isNumber ? 'number' : 'category', ...(isConfident ? { [CONFIDENCE]: 'number' } : {}) },
    rows,
  );
}

function valuesOf(
  { name, form }: { readonly name: string; readonly form: ColumnForm },
  rows: readonly FeatureRow[],
): ColumnValues {
  const cells = rows.map((row) => (Object.hasOwn(row, name) ? (row[name] ?? null) : null));
  return form === 'number'
    ? { kind: 'number', values: cells.map(toNumber) }
    : { kind: 'category', values: cells.map((cell) => (cell === null ? null : String(cell))) };
}

function toNumber(cell: FeatureRow[string]): number | null {
  const value = typeof cell === 'string' ? textNumber(cell) : cell === null ? Number.NaN : Number(cell);
  return Number.isFinite(value) ? value : null;
}

/** Texts in columns of numbers are decimals, times of day or durations in hours, and dates and timestamps. */
function textNumber(text: string): number {
  if (/^[+-]?[\d.]+$/.test(text)) return numberOfText('decimal', text);
  if (/^\d\d:\d\d/.test(text)) return numberOfText('time', text);
  return /^[+-]?P/.test(text) ? numberOfText('duration', text) : Date.parse(text);
}

const sampleSchema = z.record(
  z.string(),
  z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('number'), rows: z.int(), missing: z.int(), sorted: z.array(z.number()) }),
    z.object({
      kind: z.literal('category'),
      rows: z.int(),
      missing: z.int(),
      counts: z.array(z.tuple([z.string(), z.int()])),
    }),
  ]),
);
const referenceSchema = z.object({
  format: z.literal(1),
  features: sampleSchema,
  predictions: sampleSchema,
  importance: z.record(z.string(), z.number()),
});

export function encodeReference({ features, predictions, importance }: DriftReference): Uint8Array {
  const stored = { format: 1, features: toStored(features), predictions: toStored(predictions), importance };
  return new TextEncoder().encode(JSON.stringify(stored));
}

function toStored(sample: Sample): z.infer<typeof sampleSchema> {
  return Object.fromEntries(
    Object.entries(sample).map(([name, column]) => [
      name,
      column.kind === 'number'
        ? { ...column, sorted: [...column.sorted] }
        : // In an order of its own, so that equal samples are equal bytes.
          { ...column, counts: [...column.counts].sort(([one], [other]) => (one < other ? -1 : 1)) },
    ]),
  );
}

/** Reads back what `encodeReference` wrote. Throws `drift_invalid` for anything else. */
export function decodeReference(bytes: Uint8Array): DriftReference {
  try {
    const stored = referenceSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
    const { features, predictions, importance } = stored;
    return { features: fromStored(features), predictions: fromStored(predictions), importance };
  } catch (cause) {
    throw new MonitorError(
      'drift_invalid',
      'Expected the reference of a model version in format 1, and it is something else. Train the model again.',
      { cause },
    );
  }
}

function fromStored(stored: z.infer<typeof sampleSchema>): Sample {
  return Object.fromEntries(
    Object.entries(stored).map(([name, column]) => [
      name,
      column.kind === 'number'
        ? { ...column, sorted: Float64Array.from(column.sorted) }
        : { ...column, counts: new Map(column.counts) },
    ]),
  );
}
