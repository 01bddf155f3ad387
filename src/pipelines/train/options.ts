import type { ArtifactDriver, Database, DuckdbPool } from '#store';
import type { ModelProject } from '../project.ts';

export interface TrainOptions {
  readonly project: ModelProject;
  readonly projectFolder: string;
  /** Absolute path of the folder that `fromGoodData` reads. */
  readonly goodFolder: string;
  readonly connections: (name: string) => Database;
  readonly database: Database;
  readonly artifacts: ArtifactDriver;
  readonly duckdb: DuckdbPool;
  readonly testShare: number;
  readonly seed: number;
  readonly tolerance: number;
}
