import type { Contract } from '#contracts';
import type { ArtifactDriver, Database, DuckdbPool } from '#store';
import type { DataFolders } from '../folders.ts';
import type { DataPlaces } from '../places/data-places.ts';

export interface MonitorOptions {
  readonly model: string;
  /** The contract of arriving files: the project's contract, whose label may be missing (`arrivingContract`). */
  readonly contract: Contract;
  /** Name of the column that is predicted. */
  readonly label: string;
  readonly database: Database;
  readonly artifacts: ArtifactDriver;
  readonly duckdb: DuckdbPool;
  readonly folders: DataFolders;
  /** What reads their files; files of this machine unless set. */
  readonly places?: DataPlaces | undefined;
  readonly rules: MonitorRules;
}

/** How windows are made and judged. */
export interface MonitorRules {
  readonly windowMinutes: number;
  /** How long after its time a row may arrive and still be judged with its window. */
  readonly latenessMinutes: number;
  readonly rowsMin: number;
  /** Windows that are merged at most, while there are fewer rows than `rowsMin`. */
  readonly mergedMax: number;
  /** Drift over time is drift in so many … */
  readonly sustainedWindows: number;
  /** … of the last windows. */
  readonly lastWindows: number;
  readonly falseAlarmRate: number;
}
