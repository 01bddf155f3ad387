import type { Database } from '#store';
import type { EngineEffects } from '../define/effects.ts';
import { exchangeWaits, findCycle, isYoungest, type Wait } from '../records/waits.ts';
import { labelOf, type Node } from './node.ts';

type Nodes = ReadonlyMap<string, Node>;

/** The labels on a path from one of `from` to `to`, along open needs; undefined when there is no path. */
export function findPath(
  nodes: Nodes,
  between: { readonly from: readonly Node[]; readonly to: Node },
): readonly string[] | undefined {
  const { from, to } = between;
  // Most goals that find needs have no waiters, so no path leads to them.
  const isWanted = to.dependents.length > 0 || (to.waiters?.size ?? 0) > 0;
  if (!isWanted) return from.includes(to) ? [labelOf(to)] : undefined;
  const cameFrom = new Map<Node, Node | undefined>(from.map((node) => [node, undefined]));
  const stack = [...from];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (node === to) {
      const labels: string[] = [];
      for (let at: Node | undefined = node; at !== undefined; at = cameFrom.get(at)) labels.unshift(labelOf(at));
      return labels;
    }
    for (const next of openNeedsOf(nodes, node)) {
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, node);
      stack.push(next);
    }
  }
  return undefined;
}

/** `from` and its needs, as far as another run or process holds their claim. */
export function findHeld(nodes: Nodes, from: readonly Node[]): readonly Node[] {
  const seen = new Set(from);
  for (const node of seen) for (const next of openNeedsOf(nodes, node)) seen.add(next);
  return [...seen].filter((node) => node.isHeld);
}

/** Attempts that wait for the goal, directly or through others. */
export function findSuspended(nodes: Nodes, goal: Node): readonly Node[] {
  const seen = new Set([goal]);
  for (const node of seen) {
    for (const id of node.dependents) addOpen(nodes, { id, seen });
    for (const id of node.waiters ?? []) addOpen(nodes, { id, seen });
  }
  seen.delete(goal);
  return [...seen].filter((node) => node.phase === 'running');
}

function* openNeedsOf(nodes: Nodes, node: Node): Generator<Node> {
  for (const ids of [node.needs, node.waitsFor ?? []]) {
    for (const id of ids) {
      const need = nodes.get(id);
      if (need !== undefined && need.phase !== 'ended') yield need;
    }
  }
}

function addOpen(nodes: Nodes, found: { readonly id: string; readonly seen: Set<Node> }): void {
  const node = nodes.get(found.id);
  if (node !== undefined && node.phase !== 'ended') found.seen.add(node);
}

export interface TrackedWait extends Wait {
  readonly runId: string;
  /** Called once when the wait is part of a cycle that it has to break. */
  entangled(labels: readonly string[]): void;
}

/** Time between two reads of the waits of all processes. A cycle counts when two reads in a row show it. */
export const WAIT_LOOK_MS = 500;

/**
 * Waits of this process for claims that others hold, stored in the database so that a cycle through several runs or
 * processes is found. Active only while there is such a wait.
 */
export class WaitGraph {
  readonly #database: Database;
  readonly #effects: Pick<EngineEffects, 'after' | 'warn'>;
  readonly #waits = new Map<string, TrackedWait>();
  #withdrawn: Wait[] = [];
  #suspected = new Set<string>();
  #stopTimer: (() => void) | undefined;
  #isClosed = false;

  constructor(database: Database, effects: Pick<EngineEffects, 'after' | 'warn'>) {
    this.#database = database;
    this.#effects = effects;
  }

  add(wait: TrackedWait): void {
    const id = idOf(wait);
    if (this.#waits.has(id) || this.#isClosed) return;
    this.#waits.set(id, wait);
    this.#schedule(0);
  }

  /** In one run, the waiting attempt ended, or the goal it waited for did. */
  remove(which: { readonly runId: string; readonly waiter?: string; readonly needed?: string }): void {
    if (this.#waits.size === 0) return;
    for (const [id, wait] of this.#waits) {
      if (wait.runId !== which.runId || (wait.waiter !== which.waiter && wait.needed !== which.needed)) continue;
      this.#waits.delete(id);
      this.#suspected.delete(id);
      this.#withdrawn.push(wait);
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#stopTimer?.();
  }

  #schedule(delayMs: number): void {
    if (this.#isClosed || this.#stopTimer !== undefined) return;
    this.#stopTimer = this.#effects.after(delayMs, () => {
      void this.#look().finally(() => {
        this.#stopTimer = undefined;
        if (this.#waits.size > 0 || this.#withdrawn.length > 0) this.#schedule(WAIT_LOOK_MS);
      });
    });
  }

  async #look(): Promise<void> {
    const withdrawn = this.#withdrawn;
    this.#withdrawn = [];
    const all = [...this.#waits.values()];
    try {
      this.#breakCycles(await exchangeWaits(this.#database, { all, withdrawn }));
    } catch (error) {
      this.#withdrawn = [...withdrawn, ...this.#withdrawn];
      this.#effects.warn('Waits across runs could not be recorded; cycles through them are found later', error);
    }
  }

  #breakCycles(reached: readonly Wait[]): void {
    const suspected = new Set<string>();
    for (const [id, wait] of this.#waits) {
      const cycle = findCycle(reached, wait.waiter);
      if (cycle === undefined || cycle[0]?.needed !== wait.needed || !isYoungest(cycle, wait.waiter)) continue;
      if (!this.#suspected.has(id)) {
        suspected.add(id);
        continue;
      }
      this.remove({ runId: wait.runId, waiter: wait.waiter });
      wait.entangled([...cycle.map(({ label }) => label), wait.label]);
    }
    this.#suspected = suspected;
  }
}

const idOf = (wait: Wait): string => `${wait.waiter} ${wait.token} ${wait.needed}`;
