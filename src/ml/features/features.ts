import { z } from 'zod';

const constant = z
  .object({
    /** The value that stands in: `'unknown'`, `0`. */
    constant: z.union([z.string(), z.number(), z.boolean()]),
  })
  .strict();

const columnFeature = z
  .object({
    /** How the column is read; its kind in the contract decides by default. */
    as: z.enum(['number', 'category', 'boolean']).optional(),
    /**
     * What stands in for a missing value; by default the median of numbers, the more frequent truth value, and of
     * categories nothing: all zeros.
     */
    impute: z.union([z.enum(['median', 'mean', 'most-frequent', 'none']), constant]).optional(),
    /** Adds a column that is 1 where the value was missing; false by default. */
    indicator: z.boolean().optional(),
    /** Numbers only: `standard` (the default) subtracts the mean and divides by the standard deviation. */
    scale: z.enum(['standard', 'none']).optional(),
  })
  .strict();

export const featuresSchema = z
  .object({
    /** How columns are used, by name; the others as their kinds suggest. */
    columns: z.record(z.string(), z.union([z.literal('omit'), columnFeature])),
  })
  .strict();

/** Settings of one column, in addition to the contract. */
export type ColumnFeature = z.infer<typeof columnFeature>;

/** Which columns a model uses, and how; unfitted, plain JSON. */
export type Features = z.infer<typeof featuresSchema>;

/** A part of a time that repeats, as a category: what happens at night, on Mondays, in winter. */
const timePart = z.enum(['month', 'weekday', 'hour']);
export type TimePart = z.infer<typeof timePart>;

const textNumber = z.enum(['decimal', 'time', 'duration']);
export type TextNumber = z.infer<typeof textNumber>;

const fittedNumber = z.object({
  kind: z.literal('number'),
  column: z.string(),
  /** Values are ISO times, read as days since 1970. */
  time: z.boolean(),
  /** Values are texts: decimals, or times and durations, which are read as hours. */
  reads: textNumber.optional(),
  indicator: z.boolean(),
  /** Null where a missing value stays missing. */
  fill: z.number().nullable(),
  offset: z.number(),
  divisor: z.number().positive(),
});

const fittedCategory = z.object({
  kind: z.literal('category'),
  column: z.string(),
  /** Values are ISO times, of which this is read, in UTC. */
  part: timePart.optional(),
  indicator: z.boolean(),
  fill: z.string().nullable(),
  /** One column with the position of the category, instead of a column for each. */
  coded: z.boolean().optional(),
  categories: z.array(z.string()),
});

const fittedBoolean = z.object({
  kind: z.literal('boolean'),
  column: z.string(),
  indicator: z.boolean(),
  fill: z.number().nullable(),
});

export const fittedFeaturesSchema = z.object({
  format: z.literal(1),
  rows: z.int(),
  columns: z.array(z.discriminatedUnion('kind', [fittedNumber, fittedCategory, fittedBoolean])).min(1),
});

/** Features with everything learned from the training part: frozen JSON that is unchanged by a round trip. */
export type FittedFeatures = z.infer<typeof fittedFeaturesSchema>;
export type FittedColumn = FittedFeatures['columns'][number];
