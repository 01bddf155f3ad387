import { randomUUID } from 'node:crypto';
import { type EngineEffects, raceAbort, realEffects, Timers } from './define/effects.ts';
import { EngineError } from './define/errors.ts';
import { withGoalsPipeline } from './define/goals-pipeline.ts';
import { assertRunsOnSchedule, type Pipeline, type Plan, parsePipelineParams } from './define/pipeline.ts';
import { createRegistry } from './define/registry.ts';
import { RUN_LIMITS_DEFAULT } from './define/run-limits.ts';
import type { StartedRun, StartRequest } from './define/start-request.ts';
import type { RunState } from './define/states.ts';
import { Dispatcher } from './drive/dispatch.ts';
import { InFlight } from './drive/in-flight.ts';
import { createLedger } from './drive/ledger.ts';
import { LiveLogs } from './drive/live-logs.ts';
import type { RunServices } from './drive/live-run.ts';
import { OwnedRuns } from './drive/owned-runs.ts';
import { RunLifecycle } from './drive/run-lifecycle.ts';
import { SUSPENDED_MAX_DEFAULT, SuspensionBound } from './drive/slots.ts';
import { WaitGraph } from './drive/wait-graph.ts';
import type { Engine, EngineOptions } from './engine.ts';
import { assertSinksKnown, createSinks } from './execute/sinks.ts';
import { removeLeasesOfOthers, renewLeases } from './records/pools.ts';
import { createRetry } from './records/retry-runs.ts';
import { isRunDriven } from './records/run-leases.ts';
import { createUses } from './records/staleness.ts';
import { expireClaimsOfOthers, renewClaims } from './records/start-attempts.ts';
import { cancelRun, createRun, readRunState } from './records/write-runs.ts';
import { createCompleteness } from './resolve/completeness.ts';
import { createSources } from './resolve/run-listings.ts';
import { createFollower, type Follower } from './schedule/follow.ts';
import { noticeMissing } from './upkeep/incidents.ts';

export const LEASE_MS_DEFAULT = 15_000;
/** How many times a claim is renewed before its lease would expire. */
const HEARTBEATS_PER_LEASE = 3;
/** How often the state of a run that another process drives is read. */
const ELSEWHERE_POLL_MS = 500;
const GRACE_MS_DEFAULT = 10_000;

/** Builds the engine of this process; nothing runs before `start`, `recover` or `follow`. */
export function createEngine(options: EngineOptions): Engine {
  return new EngineOfProcess(options);
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
  readonly #lifecycle: RunLifecycle;
  /** From the first `recover` on. */
  #isRecovering = false;
  #isClosed = false;
  #closing: Promise<void> | undefined;
  /** Aborted when runs have had their time to end. */
  readonly #graceIsOver = new AbortController();

  constructor(options: EngineOptions) {
    const { database, artifacts, executor, tasks, sinks, fingerprints, leaseMs = LEASE_MS_DEFAULT } = options;
    assertSinksKnown(tasks, sinks);
    this.#options = options;
    const given: EngineEffects = { ...realEffects, ...options.effects };
    const timers = new Timers(given);
    // All timers of the engine come from here, so that none outlives it.
    const effects: EngineEffects = { ...given, after: (delayMs, callback) => timers.after(delayMs, callback) };
    this.#timers = timers;
    this.#effects = effects;
    this.#runs = new OwnedRuns({ database, effects, owner: { owner: this.#owner, leaseMs } });
    const registry = createRegistry(tasks, fingerprints === undefined ? {} : { fingerprints });
    this.#pipelines = new Map(withGoalsPipeline(options.pipelines, registry).map((each) => [each.name, each]));
    const recordUses = createUses(registry);
    const attemptServices = {
      ...{ executor, effects, registry },
      ledger: createLedger(database, {
        ...{ owner: this.#owner, leaseMs, timers, recordUses, executor: executor.name, outbox: executor.outbox },
      }),
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
    this.#lifecycle = new RunLifecycle({
      ...{ services: this.#services, runs: this.#runs, pipelines: this.#pipelines },
      ...{ timers, runsFolder: options.runsFolder },
      isClosed: () => this.#isClosed,
      onEnded: (pipeline) => this.#schedules.look(pipeline),
    });
    this.#schedules = createFollower({
      ...{ database, effects },
      launch: async ({ id, pipeline: name, interval }) => {
        const pipeline = this.#pipeline(name);
        const request = { params: {} };
        return this.#lifecycle.launch({ id, pipeline, trigger: 'schedule', at: interval.to, interval, request });
      },
      cancel: (runId, reason) => this.cancel(runId, reason),
      isSettling: (pipeline) => this.#lifecycle.isBusy(pipeline),
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
    return this.#lifecycle.launch({ id, pipeline, trigger, at, interval, request: asked });
  }

  async retry(runId: string): Promise<StartedRun> {
    this.#assertOpen();
    const pipelineOf = (name: string): Pipeline => this.#pipeline(name);
    const retry = await createRetry(this.#options.database, { runId, pipelineOf });
    const { id, params, goals, interval, request } = retry;
    const plan: Plan | undefined = goals === null ? undefined : { kind: 'run', goals, params };
    const at = interval?.to ?? this.#effects.now();
    const pipeline = pipelineOf(retry.pipeline);
    return this.#lifecycle.launch({
      id,
      pipeline,
      trigger: 'retry',
      at,
      interval: interval ?? undefined,
      request,
      plan,
    });
  }

  async finished(runId: string): Promise<RunState> {
    const { database } = this.#options;
    for (;;) {
      const finishing = this.#runs.finished(runId);
      if (finishing !== undefined) return finishing;
      const run = await readRunState(database, runId);
      if (run === undefined) throw new EngineError('run_unknown', `There is no run ${runId}.`);
      if (run.state !== 'queued' && run.state !== 'running') return run.state;
      if (this.#isClosed) break;
      // A run that nobody drives is taken over at the next heartbeat, also when a dying process still held its row.
      if (!this.#isRecovering && !(await isRunDriven(database, runId))) break;
      await this.#timers.pause(ELSEWHERE_POLL_MS);
      this.#assertOpen();
    }
    throw new EngineError(
      'run_lost',
      `Run ${runId} has not ended, and no process drives it. Call recover() to resume it.`,
    );
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
    await this.#lifecycle.takeOver();
  }

  follow(schedules: Parameters<Engine['follow']>[0]): void {
    this.#assertOpen();
    for (const schedule of schedules) assertRunsOnSchedule(this.#pipeline(schedule.pipeline));
    this.#schedules.follow(schedules);
  }

  unfollow(): Promise<void> {
    return this.#schedules.unfollow();
  }

  slots(): ReturnType<Engine['slots']> {
    return this.#services.dispatcher.slots();
  }

  nextRuns(): ReturnType<Engine['nextRuns']> {
    return this.#schedules.nextRuns();
  }

  async close(graceMs: number = GRACE_MS_DEFAULT): Promise<void> {
    this.#closing ??= this.#endWork();
    const cancel = this.#effects.after(graceMs, () => this.#graceIsOver.abort());
    await this.#closing;
    cancel();
  }

  async #endWork(): Promise<void> {
    this.#isClosed = true;
    await this.#schedules.close();
    await raceAbort(Promise.allSettled(this.#runs.all()), this.#graceIsOver.signal);
    const closing = new EngineError('engine_closed', 'The engine of this process was closed.');
    await this.#runs.release(closing);
    await this.#services.dispatcher.close(closing.message);
    this.#services.waits.close();
    this.#timers.close();
  }

  #assertOpen(): void {
    if (this.#isClosed) throw new EngineError('engine_closed', 'This engine is closed.');
  }

  #pipeline(name: string): Pipeline {
    const pipeline = this.#pipelines.get(name);
    if (pipeline === undefined)
      throw new EngineError(
        'pipeline_unknown',
        `No pipeline is named ${JSON.stringify(name)}. There are: ${[...this.#pipelines.keys()].sort().join(', ') || 'none'}.`,
      );
    return pipeline;
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

  /** Renews the leases of this process, and recovers what dead processes left. */
  async #renew(leaseMs: number): Promise<void> {
    const { database } = this.#options;
    const { dispatcher, inFlight } = this.#services;
    const claims = inFlight.claims();
    if (claims.length > 0) await renewClaims(database, claims, leaseMs);
    const leases = dispatcher.leases();
    if (leases.length > 0) await renewLeases(database, leases, leaseMs);
    await this.#runs.renew();
    if (this.#isRecovering && !this.#isClosed) await this.#lifecycle.takeOver([...this.#pipelines.keys()]);
  }
}
