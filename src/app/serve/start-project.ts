import { preparePredictions } from '#ml';
import { describeWithPlace, maybeHint } from '../project/error-text.ts';
import { UsageError } from '../project/errors.ts';
import { type LoadedProject, loadProject } from '../project/load-project.ts';
import { makeFolders } from '../project/make-folders.ts';
import { localFoldersOf, type ProjectPaths } from '../project/paths.ts';
import { buildProjectCode, type ProjectCode } from '../project/project-code.ts';
import { type DatabaseStart, openDatabase } from './open-database.ts';
import { prepareSchema } from './prepare-schema.ts';
import type { ServerFile } from './server-file.ts';
import type { Unwinding } from './unwinding.ts';
import { type Wiring, wire } from './wire.ts';
import { orNever } from './wire-cleanup.ts';

export interface ProjectStart extends DatabaseStart {
  /** Address of this Weir's own API. */
  readonly apiUrl: string;
  /** The version of Weir. */
  readonly version: string;
  readonly signal: AbortSignal;
  /** Ends what belongs to this load of the project alone: not the database, nor a server. */
  readonly own: Unwinding;
}

/** A project over its database, with everything that its tasks need. */
export interface OpenedProject extends ProjectStart {
  readonly wiring: Wiring;
  readonly databaseUrl: string;
  readonly projectModule: string;
  readonly code: ProjectCode;
  /** What was loaded: files of the project, and of its settings, whether they exist or not. */
  readonly files: readonly string[];
  /** Whether this process owns the state; otherwise a running Weir does. */
  readonly isOwner: boolean;
}

/** Becomes the owner of the project's state: starts its database, loads its code, brings the schema up to date, prepares its data. */
export async function startProject(start: ProjectStart): Promise<OpenedProject> {
  const { paths, signal, show } = start;
  // In parallel; when one fails, the other has ended before the start is undone.
  const [opened, loaded] = await Promise.allSettled([
    openDatabase(start),
    show('Loading the project', () => loadAll(paths)),
  ]);
  signal.throwIfAborted();
  if (loaded.status === 'rejected') throw loaded.reason;
  if (opened.status === 'rejected') throw opened.reason;
  start.stack.push(() => start.own.unwind());
  if (loaded.value.project.contract !== undefined) await makeFolders(localFoldersOf(paths));
  const started = await joinProject(start, { ...loaded.value, databaseUrl: opened.value, isOwner: true });
  const { database, config } = started.wiring;
  await prepareSchema(database, config);
  // Here too, because a command that ends soon runs no loop.
  await preparePredictions(database, { ageDaysMax: orNever(config.cleanup.predictionDays) });
  await grantReading(started);
  await show('Preparing its data', () => prepareData(started.wiring));
  signal.throwIfAborted();
  return started;
}

/** What Grafana may read follows the contract, and the tables of this version. */
async function grantReading({ wiring, log }: OpenedProject): Promise<void> {
  const { grantReader, READER, readableOf } = await import('#monitor');
  const isGranted = await grantReader(wiring.database, readableOf(wiring.project.contract));
  if (!isGranted)
    log.info(`There is no role ${READER} for Grafana in the database: docs/grafana.md says how to make it.`);
}

/** Puts a project together over the database of the Weir that runs over it already. */
export async function visitProject(start: ProjectStart, running: ServerFile): Promise<OpenedProject> {
  const loaded = await start.show('Loading the project', () => loadAll(start.paths));
  start.stack.push(() => start.own.unwind());
  return joinProject(start, { ...loaded, databaseUrl: running.databaseUrl, isOwner: false });
}

export interface LoadedAll extends LoadedProject {
  readonly code: ProjectCode;
}

export async function loadAll(paths: ProjectPaths): Promise<LoadedAll> {
  const loaded = await loadProject(paths.project, paths.state);
  const { files, ...code } = await buildProjectCode(loaded.project, paths);
  return { ...loaded, code, files: [...new Set([...loaded.files, ...files])].sort() };
}

/** Puts a loaded project together over a database. */
export async function joinProject(
  start: ProjectStart,
  loaded: LoadedAll & Pick<OpenedProject, 'databaseUrl' | 'isOwner'>,
): Promise<OpenedProject> {
  const { paths, config, apiUrl, own } = start;
  const { project, code, databaseUrl, module, files, isOwner } = loaded;
  const wiring = await wire({ project, code, paths, config, databaseUrl, apiUrl });
  own.push(() => wiring.close());
  return { ...start, wiring, databaseUrl, projectModule: module, code, files, isOwner };
}

export async function prepareData({ project, paths, connections }: Wiring): Promise<void> {
  try {
    await project.prepare?.({ connection: connections, stateFolder: paths.state, projectFolder: paths.project });
  } catch (error) {
    const hint = maybeHint(error);
    const said = `The data of the project could not be prepared: ${describeWithPlace(error, paths.project)}`;
    throw new UsageError('project_invalid', hint === undefined ? said : `${said}\n${hint}`, { cause: error });
  }
}
