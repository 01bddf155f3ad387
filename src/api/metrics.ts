import { z } from 'zod';

/** Metric name to value and, where known, the bounds of its 95 % confidence interval. */
export const metrics = z.record(
  z.string(),
  z.object({ value: z.number(), low: z.number().optional(), high: z.number().optional() }),
);
