import { randomUUID } from 'node:crypto';
import type { EngineEffects } from './define/effects.ts';
import { realEffects } from './define/effects.ts';
import { EngineError } from './define/errors.ts';
import { classifyError, reasonOf } from './define/failure.ts';
import type { Goal, Params } from './define/goal.ts';
import { withGoalsPipeline } from './define/goals-pipeline.ts';
import { encodeCanonical } from './define/key.ts';
import type { Interval, Pipeline, Plan } from './define/pipeline.ts';
import { assertRunsByClock, parsePipelineParams } from './define/pipeline-params.ts';
import { createRegistry } from './define/registry.ts';
import { RUN_LIMITS_DEFAULT } from './define/run-limits.ts';
import type { RunRequest } from './define/run-request.ts';
import type { StartedRun, StartRequest } from './define/start-request.ts';
import type { RunState, Trigger } from './define/states.ts';
import { Timers } from './define/timers.ts';
import { Dispatcher } from './drive/dispatch.ts';
import { InFlight } from './drive/in-flight.ts';
import { createLedger } from './drive/ledger.ts';
import { LiveLogs } from './drive/live-logs.ts';
import { LiveRun, type LiveRunOptions, type RunServices } from './drive/live-run.ts';
import { OwnedRuns } from './drive/owned-runs.ts';
import { recordPlan } from './drive/record-plan.ts';
import { writeRunFolder } from './drive/run-folder.ts';
import { SUSPENDED_MAX_DEFAULT, SuspensionBound } from './drive/suspension.ts';
import { WaitGraph } from './drive/wait-graph.ts';
import type { Engine, EngineOptions } from './engine.ts';
import { assertSinksKnown, createSinks } from './execute/sinks.ts';
import { cancelRun } from './records/cancel-run.ts';
import { removeLeasesOfOthers, renewLeases } from './records/pools.ts';
import { createUses } from './records/record-uses.ts';
import { createRetry } from './records/retry-runs.ts';
import { isRunDriven, type LeftRun } from './records/run-leases.ts';
import { expireClaimsOfOthers, renewClaims } from './records/start-attempts.ts';
import { createRun, endRun, readRunState, settleRun, takeUpTaskRuns } from './records/write-runs.ts';
import { createCompleteness } from './resolve/completeness.ts';
import { Forced } from './resolve/forced.ts';
import { planGoals } from './resolve/graph.ts';
import { createSources } from './resolve/run-pins.ts';
import { createFollower, type Follower } from './schedule/follow.ts';
import { noticeMissing } from './upkeep/notice-missing.ts';

export const LEASE_MS_DEFAULT = 15_000;
/** A claim is renewed this many times before its lease could end. */
const HEARTBEATS_PER_LEASE = 3;
/** How often a run that another process drives is asked whether it has ended. */
const ELSEWHERE_POLL_MS = 500;
const SETTLE_TRIES_MAX = 5;
const SETTLE_PAUSE_MS = 500;
const GRACE_MS_DEFAULT = 10_000;

/** Builds the engine of this process; nothing runs before `start`, `recover` or `follow`. */
export function createEngine(options: EngineOptions): Engine {
  return new EngineOfProcess(options);
}

interface RunToPlan {
  readonly id: string;
  readonly pipeline: Pipeline;
  readonly trigger: Trigger;
  readonly at: Date;
  readonly interval?: Interval | undefined;
  readonly request: RunRequest;
  /** Drawn already: by the run that this one tries again. */
  readonly plan?: Plan | undefined;
}

interface RunToDrive extends Omit<LiveRunOptions, 'left' | 'known' | 'forced'> {
  readonly goals: readonly Goal[];
  readonly request: RunRequest;
  readonly params: Params;
  /** A former owner may have driven it. */
  readonly isLeft?: boolean;
}

class EngineOfProcess implements Engine {
  readonly #options: EngineOptions;
  readonly #owner = randomUUID();
  readonly #effects: EngineEffects;
  readonly #timers: Timers;
  readonly #services: RunServices;
  readonly #pipelines: ReadonlyMap<string, Pipeline>;
  readonly #schedules: Follower;
  readonly #runs: OwnedRuns;
  readonly #busyPipelines = new Map<string, number>();
  /** From the first `recover` on. */
  #isRecovering = false;
  #isClosed = false;

  constructor(options: EngineOptions) {
    const { database, artifacts, executor, tasks, sinks, fingerprints, leaseMs = LEASE_MS_DEFAULT } = options;
    assertSinksKnown(tasks, sinks);
    this.#options = options;
    const world: EngineEffects = { ...realEffects, ...options.effects };
    const timers = new Timers(world);
    // Every part of the engine takes its timers from here, so that none outlives it.
    const effects: EngineEffects = { ...world, after: (delayMs, callback) => timers.after(delayMs, callback) };
    this.#timers = timers;
    this.#effects = effects;
    this.#runs = new OwnedRuns({ database, effects, owner: { owner: this.#owner, leaseMs } });
    const registry = createRegistry(tasks, fingerprints === undefined ? {} : { fingerprints });
    this.#pipelines = new Map(withGoalsPipeline(options.pipelines, registry).map((each) => [each.name, each]));
    const recordUses = createUses(registry);
    const attemptServices = {
      ...{ executor, effects, registry },
      ledger: createLedger(database, { owner: this.#owner, leaseMs, executor: executor.name, timers, recordUses }),
      inFlight: new InFlight(),
      liveLogs: new LiveLogs(database, effects),
    };
    this.#services = {
      ...{ ...attemptServices, database, artifacts, owner: this.#owner },
      waits: new WaitGraph(database, effects),
      limits: { ...RUN_LIMITS_DEFAULT, ...options.limits },
      suspensions: new SuspensionBound(executor.suspendedMax ?? SUSPENDED_MAX_DEFAULT),
      sources: createSources({ ...attemptServices, database, artifacts }),
      completeness: noticeMissing(
        createCompleteness({ artifacts, sinks: createSinks(database, sinks), warn: effects.warn }),
        { database, artifacts, warn: effects.warn },
      ),
      dispatcher: new Dispatcher(attemptServices, { slots: executor.slots, pools: options.pools ?? {}, effects }),
    };
    this.#schedules = createFollower({
      ...{ database, effects },
      launch: async ({ id, pipeline: name, interval }) =>
        this.#launch({
          ...{
            id,
            pipeline: this.#pipeline(name),
            trigger: 'schedule',
            at: interval.to,
            interval,
            request: { params: {} },
          },
        }),
      cancel: (runId, reason) => this.cancel(runId, reason),
      isSettling: (pipeline) => (this.#busyPipelines.get(pipeline) ?? 0) > 0,
    });
    this.#beat(leaseMs);
  }

  async start(request: StartRequest): Promise<StartedRun> {
    this.#assertOpen();
    const pipeline = this.#pipeline(request.pipeline);
    parsePipelineParams(pipeline, request.params ?? {});
    const { id, isNew, state, reason, request: asked } = await createRun(this.#options.database, request);
    if (!isNew) return { runId: id, state, ...(reason === null ? {} : { reason }), isOther: true };
    const { trigger, scheduledFor, interval } = request;
    const at = scheduledFor ?? interval?.to ?? this.#effects.now();
    return this.#launch({ id, pipeline, trigger, at, interval, request: asked });
  }

  async retry(runId: string): Promise<StartedRun> {
    this.#assertOpen();
    const pipelineOf = (name: string): Pipeline => this.#pipeline(name);
    const retry = await createRetry(this.#options.database, { runId, pipelineOf });
    const { id, params, goals, interval, request } = retry;
    const plan: Plan | undefined = goals === null ? undefined : { kind: 'run', goals, params };
    const at = interval?.to ?? this.#effects.now();
    const pipeline = pipelineOf(retry.pipeline);
    return this.#launch({ id, pipeline, trigger: 'retry', at, interval: interval ?? undefined, request, plan });
  }

  async finished(runId: string): Promise<RunState> {
    const { database } = this.#options;
    for (;;) {
      const finishing = this.#runs.finished(runId);
      if (finishing !== undefined) return finishing;
      const run = await readRunState(database, runId);
      if (run === undefined) throw new EngineError(`There is no run ${runId}.`);
      if (run.state !== 'queued' && run.state !== 'running') return run.state;
      if (this.#isClosed || !(await isRunDriven(database, runId))) break;
      await this.#timers.pause(ELSEWHERE_POLL_MS);
      this.#assertOpen();
    }
    throw new EngineError(`Run ${runId} has not ended, and nobody drives it. Call recover() to take it up.`);
  }

  async cancel(runId: string, reason: string): Promise<void> {
    if (this.#runs.cancel(runId, reason)) return;
    await cancelRun(this.#options.database, { runId, reason });
  }

  async recover(): Promise<void> {
    this.#assertOpen();
    const { database, isSoleOwner } = this.#options;
    if (isSoleOwner === true) {
      await expireClaimsOfOthers(database, this.#owner);
      await removeLeasesOfOthers(database, this.#owner);
      await this.#runs.expireOthers();
    }
    this.#isRecovering = true;
    this.#runs.listen();
    await this.#takeOver();
  }

  follow(schedules: Parameters<Engine['follow']>[0]): void {
    this.#assertOpen();
    for (const schedule of schedules) assertRunsByClock(this.#pipeline(schedule.pipeline));
    this.#schedules.follow(schedules);
  }

  nextRuns(): ReturnType<Engine['nextRuns']> {
    return this.#schedules.nextRuns();
  }

  async close(graceMs: number = GRACE_MS_DEFAULT): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#schedules.close();
    const all = Promise.allSettled(this.#runs.all());
    let endGrace: () => void = () => undefined;
    const grace = new Promise<void>((resolve) => {
      endGrace = this.#effects.after(graceMs, resolve);
    });
    await Promise.race([all, grace]);
    endGrace();
    const closing = new EngineError('The engine of this process was closed.');
    await this.#runs.letGo(closing);
    await this.#services.dispatcher.close(closing.message);
    this.#services.waits.close();
    this.#timers.close();
  }

  #assertOpen(): void {
    if (this.#isClosed) throw new EngineError('This engine is closed.');
  }

  #pipeline(name: string): Pipeline {
    const pipeline = this.#pipelines.get(name);
    if (pipeline === undefined)
      throw new EngineError(
        `No pipeline is named ${JSON.stringify(name)}. There are: ${[...this.#pipelines.keys()].sort().join(', ') || 'none'}.`,
      );
    return pipeline;
  }

  /** Plans a recorded run and lets it live; what goes wrong in the plan is the run's failure. */
  async #launch(run: RunToPlan): Promise<StartedRun> {
    const launching = this.#plan(run);
    const finishing = launching.then(({ ended }) => ended).then((state) => this.#settle(run, state));
    this.#remember(run, finishing);
    return (await launching).started;
  }

  async #plan(run: RunToPlan): Promise<{ readonly started: StartedRun; readonly ended: Promise<RunState> }> {
    const { database } = this.#options;
    const { id, request } = run;
    const over = async (state: 'failed' | 'skipped', reason: string, params: Params = {}) => {
      await endRun(database, { id, state, reason, params, owner: this.#owner });
      return { started: { runId: id, state, reason }, ended: this.#stateOf(id) };
    };
    let plan: Plan;
    let graph: ReturnType<typeof planGoals>;
    try {
      plan = await drawPlan(run);
      encodeCanonical(plan.params, 'params of the plan');
      if (plan.kind === 'skip') return over('skipped', plan.reason, plan.params);
      graph = planGoals(plan.goals, this.#services);
    } catch (error) {
      return over('failed', `The run could not be planned: ${reasonOf(error)}`);
    }
    const goals: readonly Goal[] = plan.goals.map(({ task, params }) => ({ task, params }));
    const isBackfill = run.trigger === 'backfill';
    try {
      const { ended } = await this.#drive({ id, request, goals, params: plan.params, ...graph, isBackfill });
      return { started: { runId: id, state: 'running' }, ended };
    } catch (error) {
      // What the world refuses now it may take later; what is wrong with the plan stays wrong.
      if (classifyError(error) === 'infrastructure') throw error;
      return over('failed', `The run could not be begun: ${reasonOf(error)}`);
    }
  }

  /** Records the plan and lets the run live; one that somebody ended meanwhile stays as it is. */
  async #drive(run: RunToDrive): Promise<{ readonly ended: Promise<RunState> }> {
    const { database } = this.#options;
    const { isLeft = false, isBackfill = false, asked, request, ...plan } = run;
    const forced = new Forced(request, asked);
    const services = { ...this.#services, forced };
    const { open, known } = await recordPlan(database, { ...plan, isLeft, owner: this.#owner }, services);
    if (open === undefined) return { ended: this.#stateOf(run.id) };
    const left = isLeft ? await takeUpTaskRuns(database, run.id) : [];
    const cancelReason = this.#runs.cancelReasonOf(run.id) ?? open.cancelReason ?? undefined;
    const live = new LiveRun(this.#services, {
      ...{ id: run.id, planned: run.planned, asked, left, known, forced, isBackfill, cancelReason },
    });
    this.#runs.drive(live);
    return { ended: live.ended };
  }

  async #stateOf(runId: string): Promise<RunState> {
    const run = await readRunState(this.#options.database, runId);
    if (run === undefined) throw new EngineError(`Run ${runId} was deleted before it ran.`);
    return run.state;
  }

  #remember(run: Pick<RunToPlan, 'id' | 'pipeline' | 'trigger'>, finishing: Promise<RunState>): void {
    const { name } = run.pipeline;
    // Backfill goes on beside the clock, and holds up no tick.
    const weight = run.trigger === 'backfill' ? 0 : 1;
    this.#busyPipelines.set(name, (this.#busyPipelines.get(name) ?? 0) + weight);
    this.#runs.add(run.id, finishing);
    const forget = (): void => {
      this.#busyPipelines.set(name, (this.#busyPipelines.get(name) ?? weight) - weight);
      this.#schedules.look(name);
    };
    finishing.then(forget, forget);
  }

  /** Lets the pipeline tidy up; what it cannot now it can at the next `recover`. */
  async #settle(run: { readonly id: string; readonly pipeline: Pipeline }, state: RunState): Promise<RunState> {
    const { database } = this.#options;
    for (let tries = 1; ; tries++) {
      try {
        if (run.pipeline.settle !== undefined) {
          const [row] = await database.query<{ params: Params }>('select params from runs where id = $1', [run.id]);
          // Deleted: nobody knows what it had drawn.
          if (row === undefined) return state;
          await run.pipeline.settle({ id: run.id, state, params: row.params });
        }
        await this.#layOut(run.id);
        await settleRun(database, run.id);
        return state;
      } catch (error) {
        if (tries >= SETTLE_TRIES_MAX || this.#isClosed) {
          this.#effects.warn(`Run ${run.id} of ${run.pipeline.name} ended but could not be settled`, error);
          return state;
        }
        await this.#timers.pause(SETTLE_PAUSE_MS * 2 ** tries);
      }
    }
  }

  /** For people only: a run is settled whether or not its folder could be written. */
  async #layOut(runId: string): Promise<void> {
    const { database, artifacts, runsFolder } = this.#options;
    if (runsFolder === undefined) return;
    await writeRunFolder(runId, { database, artifacts, folder: runsFolder }).catch((error: unknown) =>
      this.#effects.warn(`The folder of run ${runId} could not be written`, error),
    );
  }

  /** Those of other pipelines are left to whoever knows them, unless none are named. */
  async #takeOver(pipelines?: readonly string[]): Promise<void> {
    for (const left of await this.#runs.takeOver(pipelines)) {
      const pipeline = this.#pipelines.get(left.pipeline);
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
      await this.#launch(run);
    } else {
      const ended = await this.#resume({ ...left, goals: left.goals });
      this.#remember(
        run,
        ended().then((state) => this.#settle(run, state)),
      );
    }
  }

  /** Takes up a planned run and answers with how to wait for it. A task that is gone since makes the run fail with that reason. */
  async #resume(left: LeftRun & { readonly goals: readonly Goal[] }): Promise<() => Promise<RunState>> {
    const { id, goals, params, request } = left;
    const { database } = this.#options;
    const isBackfill = left.trigger === 'backfill';
    try {
      const graph = planGoals(left.goals, this.#services);
      const { ended } = await this.#drive({ id, request, goals, params, ...graph, isBackfill, isLeft: true });
      return () => ended;
    } catch (error) {
      if (classifyError(error) === 'infrastructure') throw error;
      const reason = `The run could not be resumed: ${reasonOf(error)}`;
      await endRun(database, { id: left.id, state: 'failed', reason });
      return () => Promise.resolve('failed');
    }
  }

  async #abandon(left: LeftRun): Promise<void> {
    const { database } = this.#options;
    const reason = `No pipeline is named ${left.pipeline} any more.`;
    await endRun(database, { id: left.id, state: 'failed', reason });
    await settleRun(database, left.id);
  }

  #beat(leaseMs: number): void {
    const again = (): void => {
      this.#effects.after(leaseMs / HEARTBEATS_PER_LEASE, () => void beat());
    };
    const beat = async (): Promise<void> => {
      try {
        await this.#renew(leaseMs);
      } catch (error) {
        this.#effects.warn('Leases could not be renewed; they may be lost', error);
      }
      again();
    };
    again();
  }

  /** Says that what this process works on is alive, and takes up what dead processes left. */
  async #renew(leaseMs: number): Promise<void> {
    const { database } = this.#options;
    const { dispatcher, inFlight } = this.#services;
    const claims = inFlight.claims();
    if (claims.length > 0) await renewClaims(database, claims, leaseMs);
    const leases = dispatcher.leases();
    if (leases.length > 0) await renewLeases(database, leases, leaseMs);
    await this.#runs.renew();
    if (this.#isRecovering && !this.#isClosed) await this.#takeOver([...this.#pipelines.keys()]);
  }
}

/** What is impure is fixed here, and never again: the run that tries another one again takes its plan as it was. */
async function drawPlan({ id, pipeline, trigger, at, interval, request, plan }: RunToPlan): Promise<Plan> {
  if (plan !== undefined) return plan;
  if (interval !== undefined && pipeline.planInterval !== undefined) return pipeline.planInterval(interval);
  const params = parsePipelineParams(pipeline, request.params);
  return pipeline.plan({ runId: id, params, trigger, at, interval });
}
