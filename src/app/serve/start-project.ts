import type { Logger } from 'pino';
import { createEngine, type Engine, inlineExecutor, processExecutor } from '#engine';
import { acquireOwnerLock, migrate, StateFolderInUseError, startEmbeddedPostgres } from '#store';
import type { Config, Environment } from '../project/config.ts';
import { describeWithPlace, maybeHint } from '../project/error-text.ts';
import { UsageError } from '../project/errors.ts';
import { type LoadedProject, loadProject } from '../project/load-project.ts';
import { makeFolders } from '../project/make-folders.ts';
import type { ProjectPaths } from '../project/paths.ts';
import { buildProjectCode, type ProjectCode } from '../project/project-code.ts';
import type { ShowStep } from './progress.ts';
import { assertReachable } from './reachable.ts';
import { maybeRunning, type ServerFile } from './server-file.ts';
import type { Unwinding } from './unwinding.ts';
import { type Wiring, wire } from './wire.ts';
import { workerEnvironment } from './worker-environment.ts';
import { type WorkerStart, withoutSecrets } from './worker-start.ts';

/** The first training takes one; the other is ready for what comes next, or beside it. */
const WARM_CHILDREN = 2;

export interface ProjectStart {
  readonly config: Config;
  readonly paths: ProjectPaths;
  readonly log: Logger;
  /** Where what was started is ended. */
  readonly stack: Unwinding;
  /** Address of this Weir's own API. */
  readonly apiUrl: string;
  /** Shows that a step goes on. */
  readonly show: ShowStep;
  readonly signal: AbortSignal;
}

/** A project over its database, with everything that its tasks stand on. */
export interface StartedProject extends ProjectStart {
  readonly wiring: Wiring;
  readonly databaseUrl: string;
  readonly projectModule: string;
  readonly code: ProjectCode;
  /** Whether this process owns the state; otherwise a running Weir does, and this one works beside it. */
  readonly isOwner: boolean;
}

/** Becomes the owner of the project's state: starts its database, loads its code, brings the schema up to date, prepares its data. */
export async function startProject(start: ProjectStart): Promise<StartedProject> {
  const { paths, signal, show } = start;
  // Side by side; whichever fails, the other has ended before the start is undone.
  const [opened, loaded] = await Promise.allSettled([
    openDatabase(start),
    show('Loading the project', () => loadAll(paths)),
  ]);
  signal.throwIfAborted();
  if (loaded.status === 'rejected') throw loaded.reason;
  if (opened.status === 'rejected') throw opened.reason;
  if (loaded.value.project.contract !== undefined) await makeFolders(Object.values(paths.data));
  const started = await joinProject(start, { ...loaded.value, databaseUrl: opened.value, isOwner: true });
  await migrate(started.wiring.database);
  await show('Preparing its data', () => prepare(started.wiring));
  signal.throwIfAborted();
  return started;
}

/** Puts a project together over the database of the Weir that runs over it already. */
export async function visitProject(start: ProjectStart, running: ServerFile): Promise<StartedProject> {
  const loaded = await start.show('Loading the project', () => loadAll(start.paths));
  return joinProject(start, { ...loaded, databaseUrl: running.databaseUrl, isOwner: false });
}

interface LoadedAll extends LoadedProject {
  readonly code: ProjectCode;
}

async function loadAll(paths: ProjectPaths): Promise<LoadedAll> {
  const loaded = await loadProject(paths.project, paths.state);
  return { ...loaded, code: await buildProjectCode(loaded.project, paths) };
}

async function joinProject(
  start: ProjectStart,
  loaded: LoadedAll & Pick<StartedProject, 'databaseUrl' | 'isOwner'>,
): Promise<StartedProject> {
  const { paths, config, apiUrl, stack } = start;
  const { project, code, databaseUrl, module, isOwner } = loaded;
  const wiring = await wire({ project, code, paths, config, databaseUrl, apiUrl });
  stack.push(() => wiring.close());
  return { ...start, wiring, databaseUrl, projectModule: module, code, isOwner };
}

type DatabaseStart = Omit<ProjectStart, 'apiUrl' | 'signal'>;

/** Address of the database of a project that no other process has open: the one of the settings, or one that is started for it. */
export async function openDatabase(start: DatabaseStart): Promise<string> {
  const { config, paths } = start;
  try {
    return await (config.database.url === '' ? startDatabase(start) : takeDatabase(start));
  } catch (error) {
    const running = error instanceof StateFolderInUseError ? await maybeRunning(paths.state) : undefined;
    throw running === undefined ? error : alreadyRunning(paths.state, { running, cause: error });
  }
}

/** An embedded PostgreSQL, which owns the state folder. */
async function startDatabase({ paths, log, stack, show }: DatabaseStart): Promise<string> {
  const embedded = await show('Starting PostgreSQL', () =>
    startEmbeddedPostgres({ stateFolder: paths.state, log: (message) => log.info(message) }),
  );
  stack.push(() => embedded.stop());
  return embedded.url;
}

/** That of the settings. It may be shared; the state folder is not. */
async function takeDatabase({ config, paths, stack }: DatabaseStart): Promise<string> {
  const lock = await acquireOwnerLock(paths.state);
  stack.push(() => lock.release());
  await assertReachable(config.database.url);
  return config.database.url;
}

/** Another Weir owns the state folder. */
export function alreadyRunning(
  stateFolder: string,
  { running, cause }: { readonly running: ServerFile; readonly cause: unknown },
): UsageError {
  return new UsageError(
    `Weir already runs over ${stateFolder}: process ${running.pid}, at ${running.url}. Use that one, or stop it first (Ctrl-C there, or kill ${running.pid}).`,
    { cause },
  );
}

async function prepare({ project, paths, connections }: Wiring): Promise<void> {
  try {
    await project.prepare?.({ connection: connections, stateFolder: paths.state, projectFolder: paths.project });
  } catch (error) {
    const hint = maybeHint(error);
    const said = `The data of the project could not be prepared: ${describeWithPlace(error, paths.project)}`;
    throw new UsageError(hint === undefined ? said : `${said}\n${hint}`, { cause: error });
  }
}

/** Starts the engine of this process, with the executor of the settings; nothing runs yet. */
export function startEngine(started: StartedProject, environment: Environment): Engine {
  const { wiring, databaseUrl, apiUrl, projectModule, code, log, stack, isOwner } = started;
  const { config, database, artifacts, tasks, fingerprints, pipelines, paths, sinks } = wiring;
  const start: WorkerStart = {
    projectFolder: paths.project,
    config: withoutSecrets(config),
    projectModule,
    codeIndex: code.index,
    databaseUrl,
    apiUrl,
  };
  const executor =
    config.engine.executor === 'inline'
      ? inlineExecutor({ tasks, database, artifacts, sinks, slots: config.engine.slots, folder: paths.attempts })
      : processExecutor({
          entry: new URL(`../worker.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url),
          slots: config.engine.slots,
          warm: WARM_CHILDREN,
          env: workerEnvironment(environment, config.engine.environment),
          start,
        });
  const warn = (message: string, error: unknown): void => log.warn({ err: error }, message);
  const engine = createEngine({
    ...{ database, artifacts, tasks, fingerprints, pipelines, sinks, executor },
    ...{ pools: config.engine.pools, limits: config.engine.limits },
    runsFolder: paths.runs,
    // The lock on the state folder makes this the only process over an embedded database; another one may be shared.
    isSoleOwner: isOwner && config.database.url === '',
    effects: { warn },
  });
  stack.push(() => executor.close());
  // Without grace, for a start that fails or is stopped half-way; whoever lets it work pushes another end.
  stack.push(() => engine.close(0));
  return engine;
}
