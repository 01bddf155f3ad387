import { type Cause, isWorst, type RunState, runStateOf, type TaskRunState } from '../define/states.ts';
import type { RetryClass } from '../define/task.ts';
import {
  addDependent,
  causeOf,
  createNode,
  describeCycle,
  labelOf,
  meetObstacle,
  type NewNode,
  type Node,
  type NodeEnd,
} from './node.ts';
import { findHeld, findPath, findSuspended } from './wait-graph.ts';

/**
 * The scheduler of one run: states, events, one transition function. It decides and has no effects; the driver performs
 * its commands and reports what happened.
 *
 * A task run is queued until its attempt starts. While queued it is `blocked` (a need has not ended), `expanding` (its
 * inputs are complete; the task computes which further goals it reads), `resolving` (the driver finds out whether it is
 * complete), `ready` (incomplete, waits for a slot), `waiting` (for another's claim, or for a backoff) or `parked` (its
 * attempt was ended because too many waited for needs; it starts again when what it needed has ended).
 *
 *   event \ phase   blocked    expanding           resolving            ready      running              waiting    parked
 *   expanded        –          blocked | resolving –                    –          –                    –          –
 *   resolved        –          –                   cached | ready       –          –                    –          –
 *   dispatched      –          –                   –                    running    –                    –          –
 *   held            –          –                   waiting              –          waiting              –          –
 *   wake            –          –                   –                    –          –                    resolving  –
 *   succeeded       –          –                   –                    –          succeeded            –          –
 *   failed          –          failed              failed               –          waiting | failed     –          –
 *   lost            –          –                   –                    –          resolving | failed   –          –
 *   parked          –          –                   –                    –          parked | resolving   –          –
 *   spoiled         –          –                   –                    –          blocked | failed     –          –
 *   skipped         –          –                   skipped              –          skipped              –          –
 *   aborted         –          –                   –                    –          cancelled            –          –
 *   cancel          cancelled  cancelled           cancelled            cancelled  (abort is commanded) cancelled  cancelled
 *   needs ended     resolving  –                   –                    –          (answered)           –          resolving
 *
 * `spoiled`: it read damaged bytes of a need. The need is resolved and computed again; only this task run waits for it.
 * For dependents and the run: the tables of `docs/states.md`. Work per event is proportional to what changed: a node
 * knows how many of its needs are open.
 */
export type RunEvent =
  /** When a reason to cancel is given, nothing of it starts. */
  | {
      readonly kind: 'add';
      readonly nodes: readonly NewNode[];
      readonly asked: readonly string[];
      readonly cancelReason?: string | undefined;
    }
  /** What it needs according to its inputs; those goals were added before. */
  | { readonly kind: 'expanded'; readonly id: string; readonly needs: readonly string[] }
  | { readonly kind: 'resolved'; readonly id: string; readonly isComplete: boolean }
  | { readonly kind: 'dispatched' | 'held' | 'wake' | 'succeeded' | 'lost' | 'parked'; readonly id: string }
  /** It read damaged bytes of `maker`, which has ended; they were removed. */
  | { readonly kind: 'spoiled'; readonly id: string; readonly maker: string; readonly reason: string }
  | { readonly kind: 'failed'; readonly id: string; readonly class: RetryClass; readonly reason: string }
  | { readonly kind: 'skipped'; readonly id: string; readonly reason: string; readonly cause?: Cause | undefined }
  | { readonly kind: 'aborted'; readonly id: string; readonly reason: string }
  | { readonly kind: 'needed'; readonly id: string; readonly by: string }
  /** Its needs form a cycle through other runs. */
  | { readonly kind: 'entangled'; readonly id: string; readonly cycle: readonly string[] }
  | { readonly kind: 'cancel'; readonly reason: string };

export type Command =
  | { readonly kind: 'expand' | 'resolve' | 'execute'; readonly id: string }
  | { readonly kind: 'abort'; readonly id: string; readonly reason: string }
  /** Wake it after a backoff. `failures` counts from 1. */
  | { readonly kind: 'retry'; readonly id: string; readonly failures: number }
  /** It ended, and no attempt of its own recorded the state. */
  | ({ readonly kind: 'ended'; readonly id: string } & NodeEnd)
  | { readonly kind: 'answer'; readonly id: string; readonly by: string }
  /** The need of `by` cannot be answered without further work: its slot should be released. */
  | { readonly kind: 'suspend'; readonly by: string }
  | { readonly kind: 'refuse'; readonly id: string; readonly by: string; readonly cycle: readonly string[] }
  | { readonly kind: 'finished'; readonly state: RunState; readonly reason: string | undefined };

/** How often an attempt may vanish (its process died, its claim was taken) before the task run counts as failed. */
export const LOSSES_MAX = 20;

export class RunMachine {
  readonly nodes = new Map<string, Node>();
  readonly #asked: string[] = [];
  readonly #counts: Record<TaskRunState, number> = {
    queued: 0,
    running: 0,
    succeeded: 0,
    cached: 0,
    failed: 0,
    cancelled: 0,
    skipped: 0,
  };
  #openCount = 0;
  #cancelReason: string | undefined;
  #isFinished = false;
  #commands: Command[] = [];

  /** The transition function. */
  apply(event: RunEvent): readonly Command[] {
    this.#commands = [];
    if (event.kind === 'add') {
      this.#cancelReason ??= event.cancelReason;
      this.#add(event.nodes, event.asked);
    } else if (event.kind === 'cancel') this.#cancel(event.reason);
    else if (event.kind === 'needed') this.#need(this.#node(event.id), this.#node(event.by));
    else this.#change(this.#node(event.id), event);
    if (this.#openCount === 0 && !this.#isFinished) this.#finish();
    return this.#commands;
  }

  /** This goal and its needs, as far as they wait for a claim of another run. */
  heldUnder(id: string): readonly string[] {
    return findHeld(this.nodes, [this.#node(id)]).map((node) => node.id);
  }

  /** Running attempts that wait for the goal, directly or through others. */
  suspendedFor(id: string): readonly string[] {
    return findSuspended(this.nodes, this.#node(id)).map((node) => node.id);
  }

  #node(id: string): Node {
    const node = this.nodes.get(id);
    if (node === undefined) throw new Error(`The run has no goal ${id}.`);
    return node;
  }

  #change(node: Node, event: Exclude<RunEvent, { readonly kind: 'add' | 'cancel' | 'needed' }>): void {
    // A cancelled node may still receive the end of an attempt that was running.
    if (node.phase === 'ended') return;
    switch (event.kind) {
      case 'expanded':
        this.#expand(node, event.needs);
        return;
      case 'resolved':
        if (event.isComplete) this.#end(node, { state: 'cached' });
        else this.#enter(node, 'ready');
        return;
      case 'dispatched':
        node.phase = 'running';
        node.state = 'running';
        return;
      case 'held':
        node.isHeld = true;
        this.#enter(node, 'waiting');
        return;
      case 'wake':
        if (node.phase === 'waiting') this.#enter(node, 'resolving');
        return;
      case 'succeeded':
        this.#end(node, { state: 'succeeded', isRecorded: true });
        return;
      case 'failed':
        this.#fail(node, event);
        return;
      case 'lost':
        node.losses++;
        if (node.losses < LOSSES_MAX) this.#enter(node, 'resolving');
        else this.#end(node, { state: 'failed', reason: `Its attempts vanished ${node.losses} times.` });
        return;
      case 'parked':
        this.#enter(node, isWaiting(node) ? 'parked' : 'resolving');
        return;
      case 'skipped': {
        const { reason, cause = 'skipped' } = event;
        this.#end(node, { state: 'skipped', reason, cause, isRecorded: node.phase === 'running' });
        return;
      }
      case 'aborted':
        this.#end(node, { state: 'cancelled', reason: event.reason, isRecorded: true });
        return;
      case 'spoiled':
        this.#remake(node, event);
        return;
      case 'entangled':
        this.#entangle(node, event.cycle);
        return;
    }
  }

  #enter(node: Node, phase: 'expanding' | 'resolving' | 'ready' | 'waiting' | 'parked'): void {
    if (phase !== 'parked') this.#forgetWaits(node);
    if (phase !== 'waiting') node.isHeld = false;
    node.phase = phase;
    node.state = 'queued';
    if (this.#cancelReason !== undefined) {
      this.#end(node, { state: 'cancelled', reason: this.#cancelReason });
      return;
    }
    if (phase === 'expanding') this.#commands.push({ kind: 'expand', id: node.id });
    else if (phase === 'resolving') this.#commands.push({ kind: 'resolve', id: node.id });
    else if (phase === 'ready') this.#commands.push({ kind: 'execute', id: node.id });
    if (phase !== 'resolving') this.#suspendWaiters(node);
  }

  /** All its needs have ended and none keeps it from running. */
  #unblock(node: Node): void {
    this.#enter(node, node.isExpandable ? 'expanding' : 'resolving');
  }

  #expand(node: Node, found: readonly string[]): void {
    if (node.phase !== 'expanding') return;
    node.isExpandable = false;
    const needs = [...new Set(found)].filter((id) => !node.needs.includes(id)).map((id) => this.#node(id));
    const cycle = findPath(this.nodes, { from: needs.filter((need) => need.phase !== 'ended'), to: node });
    if (cycle !== undefined) {
      this.#end(node, { state: 'failed', reason: describeCycle([labelOf(node), ...cycle]) });
      return;
    }
    node.phase = 'blocked';
    node.needs = [...node.needs, ...needs.map(({ id }) => id)];
    for (const need of needs) this.#attach(node, need);
    this.#followNeeds(node);
  }

  #fail(node: Node, event: { readonly class: RetryClass; readonly reason: string }): void {
    node.failures++;
    if (event.class !== 'infrastructure' || node.failures >= node.attemptsMax) {
      this.#end(node, { state: 'failed', reason: event.reason, isRecorded: node.phase === 'running' });
      return;
    }
    this.#enter(node, 'waiting');
    if (node.phase === 'waiting') this.#commands.push({ kind: 'retry', id: node.id, failures: node.failures });
  }

  #add(nodes: readonly NewNode[], asked: readonly string[]): void {
    for (const id of asked) this.#asked.push(id);
    const fresh = nodes.filter((node) => !this.nodes.has(node.id)).map((node) => this.#insert(node));
    for (const node of fresh) {
      if (node.phase === 'ended') continue;
      if (this.#cancelReason !== undefined) this.#end(node, { state: 'cancelled', reason: this.#cancelReason });
      else this.#followNeeds(node);
    }
  }

  #insert(given: NewNode): Node {
    const node = createNode(given);
    for (const needed of given.needs) this.#attach(node, this.#node(needed));
    this.nodes.set(node.id, node);
    if (given.ended === undefined) this.#openCount++;
    else this.#counts[given.ended.state]++;
    return node;
  }

  #attach(node: Node, need: Node): void {
    if (need.phase === 'ended') {
      meetObstacle(node, need);
      return;
    }
    addDependent(need, node.id);
    node.openNeeds++;
  }

  /** Continues with a blocked node when its needs allow it. */
  #followNeeds(node: Node): void {
    const { obstacle } = node;
    if (obstacle !== undefined && (node.openNeeds === 0 || isWorst(obstacle.cause)))
      this.#end(node, { state: 'skipped', ...obstacle });
    else if (node.openNeeds === 0) this.#unblock(node);
    else this.#suspendWaiters(node);
  }

  #cancel(reason: string): void {
    if (this.#cancelReason !== undefined) return;
    this.#cancelReason = reason;
    for (const node of this.nodes.values()) {
      if (node.phase === 'running') this.#commands.push({ kind: 'abort', id: node.id, reason });
      else if (node.phase !== 'ended') this.#end(node, { state: 'cancelled', reason });
    }
  }

  /** `by`, which runs or has its trace verified, waits for `node`. */
  #need(node: Node, by: Node): void {
    if (node.phase === 'ended') {
      this.#commands.push({ kind: 'answer', id: node.id, by: by.id });
      return;
    }
    const cycle = findPath(this.nodes, { from: [node], to: by });
    if (cycle !== undefined) {
      this.#commands.push({ kind: 'refuse', id: node.id, by: by.id, cycle: [labelOf(by), ...cycle] });
      return;
    }
    node.waiters = (node.waiters ?? new Set()).add(by.id);
    by.waitsFor = (by.waitsFor ?? new Set()).add(node.id);
    if (node.phase !== 'resolving' || isWaiting(node)) this.#suspendWaiters(node);
  }

  /**
   * Goals that wait for the node wait for an execution now: this is passed on through goals whose trace is being
   * verified.
   */
  #suspendWaiters(node: Node): void {
    if (node.waiters === undefined) return;
    const stack = [node];
    for (let needed = stack.pop(); needed !== undefined; needed = stack.pop()) {
      for (const id of needed.waiters ?? []) {
        const by = this.#node(id);
        if (by.phase === 'running') this.#commands.push({ kind: 'suspend', by: id });
        else if (by.phase === 'resolving') stack.push(by);
      }
    }
  }

  /** `node`, which runs, read damaged bytes of `maker`: they are computed again, and the node waits for that. */
  #remake(node: Node, { maker: id, reason }: { readonly maker: string; readonly reason: string }): void {
    const maker = this.#node(id);
    const isOver = maker.phase === 'ended' && maker.cause !== undefined;
    if (this.#cancelReason !== undefined || isOver || ++node.losses >= LOSSES_MAX) {
      const state = this.#cancelReason === undefined ? 'failed' : 'cancelled';
      this.#end(node, { state, reason: this.#cancelReason ?? reason });
      return;
    }
    if (maker.phase === 'ended') {
      this.#counts[maker.state]--;
      this.#openCount++;
      // Dependents that already went on do not wait for it again.
      maker.dependents = [];
      this.#enter(maker, 'resolving');
    }
    this.#forgetWaits(node);
    node.phase = 'blocked';
    node.state = 'queued';
    node.openNeeds = 1;
    addDependent(maker, node.id);
  }

  #entangle(node: Node, cycle: readonly string[]): void {
    if (node.phase !== 'running') return;
    for (const id of node.waitsFor ?? []) this.#commands.push({ kind: 'refuse', id, by: node.id, cycle });
    this.#forgetWaits(node);
  }

  #forgetWaits(node: Node): void {
    for (const id of node.waitsFor ?? []) this.#node(id).waiters?.delete(node.id);
    node.waitsFor = undefined;
  }

  #end(node: Node, end: Partial<NodeEnd> & { readonly state: TaskRunState; readonly isRecorded?: boolean }): void {
    const work: [Node, typeof end][] = [[node, end]];
    for (let item = work.pop(); item !== undefined; item = work.pop()) {
      const [ending, { state, reason, isRecorded, cause = causeOf(state) }] = item;
      if (ending.phase === 'ended') continue;
      ending.phase = 'ended';
      ending.state = state;
      ending.reason = reason;
      ending.cause = cause;
      this.#openCount--;
      this.#counts[state]++;
      if (isRecorded !== true) this.#commands.push({ kind: 'ended', id: ending.id, state, reason, cause });
      this.#forgetWaits(ending);
      this.#answerWaiters(ending);
      // The cancel itself ends them.
      if (this.#cancelReason !== undefined) continue;
      for (const id of ending.dependents) {
        const dependent = this.#node(id);
        if (dependent.phase !== 'blocked') continue;
        meetObstacle(dependent, ending);
        dependent.openNeeds--;
        const { obstacle } = dependent;
        if (obstacle !== undefined && (dependent.openNeeds === 0 || isWorst(obstacle.cause)))
          work.push([dependent, { state: 'skipped', ...obstacle }]);
        else if (dependent.openNeeds === 0) this.#unblock(dependent);
      }
    }
  }

  #answerWaiters(ended: Node): void {
    for (const id of ended.waiters ?? []) {
      const by = this.#node(id);
      by.waitsFor?.delete(ended.id);
      if (by.phase === 'parked') {
        if (!isWaiting(by)) this.#enter(by, 'resolving');
      } else this.#commands.push({ kind: 'answer', id: ended.id, by: id });
    }
    ended.waiters = undefined;
  }

  #finish(): void {
    this.#isFinished = true;
    // Only computed when some goal was skipped.
    const asked = this.#counts.skipped === 0 ? [] : this.#asked.map((id) => this.#node(id));
    const state = runStateOf(this.#counts, asked);
    this.#commands.push({ kind: 'finished', state, reason: this.#runReason(state, asked) });
  }

  #runReason(state: RunState, asked: readonly Node[]): string | undefined {
    if (state === 'cancelled') return this.#cancelReason;
    if (state === 'skipped') return asked[0]?.reason;
    if (state !== 'failed') return undefined;
    for (const node of this.nodes.values()) if (node.state === 'failed') return `${labelOf(node)}: ${node.reason}`;
    return undefined;
  }
}

const isWaiting = (node: Node): boolean => (node.waitsFor?.size ?? 0) > 0;
