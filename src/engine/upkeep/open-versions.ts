import type { ArtifactDriver, Database } from '#store';
import { realEffects } from '../define/effects.ts';
import { EngineError } from '../define/errors.ts';
import { describeGoal } from '../define/planned-goal.ts';
import { createRegistry } from '../define/registry.ts';
import type { AnyTask, Outputs, Read, TypedGoal } from '../define/task.ts';
import { readArtifacts } from '../execute/outputs.ts';
import type { Sink } from '../execute/sink.ts';
import { createSinks } from '../execute/sinks.ts';
import {
  type AsOf,
  describeAbsence,
  findVersion,
  findVersions,
  resolveVersion,
  type StoredVersion,
  type Version,
} from '../records/read-versions.ts';
import { type Completeness, createCompleteness } from '../resolve/completeness.ts';

export interface VersionsOptions {
  readonly database: Database;
  readonly artifacts: ArtifactDriver;
  readonly tasks: readonly AnyTask[];
  readonly sinks?: readonly Sink[];
}

/** The outputs, and their version. */
export interface ReadVersion<O extends Outputs> {
  readonly version: Version;
  readonly outputs: Read<O>;
}

/** The history of goals: every commit is an immutable version. */
export interface Versions {
  /** Newest first, a page of at most 100; `before` is the last version of the page before. */
  list(goal: TypedGoal, page?: { readonly before?: string; readonly limit?: number }): Promise<readonly Version[]>;
  /** Selects a version. */
  resolve(goal: TypedGoal, at: AsOf): Promise<Version>;
  /**
   * The outputs of a version, typed as the task's. Throws when that version is not on record or can no longer be read.
   */
  readAsOf<O extends Outputs>(goal: TypedGoal<O>, at: AsOf): Promise<ReadVersion<O>>;
}

/** Opens the history for reading; nothing runs. */
export function openVersions(options: VersionsOptions): Versions {
  const { database, artifacts, tasks, sinks = [] } = options;
  // Reading old versions needs no code, so no fingerprints either.
  const registry = createRegistry(tasks);
  const completeness = createCompleteness({ artifacts, sinks: createSinks(database, sinks), warn: realEffects.warn });
  const find = async (goal: TypedGoal, at: AsOf): Promise<StoredVersion> => {
    const goalId = registry.goalId(registry.validGoal(goal));
    const number = await resolveVersion(database, { goalId, goal, at });
    const version = await findVersion(database, number);
    if (version === undefined) throw new EngineError('version_unknown', await describeAbsence(database, number));
    if (version.goalId !== goalId)
      throw new EngineError(
        'version_unknown',
        `Version ${number} is one of ${describeGoal(version.goal)}, not of ${describeGoal(goal)}. List the versions of the goal.`,
      );
    return version;
  };
  return {
    list: async (goal, page = {}) => {
      const goalId = registry.goalId(registry.validGoal(goal));
      return (await findVersions(database, { goalId, ...page })).map(withoutOutputs);
    },
    resolve: async (goal, at) => withoutOutputs(await find(goal, at)),
    readAsOf: async <O extends Outputs>(goal: TypedGoal<O>, at: AsOf) => {
      const version = await find(goal, at);
      await assertReadable(version, completeness);
      // The outputs were recorded as the task declared them then; the goal's type says what they are now.
      const outputs = (await readArtifacts(version.outputs, artifacts)) as Read<O>;
      return { version: withoutOutputs(version), outputs };
    },
  };
}

const withoutOutputs = ({ outputs: _, inputs: __, goalId: ___, ...version }: StoredVersion): Version => version;

/** Only one copy of files and rows exists: that of the newest version of their goal. */
async function assertReadable(version: StoredVersion, completeness: Completeness): Promise<void> {
  const { key, goalId, outputs } = version;
  const missing = await completeness.missingOutput({
    ...{ key, goal: goalId, outputs, version: version.version, token: '0', inputs: {}, trace: [] },
  });
  if (missing === undefined) return;
  const isOutside = outputs[missing]?.kind === 'file' || outputs[missing]?.kind === 'rows';
  throw new EngineError(
    'version_unknown',
    `Output ${missing} of version ${version.version} of ${describeGoal(version.goal)} can no longer be read: ${
      isOutside
        ? 'a newer version replaced it, because files and rows are kept once. Values and blobs are kept for each version'
        : 'its bytes are missing. Run weir scrub, and ask for a newer version'
    }.`,
  );
}
