import path from 'node:path';
import { pages } from '#api';
import { describeSchedules, type Engine, EngineError } from '#engine';
import { championOf } from '#ml';
import { type RulesOptions, startDelivery, startFolding, startRules } from '#monitor';
import { countWaiting, fileLineage, httpLineage, startLineage } from '#pipelines';
import { localFoldersOf } from '../project/paths.ts';
import { alertChannels } from './alert-channels.ts';
import { alertRulesOf } from './alert-rules.ts';
import { diskUsed } from './disk-used.ts';
import type { Leadership, LeadersWork } from './leadership.ts';
import type { ShowStep } from './progress.ts';
import type { OpenedEngine } from './start-engine.ts';
import { Unwinding } from './unwinding.ts';
import { schedulesOf, type Wiring } from './wire.ts';
import { orNever } from './wire-cleanup.ts';

/** What a served project does by itself. */
export interface Work {
  /** Ends it; runs in progress have the time to end. */
  stop(graceMs?: number): Promise<void>;
}

/**
 * Folds the counts of dashboards, and, while this server leads, evaluates alert rules, delivers alerts, and follows the
 * schedules.
 */
export function startWork(opened: OpenedEngine, leadership: Leadership): Work {
  const { wiring, engine, requestCounts, log } = opened;
  const folding = startFolding(wiring.database, {
    onError: (error) => log.warn({ err: error }, 'counts of dashboards could not be folded, or partitions not be made'),
    requestCounts,
    predictionDays: orNever(wiring.config.cleanup.predictionDays),
  });
  const endLeading = leadership.whileLeading(leadersWork(opened));
  return {
    stop: async (graceMs) => {
      const steps = new Unwinding();
      steps.push(() => engine.close(graceMs));
      steps.push(endLeading);
      steps.push(() => folding.stop());
      await steps.unwind();
    },
  };
}

/** What one server on a database does. Runs in progress go on when it leads no more. */
function leadersWork({ wiring, engine, log, apiUrl, version }: OpenedEngine): LeadersWork {
  const { config, database, pipelines } = wiring;
  const warn = (message: string) => ({ onError: (error: unknown): void => log.warn({ err: error }, message) });
  let steps = new Unwinding();
  return {
    start: () => {
      const delivery = startDelivery(database, alertChannels(config), warn('alerts could not be delivered'));
      const rules = startRules(database, ruleOptions(wiring, apiUrl), warn('alert rules could not be evaluated'));
      const lineage = startLineageOf(wiring, { version, ...warn('OpenLineage events could not be written or sent') });
      engine.follow(schedulesOf(config, pipelines));
      steps = new Unwinding();
      steps.push(() => delivery.stop());
      steps.push(async () => lineage?.stop());
      steps.push(() => rules.stop());
      steps.push(() => engine.unfollow());
    },
    stop: () => steps.unwind(),
  };
}

/** Undefined where the settings name no receiver. */
function startLineageOf(
  { config, database, paths }: Wiring,
  { version, onError }: { readonly version: string; readonly onError: (error: unknown) => void },
): ReturnType<typeof startLineage> | undefined {
  const { url, apiKey, privateHosts, file, namespace, owner } = config.lineage;
  if (url === '' && file === '') return undefined;
  const transport =
    url === '' ? fileLineage(path.resolve(paths.state, file)) : httpLineage({ url, apiKey, privateHosts });
  const origin = { namespace, owner, weirVersion: version };
  return startLineage(database, { ...origin, transport, alertChannels: alertChannels(config), onError });
}

function ruleOptions({ config, paths, places, project, pipelines }: Wiring, apiUrl: string): RulesOptions {
  const { url } = config.server;
  const folders = project.contract === undefined ? [paths.state] : [paths.state, ...localFoldersOf(paths)];
  return {
    defined: alertRulesOf({ project, config, pipelines }),
    model: project.name,
    channels: alertChannels(config),
    link: new URL(pages.alerts, url === '' ? apiUrl : url).href,
    gauges: {
      'disk-used': () => diskUsed(folders),
      ...(project.contract === undefined ? {} : { backlog: () => countWaiting({ folder: paths.data.raw, places }) }),
    },
  };
}

/** Runs each pipeline that brings data and is on a schedule once, so that there is something to see. */
export function startFirstRuns({ wiring, engine, log, signal }: OpenedEngine): void {
  void firstRuns(engine, wiring).catch((error: unknown) => {
    // Weir stops, or another engine took over after a change of the project.
    const isOver = error instanceof EngineError && error.code === 'engine_closed';
    if (!signal.aborted && !isOver) log.error({ err: error }, 'the runs at start did not all end');
  });
}

/** What is off or paused does not run by itself, at the start no more than later. */
async function firstRuns(engine: Engine, { database, config, pipelines }: Wiring): Promise<void> {
  const described = await describeSchedules(database, { schedules: schedulesOf(config, pipelines) });
  const active = described.filter(({ pause }) => pause === null).map(({ pipeline }) => pipeline);
  for (const pipeline of ['feed', 'ingest', 'labels', 'predict']) {
    if (!active.includes(pipeline)) continue;
    const { runId } = await engine.start({ pipeline, trigger: 'start' });
    await engine.finished(runId);
  }
}

export interface FirstModel extends Pick<OpenedEngine, 'wiring' | 'engine'> {
  readonly show: ShowStep;
  readonly warn: (text: string) => void;
}

/** Trains once when there is no champion; a failed training leaves the rest running, and prints where to look. */
export async function trainFirstModel({ wiring, engine, show, warn }: FirstModel): Promise<void> {
  const { database, project } = wiring;
  if (project.contract === undefined) return;
  if ((await championOf(database, project.name)) !== undefined) return;
  await show('Training the first model', async () => {
    const { runId } = await engine.start({ pipeline: 'train', trigger: 'start' });
    const state = await engine.finished(runId);
    if (state !== 'succeeded') warn(`  The first training ended as ${state}: see run ${runId} under Runs.\n`);
  });
}
