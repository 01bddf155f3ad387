import type { ArtifactDriver, Database } from '#store';
import type { EngineEffects } from '../define/effects.ts';
import type { Task } from '../define/task.ts';
import type { Sink } from '../execute/sink.ts';

/** What answers questions about goals: the tasks with their code, and where results are stored. */
export interface ProjectParts {
  readonly database: Database;
  readonly artifacts: ArtifactDriver;
  readonly tasks: readonly Task[];
  /** Where tasks write rows outside Weir's own database; executors are handed the same. */
  readonly sinks?: readonly Sink[];
  /** Code fingerprints by task name, for tasks without an explicit version. */
  readonly fingerprints?: ReadonlyMap<string, string>;
  readonly effects?: Partial<EngineEffects>;
}
