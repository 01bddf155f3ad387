import type { Queryable } from '#store';
import { createCompleteness } from '../completeness.ts';
import { realEffects } from '../effects.ts';
import type { EngineOptions } from '../engine.ts';
import { EngineError } from '../errors.ts';
import type { Goal } from '../goal.ts';
import type { Interval, Pipeline, Schedule } from '../pipeline.ts';
import { createRegistry } from '../registry.ts';
import { createSinks } from '../sinks/sinks.ts';
import { listStale } from '../sources/staleness.ts';
import { createInspector, type Inspector } from './inspect-goals.ts';
import { createTicks } from './ticks.ts';

/** What a preview looks at; it starts nothing. */
export type PreviewParts = Pick<
  EngineOptions,
  'database' | 'artifacts' | 'tasks' | 'pipelines' | 'fingerprints' | 'sinks' | 'effects'
>;

export interface PreviewOptions {
  /** Names the pipeline and cuts time into its intervals. */
  readonly schedule: Schedule;
  /** Intervals that begin at or after this, and before `to`; one that has not ended yet is left out. */
  readonly from: Date;
  readonly to: Date;
  /** Says why a goal that is complete is stale all the same, by its identity. Asks the tombstones of sources unless told otherwise. */
  readonly staleReason?: ((ids: readonly string[]) => Promise<string | undefined>) | undefined;
  /** Called now and then with how many of the intervals were looked at. */
  readonly onInspected?: ((inspected: number, all: number) => void) | undefined;
}

export interface IntervalStatus {
  readonly interval: Interval;
  readonly state: 'complete' | 'incomplete' | 'stale' | 'running' | 'unknown';
  /** Why, for everything but complete; there it says that the interval has nothing to do, or null. */
  readonly reason: string | null;
  /** The run that is completing it now. */
  readonly runId: string | null;
}

/** A preview goes over no more intervals than this; a longer span is asked in parts. */
export const INTERVALS_MAX = 10_000;
const REPORT_EVERY = 100;

/** How each interval stands, oldest first. Reads only; a pipeline without `planInterval` is refused. */
export async function previewBackfill(
  parts: PreviewParts,
  options: PreviewOptions,
): Promise<readonly IntervalStatus[]> {
  const { effects = {} } = parts;
  const intervals = listIntervals(options, (effects.now ?? realEffects.now)());
  const judge = createJudge(parts, options);
  const { live } = await readRuns(parts.database, options.schedule.pipeline);
  const statuses: IntervalStatus[] = [];
  for (const interval of intervals) {
    statuses.push(await judge(interval, live.get(nameOf(interval))));
    if (statuses.length % REPORT_EVERY === 0 || statuses.length === intervals.length)
      options.onInspected?.(statuses.length, intervals.length);
  }
  return statuses;
}

/** An interval as it stands now, and the newest run of its pipeline at that moment. */
export interface IntervalSight {
  readonly status: IntervalStatus;
  readonly seenRun: string;
}

/** Looks at single intervals anew, each time from what is there then. */
export function createIntervalLook(
  parts: PreviewParts,
  options: PreviewOptions,
): (interval: Interval) => Promise<IntervalSight> {
  return async (interval) => {
    const { live, newest } = await readRuns(parts.database, options.schedule.pipeline);
    return { status: await createJudge(parts, options)(interval, live.get(nameOf(interval))), seenRun: newest };
  };
}

function listIntervals({ schedule, from, to }: PreviewOptions, now: Date): readonly Interval[] {
  if (schedule.cron === 'off')
    throw new EngineError(
      `Pipeline ${schedule.pipeline} has no schedule, so there are no intervals. Give it a cron expression.`,
    );
  if (!(from < to))
    throw new EngineError(
      `A backfill goes from a moment to a later one; got ${describe(from)} to ${describe(to)}. Exchange them, or move one.`,
    );
  const ticks = createTicks(schedule);
  const intervals: Interval[] = [];
  const first = ticks.next(new Date(from.getTime() - 1));
  for (let begin = first; begin !== undefined && begin < to; ) {
    const end = ticks.next(begin);
    if (end === undefined || end > now) break;
    if (intervals.length === INTERVALS_MAX)
      throw new EngineError(
        `From ${describe(from)} to ${describe(to)} there are more than ${INTERVALS_MAX} intervals of "${schedule.cron}". Ask in parts.`,
      );
    intervals.push({ from: begin, to: end });
    begin = end;
  }
  return intervals;
}

const describe = (moment: Date): string => (Number.isNaN(moment.getTime()) ? 'no time' : moment.toISOString());

type Judge = (interval: Interval, liveRunId: string | undefined) => Promise<IntervalStatus>;

function createJudge(parts: PreviewParts, options: PreviewOptions): Judge {
  const planInterval = planOf(parts.pipelines, options.schedule.pipeline);
  const inspector = inspectorOf(parts);
  const staleReason = options.staleReason ?? ((ids) => reasonOfTombstones(parts.database, ids));
  return async (interval, liveRunId) => {
    const status = (state: IntervalStatus['state'], reason: string | null) => ({
      ...{ interval, state, reason, runId: liveRunId ?? null },
    });
    if (liveRunId !== undefined) return status('running', `run ${liveRunId} is completing it`);
    let goals: readonly Goal[];
    try {
      const plan = await planInterval(interval);
      if (plan.kind === 'skip') return status('complete', plan.reason);
      ({ goals } = plan);
    } catch (error) {
      return status('unknown', `it could not be planned: ${messageOf(error)}`);
    }
    return judgeGoals(goals, { inspector, staleReason, status });
  };
}

interface GoalJudging {
  readonly inspector: Inspector;
  readonly staleReason: (ids: readonly string[]) => Promise<string | undefined>;
  readonly status: (state: IntervalStatus['state'], reason: string | null) => IntervalStatus;
}

async function judgeGoals(
  goals: readonly Goal[],
  { inspector, staleReason, status }: GoalJudging,
): Promise<IntervalStatus> {
  let found: Awaited<ReturnType<Inspector['inspect']>>;
  try {
    found = await inspector.inspect(goals);
  } catch (error) {
    return status('unknown', messageOf(error));
  }
  for (const kind of ['incomplete', 'unknown'] as const) {
    const index = found.findIndex(({ status: goal }) => goal.kind === kind);
    const goal = found[index]?.status;
    if (goal === undefined || goal.kind === 'complete') continue;
    const others = found.filter(({ status: other }) => other.kind === kind).length - 1;
    const label = goals[index]?.task ?? 'a goal';
    return status(kind, `${label}: ${goal.reason}${others > 0 ? `; ${others} more` : ''}`);
  }
  const stale = await staleReason(found.map(({ id }) => id));
  return stale === undefined ? status('complete', null) : status('stale', stale);
}

function planOf(pipelines: readonly Pipeline[], name: string): NonNullable<Pipeline['planInterval']> {
  const pipeline = pipelines.find((candidate) => candidate.name === name);
  if (pipeline === undefined)
    throw new EngineError(
      `No pipeline is named ${JSON.stringify(name)}. There are: ${pipelines.map((each) => each.name).join(', ') || 'none'}.`,
    );
  if (pipeline.planInterval === undefined)
    throw new EngineError(
      `Pipeline ${name} cannot be backfilled: each of its runs draws what is there at that moment, which no past interval can. Give it planInterval(interval), which plans from the interval alone.`,
    );
  return pipeline.planInterval.bind(pipeline);
}

function inspectorOf({ database, artifacts, tasks, sinks, fingerprints, effects = {} }: PreviewParts): Inspector {
  const registry = createRegistry(tasks, fingerprints === undefined ? {} : { fingerprints });
  const warn = effects.warn ?? realEffects.warn;
  const completeness = createCompleteness({ artifacts, sinks: createSinks(database, sinks), warn });
  return createInspector({ database, registry, completeness });
}

async function reasonOfTombstones(database: Queryable, ids: readonly string[]): Promise<string | undefined> {
  const [stale] = await listStale(database, { goals: ids, limit: 1 });
  return stale && `${stale.task}: ${stale.reason}`;
}

async function readRuns(database: Queryable, pipeline: string) {
  const rows = await database.query<Interval & { readonly id: string; readonly isLive: boolean }>(
    `select id::text, interval_from as "from", interval_to as "to", true as "isLive" from runs
     where pipeline = $1 and state in ('queued', 'running') and interval_to is not null
     union all
     (select id::text, null, null, false from runs where pipeline = $1 order by runs.id desc limit 1)`,
    [pipeline],
  );
  return {
    live: new Map(rows.filter(({ isLive }) => isLive).map((row) => [nameOf(row), row.id])),
    newest: rows.find(({ isLive }) => !isLive)?.id ?? '0',
  };
}

const nameOf = ({ from, to }: Interval): string => `${from.getTime()} ${to.getTime()}`;
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
