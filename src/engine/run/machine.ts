import type { RetryClass } from '../task.ts';
import type { RunState, TaskRunState } from './states.ts';

/**
 * The scheduler of one run: states, events, one transition function. It decides and touches nothing; the driver
 * performs its commands and tells it what happened.
 *
 * A task run is queued until its attempt starts. While queued it is `blocked` (a need is open), `resolving` (the driver
 * asks whether it is complete), `ready` (incomplete, waits for a slot) or `waiting` (for another's claim, or for a backoff).
 *
 *   event \ phase   blocked    resolving            ready      running              waiting
 *   resolved        –          cached | ready       –          –                    –
 *   dispatched      –          –                    running    –                    –
 *   held            –          waiting              –          waiting              –
 *   wake            –          –                    –          –                    resolving
 *   succeeded       –          –                    –          succeeded            –
 *   failed          –          failed               –          waiting | failed     –
 *   lost            –          –                    –          resolving | failed   –
 *   skipped         –          skipped              –          skipped              –
 *   aborted         –          –                    –          cancelled            –
 *   cancel          cancelled  cancelled            cancelled  (abort is commanded) cancelled
 *
 * Downstream: succeeded and cached close a need; failed, cancelled and skipped make every dependent skipped.
 * Run: failed if any failed; else cancelled if any was cancelled; else skipped if every asked goal was; else succeeded.
 * Work per event is proportional to what changed: a node knows how many of its needs are open.
 */
export type Phase = 'blocked' | 'resolving' | 'ready' | 'running' | 'waiting' | 'ended';

export type RunEvent =
  | { readonly kind: 'add'; readonly nodes: readonly NewNode[]; readonly asked: readonly string[] }
  | { readonly kind: 'resolved'; readonly id: string; readonly isComplete: boolean }
  | { readonly kind: 'dispatched' | 'held' | 'wake' | 'succeeded' | 'lost'; readonly id: string }
  | { readonly kind: 'failed'; readonly id: string; readonly class: RetryClass; readonly reason: string }
  | { readonly kind: 'skipped' | 'aborted'; readonly id: string; readonly reason: string }
  | { readonly kind: 'needed'; readonly id: string; readonly by: string }
  | { readonly kind: 'cancel'; readonly reason: string };

export type Command =
  | { readonly kind: 'resolve' | 'execute'; readonly id: string }
  | { readonly kind: 'abort'; readonly id: string; readonly reason: string }
  /** Wake it after a backoff. `failures` counts from 1. */
  | { readonly kind: 'retry'; readonly id: string; readonly failures: number }
  /** It ended without an attempt of its own that recorded the state. */
  | { readonly kind: 'ended'; readonly id: string; readonly state: TaskRunState; readonly reason: string | undefined }
  | { readonly kind: 'answer'; readonly id: string; readonly by: string }
  | { readonly kind: 'refuse'; readonly id: string; readonly by: string; readonly circle: readonly string[] }
  | { readonly kind: 'finished'; readonly state: RunState; readonly reason: string | undefined };

export interface NewNode {
  readonly id: string;
  /** How people know it; used in reasons. */
  readonly label: string;
  readonly needs: readonly string[];
  readonly attemptsMax: number;
  /** Known from before a crash. */
  readonly failures?: number;
  readonly losses?: number;
  readonly ended?: { readonly state: 'failed' | 'cancelled' | 'skipped'; readonly reason: string };
}

export interface Node {
  readonly id: string;
  readonly label: string;
  readonly needs: readonly string[];
  readonly attemptsMax: number;
  readonly dependents: string[];
  /** Who waits for it at runtime. */
  readonly waiters: Set<string>;
  readonly waitsFor: Set<string>;
  openNeeds: number;
  phase: Phase;
  state: TaskRunState;
  reason: string | undefined;
  failures: number;
  losses: number;
}

/** How often an attempt may vanish (its process died, its claim was taken) before the task run counts as failed. */
export const LOSSES_MAX = 20;

export class RunMachine {
  readonly nodes = new Map<string, Node>();
  readonly #asked = new Set<string>();
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
    if (event.kind === 'add') this.#add(event.nodes, event.asked);
    else if (event.kind === 'cancel') this.#cancel(event.reason);
    else if (event.kind === 'needed') this.#need(this.#node(event.id), this.#node(event.by));
    else this.#change(this.#node(event.id), event);
    if (this.#openCount === 0 && !this.#isFinished) this.#finish();
    return this.#commands;
  }

  #node(id: string): Node {
    const node = this.nodes.get(id);
    if (node === undefined) throw new Error(`The run has no goal ${id}.`);
    return node;
  }

  #change(node: Node, event: Exclude<RunEvent, { readonly kind: 'add' | 'cancel' | 'needed' }>): void {
    // A cancelled node may still hear the end of what was under way.
    if (node.phase === 'ended') return;
    switch (event.kind) {
      case 'resolved':
        if (event.isComplete) this.#end(node, { state: 'cached' });
        else this.#enter(node, 'ready');
        return;
      case 'dispatched':
        node.phase = 'running';
        node.state = 'running';
        return;
      case 'held':
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
      case 'skipped':
        this.#end(node, { state: 'skipped', reason: event.reason, isRecorded: node.phase === 'running' });
        return;
      case 'aborted':
        this.#end(node, { state: 'cancelled', reason: event.reason, isRecorded: true });
        return;
    }
  }

  #enter(node: Node, phase: 'resolving' | 'ready' | 'waiting'): void {
    node.phase = phase;
    node.state = 'queued';
    if (this.#cancelReason !== undefined) this.#end(node, { state: 'cancelled', reason: this.#cancelReason });
    else if (phase === 'resolving') this.#commands.push({ kind: 'resolve', id: node.id });
    else if (phase === 'ready') this.#commands.push({ kind: 'execute', id: node.id });
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
    for (const id of asked) this.#asked.add(id);
    const fresh = nodes.filter((node) => !this.nodes.has(node.id)).map((node) => this.#insert(node));
    for (const node of fresh) {
      if (node.phase === 'ended') continue;
      const broken = node.needs.map((id) => this.#node(id)).find(isBroken);
      if (this.#cancelReason !== undefined) this.#end(node, { state: 'cancelled', reason: this.#cancelReason });
      else if (broken !== undefined) this.#end(node, { state: 'skipped', reason: reasonOf(broken) });
      else if (node.openNeeds === 0) this.#enter(node, 'resolving');
    }
  }

  #insert(given: NewNode): Node {
    const { id, label, needs, attemptsMax, failures = 0, losses = 0, ended } = given;
    const node: Node = {
      ...{ id, label, needs, attemptsMax, failures, losses, dependents: [], openNeeds: 0 },
      waiters: new Set(),
      waitsFor: new Set(),
      phase: ended === undefined ? 'blocked' : 'ended',
      state: ended?.state ?? 'queued',
      reason: ended?.reason,
    };
    for (const needed of needs) {
      const need = this.#node(needed);
      need.dependents.push(id);
      if (!isClosed(need)) node.openNeeds++;
    }
    this.nodes.set(id, node);
    if (ended === undefined) this.#openCount++;
    else this.#counts[ended.state]++;
    return node;
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
    const circle = this.#pathBetween(node, by);
    if (circle !== undefined) {
      this.#commands.push({ kind: 'refuse', id: node.id, by: by.id, circle: [by.label, ...circle] });
      return;
    }
    node.waiters.add(by.id);
    by.waitsFor.add(node.id);
  }

  #pathBetween(from: Node, to: Node): readonly string[] | undefined {
    const cameFrom = new Map<string, string | undefined>([[from.id, undefined]]);
    const stack = [from];
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      if (node === to) return this.#labelsUpTo(node, cameFrom);
      for (const id of [...node.needs, ...node.waitsFor]) {
        const next = this.#node(id);
        if (cameFrom.has(id) || next.phase === 'ended') continue;
        cameFrom.set(id, node.id);
        stack.push(next);
      }
    }
    return undefined;
  }

  #labelsUpTo(node: Node, cameFrom: ReadonlyMap<string, string | undefined>): readonly string[] {
    const labels = [node.label];
    for (let id = cameFrom.get(node.id); id !== undefined; id = cameFrom.get(id)) labels.unshift(this.#node(id).label);
    return labels;
  }

  #end(
    node: Node,
    end: { readonly state: TaskRunState; readonly reason?: string; readonly isRecorded?: boolean },
  ): void {
    const work: [Node, typeof end][] = [[node, end]];
    for (let item = work.pop(); item !== undefined; item = work.pop()) {
      const [ending, { state, reason, isRecorded }] = item;
      if (ending.phase === 'ended') continue;
      Object.assign(ending, { phase: 'ended', state, reason });
      this.#openCount--;
      this.#counts[state]++;
      if (isRecorded !== true) this.#commands.push({ kind: 'ended', id: ending.id, state, reason });
      for (const by of ending.waiters) {
        this.#node(by).waitsFor.delete(ending.id);
        this.#commands.push({ kind: 'answer', id: ending.id, by });
      }
      ending.waiters.clear();
      for (const id of ending.dependents) {
        const dependent = this.#node(id);
        if (dependent.phase !== 'blocked') continue;
        if (isBroken(ending)) work.push([dependent, { state: 'skipped', reason: reasonOf(ending) }]);
        else if (--dependent.openNeeds === 0) this.#enter(dependent, 'resolving');
      }
    }
  }

  #finish(): void {
    this.#isFinished = true;
    const nodes = [...this.#asked].map((id) => this.#node(id));
    const state = this.#runState(nodes);
    this.#commands.push({ kind: 'finished', state, reason: this.#runReason(state, nodes) });
  }

  #runState(asked: readonly Node[]): RunState {
    if (this.#counts.failed > 0) return 'failed';
    if (this.#counts.cancelled > 0) return 'cancelled';
    if (asked.length > 0 && asked.every((node) => node.state === 'skipped')) return 'skipped';
    return 'succeeded';
  }

  #runReason(state: RunState, asked: readonly Node[]): string | undefined {
    if (state === 'cancelled') return this.#cancelReason;
    if (state === 'skipped') return asked[0]?.reason;
    if (state !== 'failed') return undefined;
    for (const node of this.nodes.values()) if (node.state === 'failed') return `${node.label}: ${node.reason}`;
    return undefined;
  }
}

const isClosed = (node: Node): boolean => node.state === 'succeeded' || node.state === 'cached';
const isBroken = (node: Node): boolean => node.phase === 'ended' && !isClosed(node);

function reasonOf(broken: Node): string {
  // A chain of skips tells its first cause, not each link.
  if (broken.state === 'skipped') return broken.reason ?? `${broken.label} was skipped`;
  return `${broken.label}, which it needs, ${broken.state === 'failed' ? 'failed' : 'was cancelled'}`;
}
