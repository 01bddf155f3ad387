import { z } from 'zod';
import { calibrationSchema } from './calibration.ts';
import { numberDistributionSchema } from './number-distribution.ts';

const metric = z.object({ value: z.number(), low: z.number().optional(), high: z.number().optional() });
export const metricsSchema = z.record(z.string(), metric);

const classReport = z.object({
  class: z.string(),
  precision: z.number(),
  recall: z.number(),
  f1: z.number(),
  support: z.int(),
});

const slice = z.object({ column: z.string(), value: z.string(), rows: z.int(), metrics: metricsSchema });

export const evaluationSchema = z.object({
  kind: z.enum(['classification', 'regression']),
  rows: z.int(),
  metrics: metricsSchema,
  /** One entry per class, in declared order. */
  classes: z.array(classReport).optional(),
  /** `confusion[actual][predicted]`, in declared class order. */
  confusion: z.array(z.array(z.int())).optional(),
  /** Of a regression; absent in model versions of earlier days. */
  distribution: numberDistributionSchema.optional(),
  /** Absent in model versions of earlier days. */
  calibration: calibrationSchema.optional(),
  slices: z.array(slice),
});

/** A value and, where known, the bounds of its 95 % confidence interval. */
export type Metric = z.infer<typeof metric>;
export type Metrics = z.infer<typeof metricsSchema>;
export type Slice = z.infer<typeof slice>;

/** How good a model is on rows it has not seen; plain JSON. */
export type Evaluation = z.infer<typeof evaluationSchema>;
