import type { Queryable } from '#store';
import { realEffects } from '../define/effects.ts';
import { EngineError } from '../define/errors.ts';
import type { Goal } from '../define/goal.ts';
import type { Interval, Pipeline, Schedule } from '../define/pipeline.ts';
import { messageOf } from '../define/thrown.ts';
import { describeDifference } from '../records/difference.ts';
import { listStale } from '../records/staleness.ts';
import { type ProjectParts, resolverPartsOf } from '../resolve/project-parts.ts';
import { isSettled, Resolver } from '../resolve/resolver.ts';
import { createTicks } from './ticks.ts';

/** What a preview reads; it starts nothing. */
export interface PreviewParts extends ProjectParts {
  readonly pipelines: readonly Pipeline[];
}

export interface PreviewOptions {
  /** Names the pipeline and divides time into its intervals. */
  readonly schedule: Schedule;
  /** Intervals that begin at or after this, and before `to`; one that has not ended yet is left out. */
  readonly from: Date;
  readonly to: Date;
  /**
   * Returns which of the goals are stale, by identity, and why. By default, those whose source lacks a partition that
   * they need: they cannot be computed again until it is back.
   */
  readonly staleReasons?: ((ids: readonly string[]) => Promise<ReadonlyMap<string, string>>) | undefined;
  /** Called from time to time with the number of intervals processed. */
  readonly onInspected?: ((inspected: number, all: number) => void) | undefined;
}

export interface IntervalStatus {
  readonly interval: Interval;
  readonly state: 'complete' | 'incomplete' | 'stale' | 'running' | 'unknown';
  /** The reason, for every state but complete; there it says that the interval has nothing to do, or is null. */
  readonly reason: string | null;
  /** The run that is completing it now. */
  readonly runId: string | null;
}

/** Bounds the intervals of one preview; a longer span needs several. */
export const INTERVALS_MAX = 10_000;
const LOOKED_TOGETHER = 100;

/** The state of each interval, oldest first. Only reads; a pipeline without `planInterval` is refused. */
export async function previewBackfill(
  parts: PreviewParts,
  options: PreviewOptions,
): Promise<readonly IntervalStatus[]> {
  const { effects = {} } = parts;
  planOf(parts.pipelines, options.schedule.pipeline);
  const intervals = listIntervals(options, (effects.now ?? realEffects.now)());
  const resolver = new Resolver(resolverPartsOf(parts));
  const statuses: IntervalStatus[] = [];
  for (let from = 0; from < intervals.length; from += LOOKED_TOGETHER) {
    statuses.push(
      ...(await evaluateIntervals(intervals.slice(from, from + LOOKED_TOGETHER), { parts, options, resolver })),
    );
    options.onInspected?.(statuses.length, intervals.length);
  }
  return statuses;
}

function listIntervals({ schedule, from, to }: PreviewOptions, now: Date): readonly Interval[] {
  if (schedule.cron === 'off')
    throw new EngineError(
      'schedule_missing',
      `Pipeline ${schedule.pipeline} has no schedule, so there are no intervals. Give it a cron expression.`,
    );
  if (!(from < to))
    throw new EngineError(
      'backfill_refused',
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
        'backfill_refused',
        `From ${describe(from)} to ${describe(to)} there are more than ${INTERVALS_MAX} intervals of "${schedule.cron}". Ask in parts.`,
      );
    intervals.push({ from: begin, to: end });
    begin = end;
  }
  return intervals;
}

const describe = (moment: Date): string => (Number.isNaN(moment.getTime()) ? 'no time' : moment.toISOString());

interface PlannedInterval {
  readonly interval: Interval;
  /** Absent when the state of the interval is known already. */
  readonly goals?: readonly Goal[];
  readonly status?: IntervalStatus;
}

/** Processes intervals together, so that they share round trips. */
async function evaluateIntervals(
  intervals: readonly Interval[],
  { parts, options, resolver }: Judging,
): Promise<readonly IntervalStatus[]> {
  const planInterval = planOf(parts.pipelines, options.schedule.pipeline);
  const live = await findLive(parts.database, options.schedule.pipeline);
  const planned: PlannedInterval[] = [];
  for (const interval of intervals)
    planned.push(await planOne(interval, { planInterval, runId: live.get(nameOf(interval)) }));
  await resolver.resolve(planned.flatMap(({ goals = [] }) => goals)).catch(ignore);
  const looked = await Promise.all(planned.map(({ goals }) => lookAgain(resolver, goals)));
  const ids = looked.flatMap((found) => (typeof found === 'string' ? [] : found));
  const reasonsOf = options.staleReasons ?? ((asked) => tombstonesOf(parts.database, asked));
  const stale = await reasonsOf([...new Set(ids)]);
  return planned.map(({ interval, status }, index) => {
    const found = looked[index] ?? [];
    if (status !== undefined) return status;
    if (typeof found === 'string') return { interval, state: 'unknown', reason: found, runId: null };
    return { interval, runId: null, ...stateOfGoals(found, { resolver, stale }) };
  });
}

// A goal that cannot be planned affects no other interval: each is processed alone then, and reports its own error.
function ignore(): void {}

interface Judging {
  readonly parts: PreviewParts;
  readonly options: PreviewOptions;
  readonly resolver: Resolver;
}

async function planOne(
  interval: Interval,
  given: { readonly planInterval: NonNullable<Pipeline['planInterval']>; readonly runId: string | undefined },
): Promise<PlannedInterval> {
  const { planInterval, runId = null } = given;
  const known = (state: IntervalStatus['state'], reason: string): PlannedInterval => ({
    ...{ interval, status: { interval, state, reason, runId } },
  });
  if (runId !== null) return known('running', `run ${runId} is completing it`);
  try {
    const plan = await planInterval(interval);
    return plan.kind === 'skip' ? known('complete', plan.reason) : { interval, goals: plan.goals };
  } catch (error) {
    return known('unknown', `it could not be planned: ${messageOf(error)}`);
  }
}

/** The identities of the goals; resolved ones are cached. A reason when they are no goals of this project. */
function lookAgain(resolver: Resolver, goals: readonly Goal[] = []): Promise<readonly string[] | string> {
  return resolver.resolve(goals).catch(messageOf);
}

interface GoalJudging {
  readonly resolver: Resolver;
  readonly stale: ReadonlyMap<string, string>;
}

function stateOfGoals(
  ids: readonly string[],
  { resolver, stale }: GoalJudging,
): Pick<IntervalStatus, 'state' | 'reason'> {
  const marked = ids.find((id) => stale.has(id));
  if (marked !== undefined) return { state: 'stale', reason: stale.get(marked) ?? null };
  const open = ids.map((id) => obstacleOf(id, resolver)).filter((found) => found !== undefined);
  const [first] = [...open.filter(({ state }) => state === 'incomplete'), ...open];
  if (first === undefined) return { state: 'complete', reason: null };
  return { ...first, reason: open.length > 1 ? `${first.reason}; ${open.length - 1} more` : first.reason };
}

interface Obstacle {
  readonly state: 'incomplete' | 'unknown';
  readonly reason: string;
}

/** Why a goal is not complete: its first incomplete need, or its own differences. */
function obstacleOf(id: string, resolver: Resolver): Obstacle | undefined {
  const visited = new Set<string>();
  for (let at: string | undefined = id; at !== undefined && !visited.has(at); ) {
    visited.add(at);
    const found = resolver.resolved.get(at);
    if (found === undefined || isSettled(found)) return undefined;
    const needed = [...found.makers.values()].find(({ goal }) => {
      const need = resolver.resolved.get(goal);
      return need === undefined || !isSettled(need);
    });
    if (needed !== undefined && !visited.has(needed.goal)) {
      at = needed.goal;
      continue;
    }
    const { label, state, differences } = found.explanation;
    const unsure = differences.find(({ kind }) => kind === 'unknown');
    const told = (unsure === undefined ? differences : [unsure]).map(describeDifference).join(', ');
    return {
      state: state === 'incomplete' && unsure === undefined ? 'incomplete' : 'unknown',
      reason: `${label}: ${told}`,
    };
  }
  return undefined;
}

function planOf(pipelines: readonly Pipeline[], name: string): NonNullable<Pipeline['planInterval']> {
  const pipeline = pipelines.find((candidate) => candidate.name === name);
  if (pipeline === undefined)
    throw new EngineError(
      'pipeline_unknown',
      `No pipeline is named ${JSON.stringify(name)}. There are: ${pipelines.map((each) => each.name).join(', ') || 'none'}.`,
    );
  if (pipeline.planInterval === undefined)
    throw new EngineError(
      'backfill_refused',
      `Pipeline ${name} cannot be backfilled: each of its runs takes what exists at that moment, so a past interval cannot be planned. Give it goalsOf(interval) in definePipeline, which returns the goals of an interval.`,
    );
  return pipeline.planInterval.bind(pipeline);
}

async function tombstonesOf(database: Queryable, goals: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const stale = await listStale(database, { goals, limit: goals.length });
  return new Map(stale.map(({ goal, task, reason }) => [goal, `${task}: ${reason}`]));
}

async function findLive(database: Queryable, pipeline: string): Promise<ReadonlyMap<string, string>> {
  const rows = await database.query<Interval & { readonly id: string }>(
    `select id::text, interval_from as "from", interval_to as "to" from runs
     where pipeline = $1 and state in ('queued', 'running') and interval_to is not null`,
    [pipeline],
  );
  return new Map(rows.map((row) => [nameOf(row), row.id]));
}

const nameOf = ({ from, to }: Interval): string => `${from.getTime()} ${to.getTime()}`;
