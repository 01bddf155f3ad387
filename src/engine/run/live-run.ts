import type { Database } from '#store';
import { type Artifacts, digestsOf, type InputRecord, type TraceRecord } from '../artifact.ts';
import type { Completeness, StoredManifest } from '../completeness.ts';
import type { NeedAnswer } from '../executors/executor.ts';
import type { Goal } from '../goal.ts';
import { describeGoal, type PlannedGoal, planGoals } from '../graph.ts';
import { endRun, insertTaskRuns, type LeftTaskRun } from '../history/write-runs.ts';
import { makeKey, significantParams } from '../key.ts';
import type { RetryClass } from '../task.ts';
import type { Begun, Dispatcher } from './dispatch.ts';
import { AbortReason, type AttemptRequest, type AttemptResult, type AttemptServices } from './drive-attempt.ts';
import { type Command, type NewNode, type Node, type RunEvent, RunMachine } from './machine.ts';
import type { Rank } from './ready-queue.ts';
import type { Seat } from './seat.ts';
import type { RunState } from './states.ts';

export interface RunServices extends AttemptServices {
  readonly database: Database;
  readonly completeness: Completeness;
  readonly dispatcher: Dispatcher;
}

export interface LiveRunOptions {
  readonly id: string;
  readonly planned: readonly PlannedGoal[];
  readonly asked: readonly string[];
  /** How far each task run had come before a crash. */
  readonly left?: readonly LeftTaskRun[];
}

/** What the driver knows of a goal beside the machine's node. */
interface Detail {
  readonly planned: PlannedGoal;
  readonly node: () => Node;
  attempts: number;
  key?: string;
  seenToken: string;
  outputs?: Artifacts;
  rank?: Rank;
  controller?: AbortController;
}

const BACKOFF_MS = 500;
const BACKOFF_MS_MAX = 60_000;
/** How long until a claim held by another process is asked for again. */
const CLAIM_POLL_MS = 500;
const NOT_BEGUN: ReadonlySet<AttemptResult['kind']> = new Set(['held', 'changed', 'full']);

/** Performs the commands of one run's machine and tells it what happened. */
export class LiveRun {
  readonly id: string;
  /** Resolves when the run has ended and that is recorded; rejects when this process had to let go of it. */
  readonly ended: Promise<RunState>;
  readonly #machine = new RunMachine();
  readonly #services: RunServices;
  readonly #details = new Map<string, Detail>();
  readonly #writes = new Set<Promise<unknown>>();
  readonly #answers = new Map<string, ((answer: NeedAnswer) => void)[]>();
  readonly #events: RunEvent[] = [];
  #isApplying = false;
  #isLetGo = false;
  #resolve: (state: RunState) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;

  constructor(services: RunServices, options: LiveRunOptions) {
    this.id = options.id;
    this.#services = services;
    this.ended = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // Whoever waits hears of it; nobody has to.
    this.ended.catch(() => undefined);
    const left = new Map((options.left ?? []).map((taskRun) => [taskRun.goal, taskRun]));
    const nodes = options.planned.map((planned) => this.#describe(planned, left.get(planned.id)));
    this.#apply({ kind: 'add', nodes, asked: options.asked });
  }

  cancel(reason: string): void {
    this.#apply({ kind: 'cancel', reason });
  }

  /** Aborts what runs and leaves the run as it is in the database, for the next process to take up. */
  async letGo(reason: Error): Promise<void> {
    if (!this.#isLetGo) {
      this.#isLetGo = true;
      for (const { controller } of this.#details.values()) controller?.abort(new AbortReason('close', reason.message));
      this.#reject(reason);
      const answer = { kind: 'refused', reason: reason.message, isError: true } as const;
      for (const resolvers of this.#answers.values()) for (const resolve of resolvers) resolve(answer);
    }
    while (this.#writes.size > 0) await Promise.allSettled(this.#writes);
  }

  #describe(planned: PlannedGoal, left?: LeftTaskRun): NewNode {
    const { id, goal, needs } = planned;
    const node = (): Node => this.#machine.nodes.get(id) as Node; // Every described goal is added at once.
    this.#details.set(id, { planned, node, attempts: left?.attempts ?? 0, seenToken: '0' });
    const { attemptsMax } = this.#services.registry.task(goal.task);
    const base = { id, label: describeGoal(goal), needs, attemptsMax };
    if (left === undefined) return base;
    const { state, failures, losses } = left;
    if (state === 'failed' || state === 'cancelled' || state === 'skipped')
      return { ...base, ended: { state, reason: left.reason ?? '' } };
    return { ...base, failures, losses };
  }

  /** Events that commands cause while they are performed wait their turn. */
  #apply(event: RunEvent): void {
    this.#events.push(event);
    if (this.#isApplying || this.#isLetGo) return;
    this.#isApplying = true;
    for (let next = this.#events.shift(); next !== undefined; next = this.#events.shift())
      for (const command of this.#machine.apply(next)) this.#perform(command);
    this.#isApplying = false;
  }

  #perform(command: Command): void {
    switch (command.kind) {
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
        const { id: goal, state, reason } = command;
        this.#watch(this.#services.ledger.end({ runId: this.id, goal, state, reason, key: this.#detail(goal).key }));
        return;
      }
      case 'answer':
        this.#answer(command, this.#answerOf(this.#detail(command.id)));
        return;
      case 'refuse': {
        const reason = `Goals need one another in a circle: ${command.circle.join(' → ')}.`;
        this.#answer(command, { kind: 'refused', reason, isError: true });
        return;
      }
      case 'finished':
        this.#finish(command.state, command.reason).catch((error: unknown) => this.#fail(error));
    }
  }

  #detail(id: string): Detail {
    const detail = this.#details.get(id);
    if (detail === undefined) throw new Error(`Run ${this.id} has no goal ${id}.`);
    return detail;
  }

  /** Work that the run's end waits for; when it throws, this process cannot drive the run any further. */
  #watch(work: Promise<unknown>): void {
    this.#writes.add(work);
    work.catch((error: unknown) => this.#fail(error)).finally(() => this.#writes.delete(work));
  }

  #fail(error: unknown): void {
    if (this.#isLetGo) return;
    this.#services.effects.warn(`Run ${this.id} stopped; it goes on when the engine recovers`, error);
    void this.letGo(new Error(`Run ${this.id} stopped: ${String(error)}`, { cause: error }));
  }

  #wakeAfter(id: string, delayMs: number): void {
    this.#services.effects.after(delayMs, () => this.#apply({ kind: 'wake', id }));
  }

  async #resolveGoal(detail: Detail): Promise<void> {
    const { goal, inputs, id } = detail.planned;
    const { registry, ledger } = this.#services;
    const task = registry.task(goal.task);
    detail.key = makeKey({
      task: goal.task,
      code: registry.code(goal.task),
      params: significantParams(goal.params, task.insignificant),
      inputs: Object.fromEntries(
        Object.entries(inputs).map(([name, from]) => [name, digestsOf(this.#detail(from).outputs ?? {})]),
      ),
    });
    const manifests = await ledger.find(detail.key);
    detail.seenToken = manifests[0]?.token ?? '0';
    for (const manifest of manifests) {
      if ((await this.#services.completeness.missingOutput(manifest)) !== undefined) continue;
      if (!(await this.#isTraceValid(detail, manifest))) continue;
      detail.outputs = manifest.outputs;
      this.#apply({ kind: 'resolved', id, isComplete: true });
      return;
    }
    this.#apply({ kind: 'resolved', id, isComplete: false });
  }

  /** Asks again, in order, for what the result needed at runtime; the first answer that differs ends it. */
  async #isTraceValid(detail: Detail, manifest: StoredManifest): Promise<boolean> {
    for (const needed of manifest.trace) {
      const { record } = await this.#need(detail, { task: needed.task, params: needed.params });
      if (record === undefined || !isSameRecord(record.digests, needed.digests)) return false;
    }
    return true;
  }

  #enqueue(detail: Detail): void {
    const { dispatcher, registry } = this.#services;
    const { goal } = detail.planned;
    const task = registry.task(goal.task);
    detail.rank ??= dispatcher.rank(task.priority?.(goal.params));
    dispatcher.enqueue({ task, rank: detail.rank, begin: (seat) => this.#begin(detail, seat) });
  }

  #begin(detail: Detail, seat: Seat): Begun | undefined {
    const { planned, key } = detail;
    // Cancelled while it waited for the slot.
    if (this.#isLetGo || detail.node().phase !== 'ready' || key === undefined) return undefined;
    this.#apply({ kind: 'dispatched', id: planned.id });
    const controller = new AbortController();
    detail.controller = controller;
    return {
      request: this.#request(detail, { key, controller, seat }),
      settle: (result) => this.#watch(this.#settle(detail, result)),
    };
  }

  async #settle(detail: Detail, ending: Promise<AttemptResult>): Promise<void> {
    try {
      this.#conclude(detail, await ending);
    } finally {
      delete detail.controller;
    }
  }

  #request(
    detail: Detail,
    attempt: { readonly key: string; readonly controller: AbortController; readonly seat: Seat },
  ): AttemptRequest {
    const { goal, id, inputs } = detail.planned;
    const artifacts: Record<string, Artifacts> = {};
    const records: Record<string, InputRecord> = {};
    for (const [name, from] of Object.entries(inputs)) {
      artifacts[name] = this.#detail(from).outputs ?? {};
      records[name] = this.#recordOf(this.#detail(from));
    }
    const node = detail.node();
    const { key, controller, seat } = attempt;
    return {
      ...{ runId: this.id, id, goal, key, controller, number: detail.attempts + 1, seenToken: detail.seenToken },
      ...{ inputs: records, inputArtifacts: artifacts },
      isRetried: (retryClass: RetryClass) => retryClass === 'infrastructure' && node.failures + 1 < node.attemptsMax,
      need: async (needed: Goal) => {
        seat.leave();
        try {
          return await this.#need(detail, needed);
        } finally {
          await seat.comeBack();
        }
      },
    };
  }

  #conclude(detail: Detail, result: AttemptResult): void {
    const { id } = detail.planned;
    if (!NOT_BEGUN.has(result.kind)) detail.attempts++;
    switch (result.kind) {
      case 'held':
        this.#apply({ kind: 'held', id });
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
      case 'succeeded':
        detail.outputs = result.outputs;
        this.#apply({ kind: 'succeeded', id });
        return;
      case 'lost':
        this.#apply({ kind: 'lost', id });
        return;
      case 'skipped':
      case 'aborted':
        this.#apply({ kind: result.kind, id, reason: result.reason });
        return;
      case 'failed':
        this.#apply({ kind: 'failed', id, class: result.class, reason: result.reason });
    }
  }

  #recordOf(detail: Detail): InputRecord {
    return { task: detail.planned.goal.task, key: detail.key ?? '', digests: digestsOf(detail.outputs ?? {}) };
  }

  async #need(
    by: Detail,
    goal: Goal,
  ): Promise<{ readonly answer: NeedAnswer; readonly record: TraceRecord | undefined }> {
    const refuse = (reason: string) => ({
      answer: { kind: 'refused', reason, isError: true } as const,
      record: undefined,
    });
    let plan: ReturnType<typeof planGoals>;
    try {
      plan = planGoals([goal], { registry: this.#services.registry, isKnown: (id) => this.#details.has(id) });
    } catch (error) {
      return refuse(error instanceof Error ? error.message : String(error));
    }
    const [id] = plan.asked;
    if (this.#isLetGo || id === undefined) return refuse(`Run ${this.id} has stopped.`);
    await this.#addPlanned(plan.planned);
    const answer = await new Promise<NeedAnswer>((resolve) => {
      const waiting = `${by.planned.id} ${id}`;
      this.#answers.set(waiting, [...(this.#answers.get(waiting) ?? []), resolve]);
      this.#apply({ kind: 'needed', id, by: by.planned.id });
    });
    if (answer.kind !== 'complete') return { answer, record: undefined };
    return { answer, record: { ...this.#recordOf(this.#detail(id)), params: this.#detail(id).planned.goal.params } };
  }

  async #addPlanned(planned: readonly PlannedGoal[]): Promise<void> {
    if (planned.length === 0) return;
    await insertTaskRuns(this.#services.database, { runId: this.id, planned });
    const fresh = planned.filter(({ id }) => !this.#details.has(id));
    this.#apply({ kind: 'add', nodes: fresh.map((goal) => this.#describe(goal)), asked: [] });
  }

  #answer(command: { readonly id: string; readonly by: string }, answer: NeedAnswer): void {
    const waiting = `${command.by} ${command.id}`;
    const resolvers = this.#answers.get(waiting) ?? [];
    this.#answers.delete(waiting);
    for (const resolve of resolvers) resolve(answer);
  }

  #answerOf(detail: Detail): NeedAnswer {
    const { state, label, reason } = detail.node();
    if (state === 'succeeded' || state === 'cached') return { kind: 'complete', artifacts: detail.outputs ?? {} };
    const ended = state === 'cancelled' ? 'was cancelled' : state === 'skipped' ? 'was skipped' : 'failed';
    return { kind: 'refused', reason: `${label}, which it needs, ${ended}: ${reason ?? ''}`, isError: false };
  }

  async #finish(state: RunState, reason: string | undefined): Promise<void> {
    while (this.#writes.size > 0) await Promise.allSettled(this.#writes);
    if (this.#isLetGo) return;
    await endRun(this.#services.database, { id: this.id, state, reason });
    this.#resolve(state);
  }
}

const isSameRecord = (a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean => {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
};
