import { z } from 'zod';
import { MlError } from '../errors.ts';
import { labelSchema } from '../estimators/training.ts';
import { evaluationSchema } from '../evaluation/evaluation.ts';

const digest = z.string().regex(/^[0-9a-f]{64}$/);
const json = z.json();

/** The files of a model version in addition to `manifest.json`. */
export const CARD_FILE = 'card.md';
export const MODEL_FILES = ['model.bin', 'features.json', 'golden.jsonl', CARD_FILE] as const;
/** What rows and predictions are compared with to find drift; versions of earlier releases have none. */
export const REFERENCE_FILE = 'reference.json';
export type ModelFile = (typeof MODEL_FILES)[number];
export const MANIFEST_FILE = 'manifest.json';

export const manifestSchema = z.object({
  format: z.literal(1),
  model: z.string().min(1).max(200),
  estimator: z.object({ kind: z.string(), settings: z.record(z.string(), json) }),
  /** How ties are broken, in words. */
  tieRule: z.string(),
  label: z.object({ column: z.string(), label: labelSchema }),
  /** Columns of a row that the model reads. */
  features: z.array(z.string()).min(1),
  trainedOn: z.object({
    datasetVersion: z.string(),
    rows: z.int().min(1),
    split: z.object({ seed: z.number(), testShare: z.number() }).optional(),
  }),
  /** Identity of the code that trained it. */
  codeKey: z.string(),
  trainingKey: z.string(),
  evaluation: evaluationSchema,
  files: z.object({
    'model.bin': digest,
    'features.json': digest,
    'golden.jsonl': digest,
    [CARD_FILE]: digest,
    [REFERENCE_FILE]: digest.optional(),
  }),
});

/** The manifest of a model version, stored as `manifest.json`. */
export type ModelManifest = z.infer<typeof manifestSchema>;

export function parseManifest(value: unknown): ModelManifest {
  const parsed = manifestSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new MlError('model_refused', `Expected a model manifest of format 1: ${z.prettifyError(parsed.error)}`, {
    cause: parsed.error,
  });
}
