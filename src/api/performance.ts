import { z } from 'zod';
import { timezone } from './list-query.ts';
import { metrics } from './metrics.ts';
import { version } from './version.ts';

/** The last so many days, the present one included, as `timezone` has them. */
export const performanceQuery = z.strictObject({
  days: z.coerce.number().int().min(1).max(90).default(14).meta({ description: 'How many days, today included' }),
  timezone,
  version: version.optional().meta({ description: 'Predictions of one version of the model', examples: [1] }),
});

const performance = z.object({
  predictions: z.int(),
  labelled: z.int().meta({ description: 'Predictions whose label is known' }),
  metrics: metrics.meta({
    description:
      'From the newest label of each row: accuracy of classes; RMSE, MAE and mean error of numbers. Empty without labels',
  }),
  estimate: z
    .object({ predictions: z.int().meta({ description: 'Predictions that could be estimated' }), metrics })
    .optional()
    .meta({
      description:
        'An estimate without labels: accuracy of classes from their calibrated probabilities, RMSE and MAE of numbers from errors of test rows that were predicted alike. It assumes that labels depend on rows as they did in the test rows. Absent of versions that were trained before Weir kept what it needs',
    }),
  estimateOfLabelled: metrics.optional().meta({
    description: 'The estimate of the predictions whose label is known, to compare it with `metrics`',
  }),
});

const maturity = z.object({
  afterMinutes: z.int(),
  share: z.number().optional().meta({
    description: 'Share of predictions that have their label by then; absent where none is old enough to say',
  }),
  low: z.number().optional(),
  high: z.number().optional(),
  atRisk: z.int().meta({ description: 'Predictions that were seen for as long and had no label before' }),
});

const maturityCurve = z
  .object({
    since: z.iso.datetime().meta({ description: 'Predictions made from here on' }),
    horizons: z.array(maturity).meta({ description: 'After 1 hour, 6 hours, 1, 2, 7 and 30 days' }),
    steps: z.array(maturity).meta({ description: 'Each time at which the share grows' }),
    medianMinutes: z.int().optional().meta({ description: 'When half of the predictions have their label' }),
  })
  .meta({
    id: 'MaturityCurve',
    description:
      'How soon labels come, by Kaplan and Meier with 95 % intervals: young predictions, which cannot have late labels yet, count as long as they were seen',
  });

export const performanceAnswer = z
  .object({
    model: z.string(),
    timezone: z.string(),
    /** Oldest first; each prediction counts on the day it was made. */
    days: z.array(performance.extend({ day: z.iso.date() })),
    total: performance,
    versions: z.array(performance.extend({ version: z.int() })).meta({ description: 'Newest first' }),
    maturity: maturityCurve,
    labelsMin: z.int().meta({ description: 'Metrics of fewer labels say too little to judge by' }),
    isComplete: z
      .boolean()
      .meta({ description: 'False while labels that came are still being compared with their predictions' }),
  })
  .meta({ id: 'Performance' });

export type PerformanceAnswer = z.infer<typeof performanceAnswer>;
export type Performance = z.infer<typeof performance>;
