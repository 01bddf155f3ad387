import { z } from 'zod';
import { metrics } from './metrics.ts';
import { recordedChange } from './recorded-change.ts';

const counts = z.array(z.int());
const numberDistribution = z
  .object({
    values: z.object({ edges: z.array(z.number()), predicted: counts, actual: counts }),
    errors: z
      .object({ edges: z.array(z.number()), rows: counts })
      .meta({ description: 'Of predicted minus actual numbers' }),
    groups: z
      .array(z.object({ rows: z.int(), predicted: z.number(), actual: z.number(), low: z.number(), high: z.number() }))
      .meta({
        description:
          'Test rows in groups of equally many by what was predicted: means, and the 10th and 90th percentile of the actual numbers',
      }),
  })
  .meta({
    id: 'NumberDistribution',
    description:
      'Test rows of a model that predicts numbers, counted in bins: below the first edge, between edges, and from the last edge on',
  });

export const modelVersion = z
  .object({
    model: z.string(),
    version: z.int(),
    estimator: z.string(),
    aliases: z.array(z.enum(['champion', 'challenger'])),
    metrics,
    distribution: numberDistribution.optional(),
    trainedOn: z.object({ datasetVersion: z.string(), rows: z.int(), features: z.array(z.string()) }),
    createdAt: z.iso.datetime(),
    runId: z
      .string()
      .nullable()
      .meta({ description: 'The run that trained it; null for a version of an earlier release' }),
  })
  .meta({ id: 'ModelVersion' });

export const promotion = z
  .object({
    alias: z.enum(['champion', 'challenger']),
    version: z.int(),
    previous: z.int().nullable(),
    actor: z.string(),
    reason: z.string(),
    at: z.iso.datetime(),
  })
  .meta({ id: 'Promotion' });

export const models = z
  .object({ model: z.string(), versions: z.array(modelVersion), promotions: z.array(promotion) })
  .meta({ id: 'Models' });

/** Why the champion or challenger is changed, by whom, and from which version. */
export const aliasChange = z
  .strictObject({
    ...recordedChange,
    expectedPrevious: z.int().min(1).nullable().optional().meta({
      description:
        'The version that has the alias at present, as the client knows it; null when none has. When another version has it, the request is refused with 409. Without it the request is not guarded.',
    }),
  })
  .meta({ id: 'AliasChange' });

export type ModelVersion = z.infer<typeof modelVersion>;
export type Promotion = z.infer<typeof promotion>;
export type Models = z.infer<typeof models>;
