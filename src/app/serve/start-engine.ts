import { createEngine, type Engine, type EngineEffects, type Executor, inlineExecutor, processExecutor } from '#engine';
import { RequestCounts } from '#monitor';
import { releaseOrphanedArrivals } from '#pipelines';
import type { Environment } from '../project/config.ts';
import { openRemoteExecutor } from './open-remote.ts';
import type { OpenedProject } from './start-project.ts';
import { type ChildrenOptions, childrenOf, withoutSecrets } from './worker-start.ts';

/** The first training takes one; the other is ready for further work. */
const WARM_CHILDREN = 2;

/** A project with an engine of this process. */
export interface OpenedEngine extends OpenedProject {
  readonly engine: Engine;
  /** What its server answered and its work has not written yet. */
  readonly requestCounts: RequestCounts;
  /** Takes up what an ended process left: files that it drew from raw-data, and runs. For the owner of the state. */
  recover(): Promise<void>;
}

export interface EngineStart {
  readonly environment: Environment;
  /** Whether another engine of this process still drives runs over the database. */
  readonly isBesideOther?: boolean;
}

/** Gives a project an engine of this process, with the executor of the settings; nothing runs yet. */
export async function startEngine(
  started: OpenedProject,
  { environment, isBesideOther = false }: EngineStart,
): Promise<OpenedEngine> {
  const { wiring, log, own, isOwner } = started;
  const { config, database, artifacts, tasks, fingerprints, pipelines, paths, sinks } = wiring;
  const executor = await openExecutor(started, environment);
  const warn: EngineEffects['warn'] = (message, error, concerned) => log.warn({ err: error, ...concerned }, message);
  const ended: EngineEffects['ended'] = (ending) => {
    const { pipeline, task, state } = ending;
    const what = task === undefined ? `run of ${pipeline}` : `task ${task}`;
    log[state === 'failed' ? 'warn' : 'info'](ending, `${what} ${state}`);
  };
  const engine = createEngine({
    ...{ database, artifacts, tasks, fingerprints, pipelines, sinks, executor },
    ...{ pools: config.engine.pools, limits: config.engine.limits },
    runsFolder: paths.runs,
    // The lock on the state folder makes this the only process over an embedded database; another one may be shared.
    isSoleOwner: isOwner && !isBesideOther && config.database.url === '',
    effects: { warn, ended },
  });
  own.push(() => executor.close());
  // Without grace, for a start that fails or is stopped; once it has work, another end is pushed.
  own.push(() => engine.close(0));
  const recover = async (): Promise<void> => {
    await releaseOrphanedArrivals(database);
    await engine.recover();
  };
  return { ...started, engine, requestCounts: new RequestCounts(), recover };
}

async function openExecutor(started: OpenedProject, environment: Environment): Promise<Executor> {
  const { wiring, databaseUrl, apiUrl, projectModule, code } = started;
  const { config, database, artifacts, tasks, paths, sinks } = wiring;
  const { executor, slots } = config.engine;
  if (executor === 'inline')
    return inlineExecutor({ tasks, database, artifacts, sinks, slots, folder: paths.attempts });
  if (executor === 'remote') return openRemoteExecutor(started);
  const start: ChildrenOptions['start'] = {
    ...{ projectFolder: paths.project, config: withoutSecrets(config), projectModule, codeIndex: code.index },
    ...{ databaseUrl, apiUrl },
  };
  return processExecutor({ ...childrenOf({ config, environment, start }), slots, warm: WARM_CHILDREN });
}
