import { z } from 'zod';
import type { Json } from '#engine';
import type { ArtifactDriver, Database, DuckdbPool } from '#store';
import type { ModelProject } from '../project.ts';

export interface TrainOptions {
  readonly project: ModelProject;
  readonly projectFolder: string;
  readonly connections: (name: string) => Database;
  readonly database: Database;
  readonly artifacts: ArtifactDriver;
  readonly duckdb: DuckdbPool;
  readonly testShare: number;
  readonly seed: number;
  readonly tolerance: number;
}

// zod's own type of JSON is the same but for `readonly`.
const json = z.json() as z.ZodType<Json>;

/** Params shared by every training task; each counts only those it depends on (`counting`). */
export const trainParams = z.object({
  run: z.string(),
  connection: z.string(),
  sql: z.string(),
  contract: z.string(),
  testShare: z.number(),
  seed: z.number(),
  features: json,
  estimator: z.object({ kind: z.string(), settings: json }),
  model: z.string(),
  /** The champion when the run was created; 0 when there was none. */
  champion: z.number().int(),
  tolerance: z.number(),
});
export type TrainParams = z.infer<typeof trainParams>;

// The keys of a zod object's shape are exactly the keys of what it parses to.
const NAMES = Object.keys(trainParams.shape) as readonly (keyof TrainParams)[];

/**
 * The params that do not count for a task, given those that do. The query counts `run`, so it is read again each time;
 * what follows does not, so unchanged rows train nothing again.
 */
export function counting(...significant: readonly (keyof TrainParams)[]): readonly (keyof TrainParams)[] {
  return NAMES.filter((name) => !significant.includes(name));
}
