import { describeSchedules, type Engine, type Schedule } from '#engine';
import { championOf } from '#ml';
import { startDelivery, startFolding, teamsChannel, webhookChannel } from '#monitor';
import type { Database } from '#store';
import type { Config } from '../project/config.ts';
import { type OpenOptions, openProject } from './open-project.ts';
import { type ShowStep, showSteps } from './progress.ts';
import { removeServerFile, writeServerFile } from './server-file.ts';
import type { OpenedEngine } from './start-engine.ts';
import { schedulesOf, type Wiring } from './wire.ts';

export interface ServeOptions extends Omit<OpenOptions, 'show'> {
  readonly print: (text: string) => void;
}

/** A running Weir. `stop` ends everything it started, children and database included. */
export interface Serving {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Starts everything for one project: database, API and web app, a first model when there is none, and the schedules.
 * Resolves when it can be used. An aborted signal ends a start in progress, with nothing left running.
 */
export async function serve({ print, ...options }: ServeOptions): Promise<Serving> {
  const show = showSteps(print);
  const opened = await openProject('server', { ...options, show });
  const { apiUrl, stack } = opened;
  try {
    await begin(opened, { ...options, show });
    return { url: apiUrl, stop: () => stack.unwind() };
  } catch (error) {
    await stack.unwind();
    throw error;
  }
}

async function begin(opened: OpenedEngine, { signal, show, warn }: OpenOptions): Promise<void> {
  const { wiring, engine, recover, stack, paths, apiUrl, databaseUrl } = opened;
  await recover();
  await untilAborted(signal, firstModel({ wiring, engine, show, warn }));
  startWork(opened);
  stack.push(() => removeServerFile(paths.state));
  await writeServerFile(paths.state, { url: apiUrl, databaseUrl });
  signal.throwIfAborted();
}

/** Stops waiting when the signal aborts; unwinding ends the work itself. */
async function untilAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  // Errors during unwinding are ignored.
  work.catch(() => undefined);
  return Promise.race([work, aborted]);
}

interface FirstModel {
  readonly show: ShowStep;
  readonly warn: (text: string) => void;
  readonly wiring: Wiring;
  readonly engine: Engine;
}

/** Trains once when there is no champion; a failed training leaves the rest running, and prints where to look. */
async function firstModel({ wiring: { database, project }, engine, show, warn }: FirstModel): Promise<void> {
  if (project.contract === undefined) return;
  if ((await championOf(database, project.name)) !== undefined) return;
  await show('Training the first model', async () => {
    const { runId } = await engine.start({ pipeline: 'train', trigger: 'start' });
    const state = await engine.finished(runId);
    if (state !== 'succeeded') warn(`  The first training ended as ${state}: see run ${runId} under Runs.\n`);
  });
}

/**
 * Delivers alerts, folds the counts of dashboards, follows the schedules, and runs each pipeline on a schedule once so that
 * there is something to see.
 */
function startWork({ wiring, engine, log, stack, signal }: OpenedEngine): void {
  const { config, database, pipelines } = wiring;
  // Ends before the server does, so that the pages still show how runs end.
  stack.push(() => engine.close());
  const warn = (message: string) => ({ onError: (error: unknown): void => log.warn({ err: error }, message) });
  const delivery = startDelivery(database, channelsOf(config), warn('alerts could not be delivered'));
  stack.push(() => delivery.stop());
  const folding = startFolding(database, warn('counts of predictions could not be folded'));
  stack.push(() => folding.stop());
  const schedules = schedulesOf(config, pipelines);
  engine.follow(schedules);
  void firstRuns(engine, { database, schedules }).catch((error: unknown) => {
    if (!signal.aborted) log.error({ err: error }, 'the runs at start did not all end');
  });
}

/** What is off or paused does not run by itself, at the start no more than later. */
async function firstRuns(engine: Engine, { database, schedules }: FirstRuns): Promise<void> {
  const described = await describeSchedules(database, { schedules });
  const active = described.filter(({ pause }) => pause === null).map(({ pipeline }) => pipeline);
  for (const pipeline of ['feed', 'ingest', 'labels', 'predict']) {
    if (!active.includes(pipeline)) continue;
    const { runId } = await engine.start({ pipeline, trigger: 'start' });
    await engine.finished(runId);
  }
}

interface FirstRuns {
  readonly database: Database;
  readonly schedules: readonly Schedule[];
}

function channelsOf({ alerts }: Config) {
  return [
    ...(alerts.teamsUrl === '' ? [] : [teamsChannel({ url: alerts.teamsUrl })]),
    ...(alerts.webhookUrl === '' ? [] : [webhookChannel({ url: alerts.webhookUrl })]),
  ];
}
