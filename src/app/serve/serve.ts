import type { Logger } from 'pino';
import type { Engine } from '#engine';
import { championOf } from '#ml';
import { startDelivery, startFolding, teamsChannel, webhookChannel } from '#monitor';
import { releaseOrphanedArrivals } from '#pipelines';
import type { Running } from '../cli/terminal.ts';
import { type Config, type Environment, loadConfig } from '../project/config.ts';
import { findProjectFile } from '../project/load-project.ts';
import { makeState } from '../project/make-folders.ts';
import { type ProjectPaths, pathsOf } from '../project/paths.ts';
import { findPort } from './free-port.ts';
import { openLog } from './log/open-log.ts';
import { type ShowStep, showSteps } from './progress.ts';
import { maybeRunning, removeServerFile, writeServerFile } from './server-file.ts';
import { alreadyRunning, startEngine, startProject } from './start-project.ts';
import { startServer } from './start-server.ts';
import { Unwinding } from './unwinding.ts';
import { schedulesOf, type Wiring } from './wire.ts';

export interface ServeOptions extends Omit<Running, 'show'> {
  readonly projectFolder: string;
  readonly environment: Environment;
  readonly port?: number;
  readonly version: string;
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
  await makeState(paths, options.warn);
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
  const show = showSteps(options.print);
  const log = openLog(paths, config);
  const apiUrl = `http://${config.server.host}:${port}`;
  const started = await startProject({ config, paths, log, stack, apiUrl, signal, show });
  const { wiring, databaseUrl } = started;
  const engine = startEngine(started, options.environment);
  const { host } = config.server;
  await startServer({
    wiring,
    engine,
    log,
    stack,
    host,
    port,
    version: options.version,
    environment: options.environment,
  });
  await releaseOrphanedArrivals(wiring.database);
  await engine.recover();
  await untilAborted(signal, firstModel({ wiring, engine, show, warn: options.warn }));
  startWork({ wiring, engine, log, stack, signal });
  stack.push(() => removeServerFile(paths.state));
  await writeServerFile(paths.state, { url: apiUrl, databaseUrl });
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

interface FirstModel extends Pick<Running, 'warn'> {
  readonly show: ShowStep;
  readonly wiring: Wiring;
  readonly engine: Engine;
}

/** Trains once when nothing serves yet; a failed training leaves the rest running, and says where to look. */
async function firstModel({ wiring: { database, project }, engine, show, warn }: FirstModel): Promise<void> {
  if (project.contract === undefined) return;
  if ((await championOf(database, project.name)) !== undefined) return;
  await show('Training the first model', async () => {
    const { runId } = await engine.start({ pipeline: 'train', trigger: 'start' });
    const state = await engine.finished(runId);
    if (state !== 'succeeded') warn(`  The first training ended as ${state}: see run ${runId} under Runs.\n`);
  });
}

interface WorkStart {
  readonly wiring: Wiring;
  readonly engine: Engine;
  readonly log: Logger;
  readonly stack: Unwinding;
  readonly signal: AbortSignal;
}

/** Delivers alerts, folds the counts that dashboards read, follows the clock, and runs each pipeline once so that there is something to see. */
function startWork({ wiring, engine, log, stack, signal }: WorkStart): void {
  const { config, database, pipelines } = wiring;
  // Ends before the server does: runs in progress may still ask it for predictions.
  stack.push(() => engine.close());
  const warn = (message: string) => ({ onError: (error: unknown): void => log.warn({ err: error }, message) });
  const delivery = startDelivery(database, channelsOf(config), warn('alerts could not be delivered'));
  stack.push(() => delivery.stop());
  const folding = startFolding(database, warn('counts of predictions could not be folded'));
  stack.push(() => folding.stop());
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
