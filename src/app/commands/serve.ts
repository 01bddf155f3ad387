import { mkdir, writeFile } from 'node:fs/promises';
import { createServer as createSocket } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import pino, { type Logger } from 'pino';
import { createEngine, type Engine, inlineExecutor, processExecutor } from '#engine';
import { championOf } from '#ml';
import { dashboards, startDelivery, teamsChannel, webhookChannel } from '#monitor';
import { releaseOrphanedArrivals } from '#pipelines';
import { createServer } from '#server';
import { migrate, startEmbeddedPostgres } from '#store';
import { type Config, type Environment, loadConfig } from '../config.ts';
import { UsageError } from '../errors.ts';
import { type ProjectPaths, pathsOf } from '../paths.ts';
import { step } from '../progress.ts';
import { Unwinding } from '../unwinding.ts';
import { schedulesOf, type Wiring, wire } from '../wire.ts';

export interface ServeOptions {
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
 * Resolves when people can use it.
 */
export async function serve(options: ServeOptions): Promise<Serving> {
  const config = withPort(await loadConfig(options.projectFolder, options.environment), options.port);
  const paths = pathsOf(options.projectFolder, config);
  const stack = new Unwinding();
  try {
    const port = await freePort(config);
    await makeFolders(paths);
    const log = await fileLogger(paths, config);
    const databaseUrl = await openDatabase({ config, paths, log, stack });
    const apiUrl = `http://${config.server.host}:${port}`;
    const wiring = await step('Loading the project', () => wire({ ...options, config, databaseUrl, apiUrl }));
    stack.push(() => wiring.close());
    await migrate(wiring.database);
    await step('Preparing its data', () => prepare(wiring));
    const engine = startEngine({ wiring, databaseUrl, apiUrl, log, stack });
    await startServer({ wiring, engine, port, log, version: options.version, stack, environment: options.environment });
    await releaseOrphanedArrivals(wiring.database);
    await engine.recover();
    await firstModel(wiring, engine);
    startWork({ wiring, engine, log, stack });
    await writeFile(
      path.join(paths.state, 'server.json'),
      JSON.stringify({ url: apiUrl, pid: process.pid, databaseUrl }),
      { mode: 0o600 },
    );
    return { url: apiUrl, stop: () => stack.unwind() };
  } catch (error) {
    await stack.unwind();
    throw error;
  }
}

function withPort(config: Config, port: number | undefined): Config {
  return port === undefined ? config : { ...config, server: { ...config.server, port } };
}

/** The port to listen on, proven free before anything slow begins; 0 asks for any. */
async function freePort({ server: { host, port } }: Config): Promise<number> {
  const socket = createSocket();
  return new Promise<number>((resolve, reject) => {
    socket.once('error', (error: NodeJS.ErrnoException) => {
      const advice =
        error.code === 'EADDRINUSE'
          ? `Port ${port} of ${host} is taken by another program. Choose another with --port (or WEIR_PORT), for example --port ${port + 1}.`
          : `Could not listen on ${host}:${port} (${error.code}). Choose another address with --port, WEIR_PORT or server.host.`;
      reject(new UsageError(advice, { cause: error }));
    });
    socket.listen(port, host, () => {
      const address = socket.address();
      socket.close(() => resolve(typeof address === 'object' && address !== null ? address.port : port));
    });
  });
}

async function makeFolders(paths: ProjectPaths): Promise<void> {
  for (const folder of [paths.state, path.join(paths.state, 'logs'), paths.data.raw, paths.data.good, paths.data.bad]) {
    await mkdir(folder, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
      const why = error.code === 'ENOSPC' ? 'the disk is full' : `the system answered ${error.code}`;
      throw new UsageError(
        `Could not create the folder ${folder}: ${why}. Make room or give this user the right to write there, or set state.folder and folders.* in config/.`,
        { cause: error },
      );
    });
  }
}

async function fileLogger(paths: ProjectPaths, config: Config): Promise<Logger> {
  const destination = pino.destination({ dest: path.join(paths.state, 'logs', 'weir.log'), mkdir: true, sync: true });
  return pino({ level: config.log.level }, destination);
}

interface Opening {
  readonly config: Config;
  readonly paths: ProjectPaths;
  readonly log: Logger;
  readonly stack: Unwinding;
}

async function openDatabase({ config, paths, log, stack }: Opening): Promise<string> {
  if (config.database.url !== '') return config.database.url;
  const embedded = await step('Starting PostgreSQL', () =>
    startEmbeddedPostgres({ stateFolder: paths.state, log: (message) => log.info(message) }),
  );
  stack.push(() => embedded.stop());
  return embedded.url;
}

async function prepare({ project, paths, connections }: Wiring): Promise<void> {
  await project.prepare?.({ connection: connections, stateFolder: paths.state, projectFolder: paths.project });
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
      ? inlineExecutor({ tasks, database, artifacts, slots: config.engine.slots })
      : processExecutor({
          entry: new URL(`../worker.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url),
          slots: config.engine.slots,
          env: { ...process.env, WEIR_CHILD: JSON.stringify(start) },
        });
  const warn = (message: string, error: unknown): void => log.warn({ err: error }, message);
  // The lock on the state folder makes this the only process over an embedded database; another one may be shared.
  const isSoleOwner = config.database.url === '';
  const engine = createEngine({ database, artifacts, tasks, pipelines, executor, isSoleOwner, effects: { warn } });
  stack.push(() => engine.close());
  return engine;
}

interface ServerStart {
  readonly wiring: Wiring;
  readonly engine: Engine;
  readonly port: number;
  readonly log: Logger;
  readonly version: string;
  readonly environment: Environment;
  readonly stack: Unwinding;
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
}

/** Delivers alerts, follows the clock, and runs each pipeline once so that there is something to see. */
function startWork({ wiring, engine, log, stack }: WorkStart): void {
  const { config, database, pipelines } = wiring;
  const delivery = startDelivery(database, channelsOf(config));
  stack.push(() => delivery.stop());
  engine.follow(schedulesOf(config, pipelines));
  void firstRuns(engine, pipelines).catch((error: unknown) =>
    log.error({ error }, 'the runs at start did not all end'),
  );
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
