import { access, constants, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import pino, { type Logger } from 'pino';
import { createEngine, type Engine, inlineExecutor, processExecutor } from '#engine';
import { championOf } from '#ml';
import { dashboards, startDelivery, teamsChannel, webhookChannel } from '#monitor';
import { releaseOrphanedArrivals } from '#pipelines';
import { createServer } from '#server';
import { migrate, StateFolderInUseError, startEmbeddedPostgres } from '#store';
import { type Config, type Environment, loadConfig } from '../config.ts';
import { UsageError } from '../errors.ts';
import { describeWithPlace, maybeHint } from '../explain.ts';
import { findPort } from '../free-port.ts';
import { findProjectFile, loadProject } from '../load-project.ts';
import { type ProjectPaths, pathsOf } from '../paths.ts';
import { step } from '../progress.ts';
import { assertReachable } from '../reachable.ts';
import { maybeRunning, removeServerFile, type ServerFile, writeServerFile } from '../server-file.ts';
import { Unwinding } from '../unwinding.ts';
import { schedulesOf, type Wiring, wire } from '../wire.ts';

/** The first training takes one; the other is ready for what comes next, or beside it. */
const WARM_CHILDREN = 2;

export interface ServeOptions {
  readonly projectFolder: string;
  readonly environment: Environment;
  readonly port?: number;
  readonly version: string;
  /** Aborted when the start is to be given up. */
  readonly signal: AbortSignal;
}

/** A running Weir. `stop` ends everything it started, children and database included. */
export interface Serving {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Starts everything for one project: database, API and web app, a first model when there is none, and the schedules.
 * Resolves when people can use it. An aborted signal ends a start half-way, with nothing left running.
 */
export async function serve(options: ServeOptions): Promise<Serving> {
  const config = withPort(await loadConfig(options.projectFolder, options.environment), options.port);
  const paths = pathsOf(options.projectFolder, config);
  await findProjectFile(paths.project);
  const port = await findFreePort(config, paths);
  await makeFolders(paths);
  const stack = new Unwinding();
  try {
    return await start({ ...options, config, paths, port, stack });
  } catch (error) {
    await stack.unwind();
    throw error;
  }
}

interface Start extends ServeOptions {
  readonly config: Config;
  readonly paths: ProjectPaths;
  readonly port: number;
  readonly stack: Unwinding;
}

async function start(options: Start): Promise<Serving> {
  const { config, paths, port, stack, signal } = options;
  const log = openLog(paths, config);
  const apiUrl = `http://${config.server.host}:${port}`;
  // Side by side; whichever fails, the other has ended before the start is undone.
  const [opened, loaded] = await Promise.allSettled([
    openDatabase({ config, paths, log, stack }),
    step('Loading the project', () => loadProject(paths.project, paths.state)),
  ]);
  signal.throwIfAborted();
  if (loaded.status === 'rejected') throw loaded.reason;
  if (opened.status === 'rejected') throw opened.reason;
  const databaseUrl = opened.value;
  const wiring = await wire({ project: loaded.value, paths, config, databaseUrl, apiUrl });
  stack.push(() => wiring.close());
  await migrate(wiring.database);
  await step('Preparing its data', () => prepare(wiring));
  signal.throwIfAborted();
  const engine = startEngine({ wiring, databaseUrl, apiUrl, log, stack });
  await startServer({ ...options, wiring, engine, log });
  await releaseOrphanedArrivals(wiring.database);
  await engine.recover();
  await untilAborted(signal, firstModel(wiring, engine));
  startWork({ wiring, engine, log, stack, signal });
  stack.push(() => removeServerFile(paths.state));
  await writeServerFile(paths.state, { url: apiUrl, pid: process.pid, databaseUrl });
  signal.throwIfAborted();
  return { url: apiUrl, stop: () => stack.unwind() };
}

/** Gives up waiting when the signal aborts; the work itself is ended by whoever unwinds. */
async function untilAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  // What the unwinding does to it afterwards is nobody's news.
  work.catch(() => undefined);
  return Promise.race([work, aborted]);
}

function withPort(config: Config, port: number | undefined): Config {
  return port === undefined ? config : { ...config, server: { ...config.server, port } };
}

async function findFreePort(config: Config, paths: ProjectPaths): Promise<number> {
  try {
    return await findPort(config.server);
  } catch (error) {
    const running = await maybeRunning(paths.state);
    if (running === undefined || Number(new URL(running.url).port) !== config.server.port) throw error;
    throw alreadyRunning(paths.state, { running, cause: error });
  }
}

function alreadyRunning(
  stateFolder: string,
  { running, cause }: { readonly running: ServerFile; readonly cause: unknown },
): UsageError {
  return new UsageError(
    `Weir already runs over ${stateFolder}: process ${running.pid}, at ${running.url}. Use that one, or stop it first (Ctrl-C there, or kill ${running.pid}).`,
    { cause },
  );
}

async function makeFolders(paths: ProjectPaths): Promise<void> {
  for (const folder of [paths.state, path.join(paths.state, 'logs'), paths.data.raw, paths.data.good, paths.data.bad]) {
    try {
      await mkdir(folder, { recursive: true });
      await access(folder, constants.W_OK | constants.X_OK);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new UsageError(`Could not write in the folder ${folder} (${reason}).\n${maybeHint(error) ?? ''}`.trim(), {
        cause: error,
      });
    }
  }
}

function openLog(paths: ProjectPaths, config: Config): Logger {
  const destination = pino.destination({ dest: path.join(paths.state, 'logs', 'weir.log'), mkdir: true, sync: true });
  // A full disk must not end Weir for want of a log.
  destination.on('error', () => undefined);
  return pino({ level: config.log.level }, destination);
}

interface Opening {
  readonly config: Config;
  readonly paths: ProjectPaths;
  readonly log: Logger;
  readonly stack: Unwinding;
}

async function openDatabase({ config, paths, log, stack }: Opening): Promise<string> {
  if (config.database.url !== '') {
    await assertReachable(config.database.url);
    return config.database.url;
  }
  try {
    const embedded = await step('Starting PostgreSQL', () =>
      startEmbeddedPostgres({ stateFolder: paths.state, log: (message) => log.info(message) }),
    );
    stack.push(() => embedded.stop());
    return embedded.url;
  } catch (error) {
    const running = error instanceof StateFolderInUseError ? await maybeRunning(paths.state) : undefined;
    throw running === undefined ? error : alreadyRunning(paths.state, { running, cause: error });
  }
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

interface EngineStart {
  readonly wiring: Wiring;
  readonly databaseUrl: string;
  readonly apiUrl: string;
  readonly log: Logger;
  readonly stack: Unwinding;
}

function startEngine({ wiring, databaseUrl, apiUrl, log, stack }: EngineStart): Engine {
  const { config, database, artifacts, tasks, pipelines, paths } = wiring;
  const start = { projectFolder: paths.project, databaseUrl, apiUrl };
  const executor =
    config.engine.executor === 'inline'
      ? inlineExecutor({ tasks, database, artifacts, slots: config.engine.slots, folder: paths.attempts })
      : processExecutor({
          entry: new URL(`../worker.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url),
          slots: config.engine.slots,
          warm: WARM_CHILDREN,
          env: { ...process.env, WEIR_CHILD: JSON.stringify(start) },
        });
  const warn = (message: string, error: unknown): void => log.warn({ err: error }, message);
  // The lock on the state folder makes this the only process over an embedded database; another one may be shared.
  const isSoleOwner = config.database.url === '';
  const engine = createEngine({ database, artifacts, tasks, pipelines, executor, isSoleOwner, effects: { warn } });
  stack.push(() => executor.close());
  // Without grace, for a start that fails or is stopped half-way; see startWork for the other end.
  stack.push(() => engine.close(0));
  return engine;
}

interface ServerStart extends Start {
  readonly wiring: Wiring;
  readonly engine: Engine;
  readonly log: Logger;
}

async function startServer({ wiring, engine, port, log, version, environment, stack }: ServerStart): Promise<void> {
  const { project, config, database, artifacts, pipelines } = wiring;
  const server = await createServer({
    database,
    artifacts,
    engine,
    contract: project.contract,
    project: {
      name: project.name,
      title: project.title,
      environment: environment.WEIR_ENV || 'dev',
      version,
      schedules: schedulesOf(config, pipelines),
      pipelines,
    },
    dashboards,
    webFolder: fileURLToPath(new URL('../../../dist/web', import.meta.url)),
    logger: log.child({ part: 'server' }),
  });
  await server.listen({ host: config.server.host, port });
  stack.push(() => server.close());
}

/** Trains once when nothing serves yet; a failed training leaves the rest running, and says where to look. */
async function firstModel({ database, project }: Wiring, engine: Engine): Promise<void> {
  if ((await championOf(database, project.name)) !== undefined) return;
  await step('Training the first model', async () => {
    const { runId } = await engine.start({ pipeline: 'train', trigger: 'start' });
    const state = await engine.finished(runId);
    if (state !== 'succeeded')
      process.stderr.write(`  The first training ended as ${state}: see run ${runId} under Runs.\n`);
  });
}

interface WorkStart {
  readonly wiring: Wiring;
  readonly engine: Engine;
  readonly log: Logger;
  readonly stack: Unwinding;
  readonly signal: AbortSignal;
}

/** Delivers alerts, follows the clock, and runs each pipeline once so that there is something to see. */
function startWork({ wiring, engine, log, stack, signal }: WorkStart): void {
  const { config, database, pipelines } = wiring;
  // Ends before the server does: runs in progress may still ask it for predictions.
  stack.push(() => engine.close());
  const onError = (error: unknown): void => log.warn({ err: error }, 'alerts could not be delivered');
  const delivery = startDelivery(database, channelsOf(config), { onError });
  stack.push(() => delivery.stop());
  engine.follow(schedulesOf(config, pipelines));
  void firstRuns(engine, pipelines).catch((error: unknown) => {
    if (!signal.aborted) log.error({ err: error }, 'the runs at start did not all end');
  });
}

async function firstRuns(engine: Engine, pipelines: Wiring['pipelines']): Promise<void> {
  for (const pipeline of ['feed', 'ingest', 'predict']) {
    if (!pipelines.some(({ name }) => name === pipeline)) continue;
    const { runId } = await engine.start({ pipeline, trigger: 'start' });
    await engine.finished(runId);
  }
}

function channelsOf({ alerts }: Config) {
  return [
    ...(alerts.teamsUrl === '' ? [] : [teamsChannel({ url: alerts.teamsUrl })]),
    ...(alerts.webhookUrl === '' ? [] : [webhookChannel({ url: alerts.webhookUrl })]),
  ];
}
