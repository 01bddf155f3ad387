import { type Database, presentTrace } from '#store';
import { bytesOf } from '../define/artifact.ts';
import { Timers } from '../define/effects.ts';
import { EngineError } from '../define/errors.ts';
import { reasonOf } from '../define/failure.ts';
import type { PlannedGoal } from '../define/planned-goal.ts';
import type { RunState } from '../define/states.ts';
import type { Task } from '../define/task.ts';
import { messageOf } from '../define/thrown.ts';
import { endForgottenTaskRuns } from '../records/run-leases.ts';
import { endRun, type LeftTaskRun } from '../records/write-runs.ts';
import type { Completeness } from '../resolve/completeness.ts';
import { findAnswer } from '../resolve/find-answer.ts';
import type { Forced } from '../resolve/forced.ts';
import type { KnownResults } from '../resolve/known-results.ts';
import type { RunListings, Sources } from '../resolve/run-listings.ts';
import { type Suspects, suspectsOf } from './batch-queue.ts';
import { Detail, keyOf, presentInputs, toAttemptRequest } from './detail.ts';
import type { Begun, Dispatcher } from './dispatch.ts';
import { AbortReason, type AttemptRequest, type AttemptResult, type AttemptServices } from './drive-attempt.ts';
import { type Command, type RunEvent, RunMachine } from './machine.ts';
import { type NeedServices, Needs } from './needs.ts';
import type { NewNode } from './node.ts';
import type { Rank } from './pool-gate.ts';
import { prioritiesOf } from './priorities.ts';
import { type SlotLease, Suspension, type SuspensionBound } from './slots.ts';

export interface RunServices extends AttemptServices, NeedServices {
  readonly database: Database;
  /** The owner name of this process in leases. */
  readonly owner: string;
  readonly completeness: Completeness;
  readonly dispatcher: Dispatcher;
  readonly suspensions: SuspensionBound;
  /** Absent when no task reads a source. */
  readonly sources?: Sources | undefined;
}

export interface LiveRunOptions {
  readonly id: string;
  /** The name of its pipeline. */
  readonly pipeline: string;
  readonly planned: readonly PlannedGoal[];
  readonly asked: readonly string[];
  /** How far each task run had come before a crash. */
  readonly left?: readonly LeftTaskRun[];
  readonly known: KnownResults;
  readonly forced: Forced;
  /** Whether its goals start after all others of their priority. */
  readonly isBackfill?: boolean;
  /** Why it was cancelled before it was started. */
  readonly cancelReason?: string | undefined;
}

const BACKOFF_MS = 500;
const BACKOFF_MS_MAX = 60_000;
/** How long until a claim held by another process is requested again. */
const CLAIM_POLL_MS = 500;
const CACHED = { state: 'cached' } as const;
const NEVER_TRIED = { failures: 0, losses: 0 };
const NOT_BEGUN: ReadonlySet<AttemptResult['kind']> = new Set(['held', 'changed', 'full', 'disowned']);

/** Performs the commands of one run's machine and reports back what happened. */
export class LiveRun {
  readonly id: string;
  /** Resolves when the run has ended and that is recorded; rejects when this process had to give it up. */
  readonly ended: Promise<RunState>;
  readonly #machine = new RunMachine();
  readonly #pipeline: string;
  readonly #services: RunServices;
  readonly #trace = presentTrace();
  readonly #listings: RunListings | undefined;
  readonly #details = new Map<string, Detail>();
  readonly #detailOf = (id: string): Detail => this.#detail(id);
  readonly #writes = new Set<Promise<unknown>>();
  readonly #left: ReadonlyMap<string, LeftTaskRun>;
  readonly #suspects: ReadonlyMap<string, Suspects>;
  readonly #priorities: ReadonlyMap<string, number>;
  readonly #isBackfill: boolean;
  readonly #known: KnownResults;
  readonly #forced: Forced;
  readonly #needs: Needs;
  /** Timers that wake its goals. */
  readonly #timers: Timers;
  readonly #events: RunEvent[] = [];
  /** Goals that are computed again because their bytes were damaged. */
  readonly #remade = new Set<string>();
  #isApplying = false;
  #isReleased = false;
  #resolve: (state: RunState) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;

  constructor(services: RunServices, options: LiveRunOptions) {
    this.id = options.id;
    this.#pipeline = options.pipeline;
    this.#services = services;
    this.#known = options.known;
    this.#forced = options.forced;
    this.#timers = new Timers(services.effects);
    this.ended = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // A caller that waits gets the error; nobody has to wait.
    this.ended.catch(() => undefined);
    this.#listings = services.sources?.listingsOf(options.id, options.planned);
    this.#left = new Map((options.left ?? []).map((taskRun) => [taskRun.goal, taskRun]));
    this.#suspects = suspectsOf(options.left ?? []);
    this.#priorities = prioritiesOf(options.planned, services.registry);
    this.#isBackfill = options.isBackfill === true;
    this.#needs = new Needs(
      {
        ...{ id: this.id, machine: this.#machine, details: this.#details },
        isReleased: () => this.#isReleased,
        grow: (planned, foundBy) => this.#add(planned, foundBy),
        apply: (event) => this.#apply(event),
      },
      services,
    );
    const nodes = options.planned.map((planned) => this.#describe(planned));
    this.#apply({ kind: 'add', nodes, asked: options.asked, cancelReason: options.cancelReason });
  }

  cancel(reason: string): void {
    this.#apply({ kind: 'cancel', reason });
  }

  /** Aborts what runs and leaves the run as it is in the database, for another process to recover. */
  async release(reason: Error): Promise<void> {
    if (!this.#isReleased) {
      this.#isReleased = true;
      this.#timers.close();
      for (const { controller } of this.#details.values()) controller?.abort(new AbortReason('close', reason.message));
      this.#reject(reason);
      this.#needs.close(reason.message);
    }
    while (this.#writes.size > 0) await Promise.allSettled(this.#writes);
  }

  #add(planned: readonly PlannedGoal[], foundBy: Detail): void {
    if (planned.length === 0) return;
    const foundDepth = (foundBy.foundDepth ?? 0) + 1;
    const nodes = planned.map((goal) => {
      const node = this.#describe(goal);
      Object.assign(this.#detail(goal.id), { foundBy, foundDepth });
      return node;
    });
    this.#apply({ kind: 'add', nodes, asked: [] });
  }

  #describe(planned: PlannedGoal): NewNode {
    const { id, goal, needs } = planned;
    const left = this.#left.get(id);
    const known = this.#known.complete.get(id);
    const detail = new Detail(planned, this.#machine.nodes);
    if (known !== undefined) {
      detail.key = known.key;
      detail.outputs = known.outputs;
      detail.version = known.version;
    }
    if (left !== undefined) {
      detail.attempts = left.attempts;
      detail.suspects = this.#suspects.get(id);
    }
    this.#details.set(id, detail);
    const { attemptsMax, runsWhen, runtimeInputs } = this.#services.registry.task(goal.task);
    const isExpandable = runtimeInputs !== undefined;
    const ended = known === undefined ? maybeEnd(left) : CACHED;
    const { failures, losses } = left ?? NEVER_TRIED;
    return { id, goal, needs, attemptsMax, runsWhen, isExpandable, failures, losses, ended };
  }

  /** Events that commands cause while they are performed are queued. */
  #apply(event: RunEvent): void {
    this.#events.push(event);
    if (this.#isApplying || this.#isReleased) return;
    this.#isApplying = true;
    // Events added during the loop are handled too; removing the first of many thousands would move the others each
    // time.
    for (const next of this.#events) for (const command of this.#machine.apply(next)) this.#perform(command);
    this.#events.length = 0;
    this.#isApplying = false;
  }

  #perform(command: Command): void {
    switch (command.kind) {
      case 'expand':
        this.#watch(this.#needs.expand(this.#detail(command.id)));
        return;
      case 'resolve':
        this.#watch(this.#resolveGoal(this.#detail(command.id)));
        return;
      case 'execute':
        this.#enqueue(this.#detail(command.id));
        return;
      case 'abort':
        this.#detail(command.id).controller?.abort(new AbortReason('cancel', command.reason));
        return;
      case 'retry': {
        const delayMs = Math.min(BACKOFF_MS * 2 ** (command.failures - 1), BACKOFF_MS_MAX);
        this.#wakeAfter(command.id, delayMs * (0.5 + this.#services.effects.random() / 2));
        return;
      }
      case 'ended': {
        const { id: goal, state, reason, cause } = command;
        const detail = this.#detail(goal);
        this.#needs.freed(detail);
        const { key, version } = detail;
        this.#watch(this.#services.ledger.end({ runId: this.id, goal, state, reason, cause, key, version }));
        return;
      }
      case 'answer':
        this.#needs.answer(command);
        return;
      case 'suspend':
        this.#needs.suspend(this.#detail(command.by));
        return;
      case 'refuse':
        this.#needs.refuse(command);
        return;
      case 'finished':
        this.#finish(command.state, command.reason).catch((error: unknown) => this.#fail(error));
    }
  }

  #detail(id: string): Detail {
    const detail = this.#details.get(id);
    if (detail === undefined) throw new Error(`Run ${this.id} has no goal ${id}.`);
    return detail;
  }

  /** Work that the run's end waits for; when it throws, this process can no longer drive the run. */
  #watch(work: Promise<unknown>): void {
    this.#writes.add(work);
    work.catch((error: unknown) => this.#fail(error)).finally(() => this.#writes.delete(work));
  }

  #fail(error: unknown): void {
    if (this.#isReleased) return;
    this.#services.effects.warn(`Run ${this.id} stopped; it continues when the engine recovers`, error, {
      runId: this.id,
      pipeline: this.#pipeline,
    });
    void this.release(new Error(`Run ${this.id} stopped: ${messageOf(error)}`, { cause: error }));
  }

  #wakeAfter(id: string, delayMs: number): void {
    this.#timers.after(delayMs, () => this.#apply({ kind: 'wake', id }));
  }

  async #resolveGoal(detail: Detail): Promise<void> {
    const { goal, id } = detail.planned;
    const { registry, ledger } = this.#services;
    if (registry.task(goal.task).source !== undefined && !(await this.#addListing(detail))) return;
    detail.key = keyOf(detail, { registry, detailOf: this.#detailOf });
    const manifests = this.#known.fresh.delete(id) ? [] : await ledger.find(detail.key);
    detail.seenToken = manifests[0]?.token ?? '0';
    const answer = await findAnswer(manifests, {
      completeness: this.#services.completeness,
      allows: (token) => this.#forced.allows(id, token),
      needed: (needed) => this.#needs.standingOf(detail, needed),
    });
    if (answer.kind === 'found') {
      detail.outputs = answer.manifest.outputs;
      detail.version = answer.manifest.version;
    } else if (answer.difference !== undefined) detail.unanswered ??= answer.difference;
    this.#apply({ kind: 'resolved', id, isComplete: answer.kind === 'found' });
  }

  /** Adds the run's listing of a source to the goal; false when there is none, which is a failure. */
  async #addListing(detail: Detail): Promise<boolean> {
    const { id, goal } = detail.planned;
    const answer = await this.#listings?.answer(goal);
    if (answer?.kind === 'listed') detail.listed = answer.input;
    else if (answer !== undefined) this.#apply({ kind: 'failed', id, class: answer.class, reason: answer.reason });
    return answer?.kind === 'listed';
  }

  #enqueue(detail: Detail): void {
    const { dispatcher, registry } = this.#services;
    const { goal } = detail.planned;
    const task = registry.task(goal.task);
    const { suspects } = detail;
    let rank: Rank;
    try {
      rank = this.#rankOf(detail, task);
    } catch (error) {
      // The project's own code.
      const reason = `The priority of task ${task.name} could not be computed: ${reasonOf(error)}`;
      this.#apply({ kind: 'failed', id: detail.planned.id, class: 'user', reason });
      return;
    }
    const sizeBytes = (): number =>
      presentInputs(detail, this.#detailOf).reduce((sum, [, { outputs }]) => sum + bytesOf(outputs), 0);
    dispatcher.enqueue({ task, rank, suspects, sizeBytes, begin: (slot) => this.#begin(detail, slot) });
  }

  #rankOf(detail: Detail, task: Task): Rank {
    const { id, goal } = detail.planned;
    const priority = this.#priorities.get(id) ?? task.priority?.(goal.params);
    detail.rank ??= this.#services.dispatcher.rank({ priority, isBackfill: this.#isBackfill });
    return detail.rank;
  }

  #begin(detail: Detail, slot: SlotLease): Begun | undefined {
    const { planned, key } = detail;
    // Cancelled while it waited for the slot.
    if (this.#isReleased || detail.node().phase !== 'ready' || key === undefined) return undefined;
    this.#apply({ kind: 'dispatched', id: planned.id });
    const controller = new AbortController();
    detail.controller = controller;
    detail.suspension = new Suspension(slot, this.#services.suspensions);
    const need: AttemptRequest['need'] = (needed) => this.#needs.need(detail, needed);
    return {
      request: toAttemptRequest(detail, {
        ...{ runId: this.id, key, controller, need, detailOf: this.#detailOf, trace: this.#trace },
      }),
      settle: (result) => this.#watch(this.#settle(detail, result)),
    };
  }

  async #settle(detail: Detail, ending: Promise<AttemptResult>): Promise<void> {
    const result = await ending;
    detail.controller = undefined;
    const needs = this.#needs.attemptEnded(detail);
    if (needs.length > 0) {
      const by = { goal: detail.planned.id, needs };
      this.#watch(this.#services.ledger.grow({ runId: this.id, planned: [], by }));
    }
    this.#conclude(detail, result);
  }

  /** The new result may differ, so goals whose keys contain the old one and that wait for a slot are resolved again. */
  #lookAgain(remade: string): void {
    for (const [id, detail] of this.#details) {
      if (detail.node().phase !== 'ready' || !Object.values(detail.inputs).includes(remade)) continue;
      this.#apply({ kind: 'held', id });
      this.#apply({ kind: 'wake', id });
    }
  }

  #conclude(detail: Detail, result: AttemptResult): void {
    const { id } = detail.planned;
    if (!NOT_BEGUN.has(result.kind)) detail.attempts++;
    this.#report(detail, result.kind);
    if (result.kind !== 'held') this.#needs.freed(detail);
    switch (result.kind) {
      case 'held':
        this.#apply({ kind: 'held', id });
        this.#needs.held(detail);
        if (!this.#services.inFlight.whenLeft(detail.key ?? '', () => this.#apply({ kind: 'wake', id })))
          this.#wakeAfter(id, CLAIM_POLL_MS);
        return;
      case 'changed':
      case 'full':
        this.#apply({ kind: 'held', id });
        this.#apply({ kind: 'wake', id });
        return;
      case 'closed':
        return;
      case 'disowned':
        void this.release(
          new EngineError('run_lost', `Run ${this.id} was deleted while it ran, or another process has taken it over.`),
        );
        return;
      case 'succeeded':
        detail.outputs = result.outputs;
        if (this.#remade.delete(id)) this.#lookAgain(id);
        this.#apply({ kind: 'succeeded', id });
        return;
      case 'lost':
        detail.suspects = result.suspects;
        this.#apply({ kind: 'lost', id });
        return;
      case 'parked':
        this.#apply({ kind: 'parked', id });
        return;
      case 'skipped':
        this.#apply({ kind: 'skipped', id, reason: result.reason, cause: result.cause });
        return;
      case 'aborted':
        this.#apply({ kind: 'aborted', id, reason: result.reason });
        return;
      case 'spoiled':
        this.#remade.add(result.maker);
        this.#apply({ kind: 'spoiled', id, maker: result.maker, reason: result.reason });
        return;
      case 'failed':
        this.#apply({ kind: 'failed', id, class: result.class, reason: result.reason });
    }
  }

  /** What was found or skipped is no news. */
  #report({ planned: { goal }, attempts: attempt }: Detail, state: AttemptResult['kind']): void {
    if (state !== 'succeeded' && state !== 'failed') return;
    this.#services.effects.ended({ runId: this.id, pipeline: this.#pipeline, task: goal.task, attempt, state });
  }

  async #finish(state: RunState, reason: string | undefined): Promise<void> {
    this.#timers.close();
    while (this.#writes.size > 0) await Promise.allSettled(this.#writes);
    if (this.#isReleased) return;
    const { database, owner } = this.#services;
    if (this.#left.size > 0) await endForgottenTaskRuns(database, this.id, owner);
    await endRun(database, { id: this.id, state, reason, owner });
    this.#resolve(state);
  }
}

/** The state of a finished task run before a crash. */
function maybeEnd(left: LeftTaskRun | undefined): NewNode['ended'] {
  if (left === undefined) return undefined;
  const { state, reason, cause } = left;
  if (state !== 'failed' && state !== 'cancelled' && state !== 'skipped') return undefined;
  return { state, reason: reason ?? '', cause: cause ?? state };
}
