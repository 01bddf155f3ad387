import { z } from 'zod';

const COUNT_MAX = 100_000;
/** Weir's own kernel has a byte for each number, and needs one of its values for what is missing. */
const OWN_BINS_MAX = 255;

export const boostingSchema = z
  .object({
    /** What trains: `weir`, Weir's own kernel, when absent; or `lightgbm`, LightGBM's own library. */
    engine: z.enum(['weir', 'lightgbm']).default('weir'),
    /** How many trees, for each class where there are more than two; 100 when absent. */
    trees: z.int().min(1).max(COUNT_MAX).default(100),
    /** Leaves of a tree at most; 31 when absent. */
    leaves: z.int().min(2).max(COUNT_MAX).default(31),
    /** By which factor each tree counts; 0.1 when absent. */
    learningRate: z.number().gt(0).max(1).default(0.1),
    /** The penalty on the squares of the leaves; 0 when absent. */
    l2: z.number().min(0).max(1e9).default(0),
    /** Rows of a leaf at least; 20 when absent. */
    leafRowsMin: z.int().min(1).default(20),
    /** Share of the rows that each tree is trained on, drawn for each; 1 when absent. */
    rowShare: z.number().gt(0).max(1).default(1),
    /** Share of the columns that each tree may split on; 1 when absent. */
    columnShare: z.number().gt(0).max(1).default(1),
    /** Into how many bins the numbers of a column are cut at most; 255 when absent. */
    bins: z.int().min(2).max(65_535).default(255),
    /** Keeps a share of the training rows, and stops when they are predicted no better; `false` when absent. */
    earlyStopping: z
      .union([
        z.literal(false),
        z
          .object({
            /** Share of the training rows; 0.1 when absent. */
            validationShare: z.number().gt(0).lt(1).default(0.1),
            /** Trees without a better score; 20 when absent. */
            patience: z.int().min(1).max(COUNT_MAX).default(20),
          })
          .strict(),
      ])
      .default(false),
    /** Columns with which the prediction may only rise, or only fall: `{ age: 'falling' }`; none when absent. */
    monotone: z.record(z.string(), z.enum(['rising', 'falling'])).default({}),
    /** What is minimised for a number: `squared` when absent. For classes it is the log-loss. */
    loss: z.enum(['squared', 'absolute', 'huber', 'quantile', 'poisson', 'gamma', 'tweedie']).default('squared'),
    /** Which quantile the loss `quantile` predicts; 0.5, the median, when absent. */
    quantile: z.number().gt(0).lt(1).default(0.5),
    /**
     * How much rows count: all the same (`equal`, when absent), those of each class together the same (`balanced`), or by
     * factors of classes.
     */
    classWeights: z.union([z.enum(['equal', 'balanced']), z.record(z.string(), z.number().gt(0))]).default('equal'),
    /** Seed of what is drawn; 1 when absent. */
    seed: z.int().min(0).max(2_147_483_647).default(1),
    /** Threads, which do not change the model; 0, one less than there are processors, when absent. */
    threads: z.int().min(0).max(1024).default(0),
  })
  .strict()
  .superRefine((settings, context) => {
    if (settings.engine === 'lightgbm') return;
    const beyond = {
      monotone: Object.keys(settings.monotone).length > 0,
      loss: settings.loss !== 'squared',
      bins: settings.bins > OWN_BINS_MAX,
    };
    for (const [name, isBeyond] of Object.entries(beyond))
      if (isBeyond)
        context.addIssue({
          code: 'custom',
          path: [name],
          message: `Weir's own engine cannot do this. Set engine: 'lightgbm', or leave it out.`,
        });
  });

export type BoostingSettings = z.infer<typeof boostingSchema>;
/** Settings of `gradientBoosting`. */
export type GradientBoostingOptions = z.input<typeof boostingSchema>;
