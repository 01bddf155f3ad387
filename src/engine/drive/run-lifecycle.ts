import { type Database, inTrace, type OpenSpan, openSpan } from '#store';
import type { Timers } from '../define/effects.ts';
import { EngineError } from '../define/errors.ts';
import { classifyError, reasonOf } from '../define/failure.ts';
import type { Goal, Params } from '../define/goal.ts';
import { encodeCanonical } from '../define/key.ts';
import { type Interval, type Pipeline, type Plan, parsePipelineParams } from '../define/pipeline.ts';
import type { RunRequest, StartedRun } from '../define/start-request.ts';
import type { RunState, Trigger } from '../define/states.ts';
import type { LeftRun } from '../records/run-leases.ts';
import { planRun, ResultRemoved, type RunPlan } from '../records/write-plan.ts';
import { endRun, readRunState, settleRun, takeUpTaskRuns } from '../records/write-runs.ts';
import { Forced } from '../resolve/forced.ts';
import { planGoals } from '../resolve/graph.ts';
import { findKnownResults, type KnownResults, type KnownResultsOptions } from '../resolve/known-results.ts';
import { LiveRun, type LiveRunOptions, type RunServices } from './live-run.ts';
import type { OwnedRuns } from './owned-runs.ts';
import { writeRunFolder } from './run-folder.ts';

const SETTLE_TRIES_MAX = 5;
const SETTLE_PAUSE_MS = 500;

export interface RunToPlan {
  readonly id: string;
  readonly pipeline: Pipeline;
  readonly trigger: Trigger;
  readonly at: Date;
  readonly interval?: Interval | undefined;
  readonly request: RunRequest;
  /** Planned already, by the run that this one retries. */
  readonly plan?: Plan | undefined;
}

interface RunToDrive extends Omit<LiveRunOptions, 'left' | 'known' | 'forced'> {
  readonly goals: readonly Goal[];
  readonly request: RunRequest;
  readonly params: Params;
  /** A former owner may have driven it. */
  readonly isLeft?: boolean;
}

export interface LifecycleOptions {
  readonly timers: Pick<Timers, 'pause'>;
  /** Folder where ended runs are written out for people to browse; not written when absent. */
  readonly runsFolder?: string | undefined;
  readonly services: RunServices;
  readonly runs: OwnedRuns;
  readonly pipelines: ReadonlyMap<string, Pipeline>;
  isClosed(): boolean;
  /** A run of the pipeline has ended and is settled, or this process has released it. */
  onEnded(pipeline: string): void;
}

/** The life cycle of runs: plans them, drives them, settles them, and recovers those of dead processes. */
export class RunLifecycle {
  readonly #options: LifecycleOptions;
  /** Runs by pipeline that are not settled yet. */
  readonly #busy = new Map<string, number>();

  constructor(options: LifecycleOptions) {
    this.#options = options;
  }

  /** Whether an unsettled run of the pipeline holds up ticks. */
  isBusy(pipeline: string): boolean {
    return (this.#busy.get(pipeline) ?? 0) > 0;
  }

  /** Plans a recorded run and starts it; an error in the plan fails the run. */
  async launch(run: RunToPlan): Promise<StartedRun> {
    const span = openRunSpan(run);
    const launching = inTrace(span?.context, () => this.#plan(run));
    const finishing = launching.then(({ ended }) => ended).then((state) => this.#settle(run, state));
    endWith(span, finishing);
    this.#remember(run, finishing);
    return (await launching).started;
  }

  async #plan(run: RunToPlan): Promise<{ readonly started: StartedRun; readonly ended: Promise<RunState> }> {
    const { database } = this.#options.services;
    const { id, request } = run;
    const over = async (state: 'failed' | 'skipped', reason: string, params: Params = {}) => {
      await endRun(database, { id, state, reason, params, owner: this.#options.services.owner });
      return { started: { runId: id, state, reason }, ended: this.#stateOf(id) };
    };
    let plan: Plan;
    let graph: ReturnType<typeof planGoals>;
    try {
      plan = await createPlan(run);
      encodeCanonical(plan.params, 'params of the plan');
      if (plan.kind === 'skip') return over('skipped', plan.reason, plan.params);
      graph = planGoals(plan.goals, this.#options.services);
    } catch (error) {
      return over('failed', `The run could not be planned: ${reasonOf(error)}`);
    }
    const goals: readonly Goal[] = plan.goals.map(({ task, params }) => ({ task, params }));
    const isBackfill = run.trigger === 'backfill';
    try {
      const { ended } = await this.#drive({
        ...{ id, pipeline: run.pipeline.name, request, goals, params: plan.params, ...graph, isBackfill },
      });
      return { started: { runId: id, state: 'running' }, ended };
    } catch (error) {
      // A transient failure may pass, so the run is kept; an error in the plan is final.
      if (classifyError(error) === 'infrastructure') throw error;
      return over('failed', `The run could not be started: ${reasonOf(error)}`);
    }
  }

  /** Records the plan and starts the run; a run that was ended in the meantime stays as it is. */
  async #drive(run: RunToDrive): Promise<{ readonly ended: Promise<RunState> }> {
    const { database } = this.#options.services;
    const { isLeft = false, isBackfill = false, asked, request, ...plan } = run;
    const forced = new Forced(request, asked);
    const services = { ...this.#options.services, forced };
    const { open, known } = await recordPlan(
      database,
      { ...plan, isLeft, owner: this.#options.services.owner },
      services,
    );
    if (open === undefined) return { ended: this.#stateOf(run.id) };
    const left = isLeft ? await takeUpTaskRuns(database, run.id) : [];
    const cancelReason = this.#options.runs.cancelReasonOf(run.id) ?? open.cancelReason ?? undefined;
    const live = new LiveRun(this.#options.services, {
      ...{
        id: run.id,
        pipeline: run.pipeline,
        planned: run.planned,
        asked,
        left,
        known,
        forced,
        isBackfill,
        cancelReason,
      },
    });
    this.#options.runs.drive(live);
    return { ended: live.ended };
  }

  async #stateOf(runId: string): Promise<RunState> {
    const run = await readRunState(this.#options.services.database, runId);
    if (run === undefined) throw new EngineError('run_lost', `Run ${runId} was deleted before it ran.`);
    return run.state;
  }

  #remember(run: Pick<RunToPlan, 'id' | 'pipeline' | 'trigger'>, finishing: Promise<RunState>): void {
    const { name } = run.pipeline;
    // Backfill does not count for schedules, and holds up no tick.
    const weight = run.trigger === 'backfill' ? 0 : 1;
    this.#busy.set(name, (this.#busy.get(name) ?? 0) + weight);
    this.#options.runs.add(run.id, finishing);
    const forget = (): void => {
      this.#busy.set(name, (this.#busy.get(name) ?? weight) - weight);
      this.#options.onEnded(name);
    };
    finishing.then(forget, forget);
  }

  /** Lets the pipeline clean up; a failure is repeated at the next `recover`. */
  async #settle(run: { readonly id: string; readonly pipeline: Pipeline }, state: RunState): Promise<RunState> {
    const { database } = this.#options.services;
    for (let tries = 1; ; tries++) {
      try {
        if (run.pipeline.settle !== undefined) {
          const [row] = await database.query<{ params: Params }>('select params from runs where id = $1', [run.id]);
          // Deleted: its plan is not known.
          if (row === undefined) return state;
          await run.pipeline.settle({ id: run.id, state, params: row.params });
        }
        await this.#layOut(run.id);
        await settleRun(database, run.id);
        this.#options.services.effects.ended({ runId: run.id, pipeline: run.pipeline.name, state });
        return state;
      } catch (error) {
        if (tries >= SETTLE_TRIES_MAX || this.#options.isClosed()) {
          this.#options.services.effects.warn(
            `Run ${run.id} of ${run.pipeline.name} ended but could not be settled`,
            error,
            { runId: run.id, pipeline: run.pipeline.name },
          );
          return state;
        }
        await this.#options.timers.pause(SETTLE_PAUSE_MS * 2 ** tries);
      }
    }
  }

  /** Only for browsing: a run is settled whether or not its folder could be written. */
  async #layOut(runId: string): Promise<void> {
    const { runsFolder, services } = this.#options;
    const { database, artifacts } = services;
    if (runsFolder === undefined) return;
    await writeRunFolder(runId, { database, artifacts, folder: runsFolder }).catch((error: unknown) =>
      this.#options.services.effects.warn(`The folder of run ${runId} could not be written`, error, { runId }),
    );
  }

  /** Runs of other pipelines are left to processes that know them, unless none are named. */
  async takeOver(pipelines?: readonly string[]): Promise<void> {
    for (const left of await this.#options.runs.takeOver(pipelines)) {
      const pipeline = this.#options.pipelines.get(left.pipeline);
      if (pipeline === undefined) await this.#abandon(left);
      else await this.#takeUp(left, pipeline);
    }
  }

  async #takeUp(left: LeftRun, pipeline: Pipeline): Promise<void> {
    const { id, trigger, interval, request } = left;
    const at = interval?.to ?? left.createdAt;
    const run = { id, pipeline, trigger, at, interval: interval ?? undefined, request };
    if (left.state !== 'queued' && left.state !== 'running') {
      this.#remember(run, this.#settle(run, left.state));
    } else if (left.goals === null) {
      await this.launch(run);
    } else {
      const { goals } = left;
      const span = openRunSpan(run);
      const ended = await inTrace(span?.context, () => this.#resume({ ...left, goals }));
      const finishing = ended().then((state) => this.#settle(run, state));
      endWith(span, finishing);
      this.#remember(run, finishing);
    }
  }

  /**
   * Resumes a planned run and returns a promise of its end. When one of its tasks no longer exists, the run fails with
   * that reason.
   */
  async #resume(left: LeftRun & { readonly goals: readonly Goal[] }): Promise<() => Promise<RunState>> {
    const { id, goals, params, request } = left;
    const { database } = this.#options.services;
    const isBackfill = left.trigger === 'backfill';
    try {
      const graph = planGoals(left.goals, this.#options.services);
      const { ended } = await this.#drive({
        ...{ id, pipeline: left.pipeline, request, goals, params, ...graph, isBackfill, isLeft: true },
      });
      return () => ended;
    } catch (error) {
      if (classifyError(error) === 'infrastructure') throw error;
      const reason = `The run could not be resumed: ${reasonOf(error)}`;
      await endRun(database, { id: left.id, state: 'failed', reason });
      return () => Promise.resolve('failed');
    }
  }

  async #abandon(left: LeftRun): Promise<void> {
    const { database } = this.#options.services;
    const reason = `Pipeline ${left.pipeline} no longer exists.`;
    await endRun(database, { id: left.id, state: 'failed', reason });
    await settleRun(database, left.id);
  }
}

/** A part of the trace that started the run; a run that is taken up begins a trace of its own. */
function openRunSpan({ id, pipeline, trigger }: Pick<RunToPlan, 'id' | 'pipeline' | 'trigger'>): OpenSpan | undefined {
  const attributes = { 'weir.run.id': id, 'weir.pipeline': pipeline.name, 'weir.trigger': trigger };
  return openSpan(`run ${pipeline.name}`, { attributes });
}

function endWith(span: OpenSpan | undefined, finishing: Promise<RunState>): void {
  if (span === undefined) return;
  const end = (state: string): void => {
    span.set({ 'weir.state': state });
    if (state === 'failed' || state === 'released') span.fail(state);
    span.end();
  };
  finishing.then(end, () => end('released'));
}

/** Impure choices are made here, once: a run that retries another takes over its plan. */
async function createPlan({ id, pipeline, trigger, at, interval, request, plan }: RunToPlan): Promise<Plan> {
  if (plan !== undefined) return plan;
  if (interval !== undefined && pipeline.planInterval !== undefined) return pipeline.planInterval(interval);
  const params = parsePipelineParams(pipeline, request.params);
  return pipeline.plan({ runId: id, params, trigger, at, interval });
}

export interface RecordedPlan {
  readonly known: KnownResults;
  /** Undefined when the run has ended, was deleted or taken over in the meantime. */
  readonly open: Awaited<ReturnType<typeof planRun>>;
}

const TRIES_MAX = 3;

/** Records the plan of a run, with its complete goals as cached. A plan that was recorded before keeps its states. */
export async function recordPlan(
  database: Database,
  run: Omit<RunPlan, 'complete'>,
  services: Omit<KnownResultsOptions, 'planned'>,
): Promise<RecordedPlan> {
  for (let tries = 1; !run.isLeft && tries <= TRIES_MAX; tries++) {
    const known = await findKnownResults(database, { ...services, planned: run.planned });
    try {
      return { known, open: await planRun(database, { ...run, complete: known.complete }) };
    } catch (error) {
      if (!(error instanceof ResultRemoved)) throw error;
    }
  }
  const nothing: KnownResults = { complete: new Map(), fresh: new Set() };
  return { known: nothing, open: await planRun(database, { ...run, complete: nothing.complete }) };
}
