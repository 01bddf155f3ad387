import type { NativeLibrary } from '#ml';
import type { ArtifactDriver, Database, DuckdbPool } from '#store';
import type { DataPlaces } from '../places/data-places.ts';
import type { ModelProject } from '../project.ts';

export interface TrainOptions {
  readonly project: ModelProject;
  readonly projectFolder: string;
  /** The folder that `fromGoodData` reads. */
  readonly goodFolder: string;
  /** What reads files; files of this machine unless set. */
  readonly places?: DataPlaces | undefined;
  readonly connections: (name: string) => Database;
  readonly database: Database;
  readonly artifacts: ArtifactDriver;
  readonly duckdb: DuckdbPool;
  /** The library of LightGBM, for estimators that train with it. */
  readonly lightgbm: () => NativeLibrary;
  /** Into how many parts the rows are cut, which are trained on at once by estimators that can. */
  readonly parts: number;
  /** The address at which other parts reach this machine. */
  readonly address: string;
  readonly testShare: number;
  readonly seed: number;
  readonly tolerance: number;
}
