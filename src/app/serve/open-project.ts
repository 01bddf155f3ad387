import { rm } from 'node:fs/promises';
import type { Logger } from 'pino';
import type { Server } from '#server';
import { connect, type Database } from '#store';
import type { Config, Environment } from '../project/config.ts';
import { UsageError } from '../project/errors.ts';
import { loadConfig } from '../project/load-config.ts';
import { findProjectFile } from '../project/load-project.ts';
import { makeState } from '../project/make-folders.ts';
import { type ProjectPaths, pathsOf, serviceKeyFileOf } from '../project/paths.ts';
import { findPort } from './free-port.ts';
import type { Leadership } from './leadership.ts';
import { prepareSchema } from './prepare-schema.ts';
import type { ShowStep } from './progress.ts';
import type { Reloader } from './reloader.ts';
import { alreadyRunning, maybeRunning, type ServerFile } from './server-file.ts';
import type { OpenedEngine } from './start-engine.ts';
import type { OpenedProject } from './start-project.ts';
import { Unwinding } from './unwinding.ts';

/** How to open a project. */
export interface OpenOptions {
  readonly projectFolder: string;
  readonly environment: Environment;
  /** The version of Weir, which its API shows. */
  readonly version: string;
  readonly signal: AbortSignal;
  /** Shows the progress of a step. */
  readonly show: ShowStep;
  readonly warn: (text: string) => void;
  /** Port of a server, instead of the one in the settings. */
  readonly port?: number;
}

/** What each level opens. */
export interface Opened {
  readonly database: OpenedRecords;
  readonly records: OpenedRecords;
  readonly project: OpenedProject;
  readonly engine: OpenedEngine;
  readonly server: OpenedServer;
  readonly worker: OpenedWorker;
}

/** The database of a Weir, for a worker: nothing is owned, so that any number of them may share a folder. */
interface OpenedWorker extends OpenedRecords {
  readonly databaseUrl: string;
  readonly apiUrl: string;
  readonly log: Logger;
}

/** A project that is served. */
interface OpenedServer extends OpenedEngine {
  readonly reloader: Reloader;
  readonly server: Server;
  /** Whether it leads the servers on its database. */
  readonly leadership: Leadership;
}

export type Level = keyof Opened;

/** A state folder, before anything uses it. */
interface OpenedState extends Omit<OpenOptions, 'projectFolder' | 'port'> {
  readonly port: number | undefined;
  readonly config: Config;
  readonly paths: ProjectPaths;
  /** Collects how to end what was started. */
  readonly stack: Unwinding;
  /** The Weir process that runs over it. */
  readonly running: ServerFile | undefined;
  /** Where the API of this process listens, or would; links in alerts lead there. */
  readonly address: { readonly host: string; readonly port: number };
}

interface OpenedRecords extends OpenedState {
  readonly database: Database;
}

/** Addresses that mean all of a machine, and one of them. */
const ANY_ADDRESS: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

const OPENERS: { readonly [L in Level]: (state: OpenedState) => Promise<Opened[L]> } = {
  database: openUnprepared,
  records: openRecords,
  project: openWithCode,
  engine: openEngine,
  server: openServer,
  worker: openWorker,
};

/**
 * Opens a project as far as somebody needs it; each level opens what the one before opens, and more:
 *
 * - `database`: the database as it is, with no migration applied.
 * - `records`: the database. The project's code is not loaded: it may not build just now, and a look at a run, or its
 *   end, needs none of it.
 * - `project`: the project's code, built, and its tasks and pipelines over the database.
 * - `engine`: an engine of this process, which runs goals.
 * - `server`: the API and web app, at the address of the settings.
 * - `worker`: the database that another Weir prepares, with nothing else, so that there may be any number of workers.
 *
 * Where a Weir runs over the project already, all but the last work beside it, over its database, and `server` is refused.
 * Else this process becomes the owner of the state folder: it starts the database and brings its schema up to date.
 * Whoever opens a project unwinds its `stack`; a project that could not be opened leaves nothing running.
 */
export async function openProject<L extends Level>(level: L, options: OpenOptions): Promise<Opened[L]> {
  const state = await openState(level, options);
  try {
    return await OPENERS[level](state);
  } catch (error) {
    await state.stack.unwind();
    throw error;
  }
}

/** Opens a project for one piece of work, and then ends everything that was started for it. */
export async function withProject<L extends Level, T>(
  level: L,
  options: OpenOptions,
  work: (opened: Opened[L]) => Promise<T>,
): Promise<T> {
  const opened = await openProject(level, options);
  try {
    return await work(opened);
  } finally {
    await opened.stack.unwind();
  }
}

async function openState(level: Level, options: OpenOptions): Promise<OpenedState> {
  const { projectFolder, ...rest } = options;
  const config = await loadConfig(projectFolder, options.environment, { port: options.port });
  const paths = pathsOf(projectFolder, config);
  await findProjectFile(paths.project);
  const running = await maybeRunning(paths.state);
  if (level === 'server' && running !== undefined) throw alreadyRunning(paths.state, { running });
  if (level === 'server') (await import('./access.ts')).isLoginRequired(config);
  const { host, port } = config.server;
  const address = { host, port: level === 'server' ? await findPort({ host, port }) : port };
  await makeState(paths, options.warn);
  return { ...rest, port: options.port, config, paths, stack: new Unwinding(), running, address };
}

async function openUnprepared(state: OpenedState): Promise<OpenedRecords> {
  const { poolSize } = state.config.database;
  const database = connect({ url: state.running?.databaseUrl ?? (await startDatabase(state)), poolSize });
  state.stack.push(() => database.close());
  return { ...state, database };
}

async function openRecords(state: OpenedState): Promise<OpenedRecords> {
  const opened = await openUnprepared(state);
  if (state.running === undefined) await prepareSchema(opened.database, state.config);
  return opened;
}

async function openWorker(state: OpenedState): Promise<OpenedWorker> {
  const { config, paths, running, address } = state;
  const databaseUrl = config.database.url === '' ? running?.databaseUrl : config.database.url;
  if (databaseUrl === undefined)
    throw new UsageError(
      'database_unusable',
      `A worker shares the database of a server: set database.url (DATABASE_URL) to that of the server, or start weir serve over ${paths.project} on this machine first.`,
    );
  const { openLog } = await import('./log/open-log.ts');
  const database = connect({ url: databaseUrl, poolSize: config.database.poolSize });
  state.stack.push(() => database.close());
  const apiUrl = running?.url ?? apiUrlOf(config, address);
  return { ...state, database, databaseUrl, apiUrl, log: openLog(paths, config) };
}

/** Loads the code that starts a database, which is not needed when Weir runs already. */
async function startDatabase(state: OpenedState): Promise<string> {
  const [{ openDatabase }, { openLog }] = await Promise.all([
    import('./open-database.ts'),
    import('./log/open-log.ts'),
  ]);
  return openDatabase({ ...state, log: openLog(state.paths, state.config) });
}

async function openWithCode(state: OpenedState): Promise<OpenedProject> {
  const [{ startProject, visitProject }, { openLog }] = await Promise.all([
    import('./start-project.ts'),
    import('./log/open-log.ts'),
  ]);
  const { running, address } = state;
  const apiUrl = running?.url ?? apiUrlOf(state.config, address);
  const own = new Unwinding();
  const start = { ...state, apiUrl, own, log: openLog(state.paths, state.config) };
  return running === undefined ? startProject(start) : visitProject(start, running);
}

/** Where programs of this machine reach a server; a certificate is for the name that people use. */
function apiUrlOf({ server }: Config, { host, port }: OpenedState['address']): string {
  if (server.tls.certFile !== '' && server.url !== '') return new URL(server.url).origin;
  const reached = ANY_ADDRESS[host] ?? host;
  return `${server.tls.certFile === '' ? 'http' : 'https'}://${reached.includes(':') ? `[${reached}]` : reached}:${port}`;
}

/** The owner of the state recovers what a dead process left. */
async function openEngine(state: OpenedState): Promise<OpenedEngine> {
  const opened = await withEngine(state);
  opened.stack.push(() => opened.engine.close());
  if (!opened.isOwner) return opened;
  await opened.recover();
  state.signal.throwIfAborted();
  return opened;
}

async function openServer(state: OpenedState): Promise<OpenedServer> {
  const opened = await withEngine(state);
  const [{ startServer }, { Reloader }, { makeOwnKeys, reachOf }, { LoginThrottle, PasswordHasher }] =
    await Promise.all([import('./start-server.ts'), import('./reloader.ts'), import('./access.ts'), import('#access')]);
  const { version, environment, port, config, paths } = state;
  const served = {
    version,
    environment,
    reach: await reachOf(config, paths),
    ownKeys: await makeOwnKeys(config, paths),
    loginEffects: { hasher: new PasswordHasher(), throttle: new LoginThrottle() },
  };
  state.stack.push(() => rm(serviceKeyFileOf(paths.state), { force: true }));
  const leadership = await openLeadership(opened);
  const reloader = new Reloader(opened, { ...served, leadership, port });
  const server = await startServer({ ...opened, ...state.address, ...served, reload: reloader });
  reloader.serveOver(server);
  return { ...opened, reloader, server, leadership };
}

/** An embedded database has one server. */
async function openLeadership({ config, databaseUrl, log, stack }: OpenedEngine): Promise<Leadership> {
  const { electedLeadership, soleLeadership } = await import('./leadership.ts');
  if (config.database.url === '') return soleLeadership;
  const elected = await electedLeadership(databaseUrl, log);
  stack.push(() => elected.close());
  return elected;
}

async function withEngine(state: OpenedState): Promise<OpenedEngine> {
  const { startTracing } = await import('./start-tracing.ts');
  const stopTracing = await startTracing(state.config, { warn: (text) => state.warn(`${text}\n`) });
  // The last thing that ends, so that the spans of everything else are sent.
  state.stack.push(stopTracing);
  const project = await openWithCode(state);
  const { startEngine } = await import('./start-engine.ts');
  return await startEngine(project, { environment: state.environment });
}
