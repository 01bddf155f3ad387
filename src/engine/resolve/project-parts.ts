import type { ArtifactDriver, Database } from '#store';
import { type EngineEffects, realEffects } from '../define/effects.ts';
import { createRegistry } from '../define/registry.ts';
import type { AnyTask } from '../define/task.ts';
import type { Sink } from '../execute/sink.ts';
import { createSinks } from '../execute/sinks.ts';
import { createCompleteness } from './completeness.ts';
import type { ResolverParts } from './resolver.ts';

/** What is needed to resolve goals: the tasks with their code, and where results are stored. */
export interface ProjectParts {
  readonly database: Database;
  readonly artifacts: ArtifactDriver;
  readonly tasks: readonly AnyTask[];
  /** Where tasks write rows outside Weir's own database; executors are handed the same. */
  readonly sinks?: readonly Sink[];
  /** Code fingerprints by task name, for tasks without an explicit version. */
  readonly fingerprints?: ReadonlyMap<string, string>;
  readonly effects?: Partial<EngineEffects>;
}

/** What a resolver of the project's goals needs, without an engine that runs. */
export function resolverPartsOf(project: ProjectParts): ResolverParts {
  const { database, artifacts, tasks, sinks, fingerprints, effects = {} } = project;
  const registry = createRegistry(tasks, fingerprints === undefined ? {} : { fingerprints });
  const warn = effects.warn ?? realEffects.warn;
  const completeness = createCompleteness({ artifacts, sinks: createSinks(database, sinks), warn });
  return { database, artifacts, registry, completeness };
}
