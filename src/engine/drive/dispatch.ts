import type { EngineEffects } from '../define/effects.ts';
import { EngineError } from '../define/errors.ts';
import type { Task } from '../define/task.ts';
import { BatchQueue, type Suspects } from './batch-queue.ts';
import {
  AbortReason,
  type AttemptRequest,
  type AttemptResult,
  type AttemptServices,
  driveAttempt,
} from './drive-attempt.ts';
import { type BatchMember, driveBatch } from './drive-batch.ts';
import { PoolGate, type PoolHold, type Rank } from './pool-gate.ts';
import { SlotLease, Slots, type SlotUse } from './slots.ts';

/** A goal that is incomplete and has everything it needs. */
export interface Ready {
  readonly task: Task;
  readonly rank: Rank;
  /** The goals it is retried with, when a batch ended without an outcome for it. */
  readonly suspects?: Suspects | undefined;
  /** Size of its inputs in bytes. */
  sizeBytes(): number;
  /** Its attempt, once there is room for it; undefined when it is no longer wanted. */
  begin(slot: SlotLease): Begun | undefined;
}

export interface Begun {
  readonly request: AttemptRequest;
  /** Called exactly once. */
  settle(result: Promise<AttemptResult>): void;
}

export interface DispatcherOptions {
  readonly slots: number;
  /** Sizes of pools in units, by name. */
  readonly pools: { readonly [name: string]: number };
  readonly effects: EngineEffects;
}

/**
 * Added to the queue positions of backfill, so that thousands of past goals delay no current one. No process counts
 * this high.
 */
const BEHIND_ALL = 2 ** 50;

/** Decides when a ready goal of any run of this process starts: units of its pool first, then a slot, each by rank. */
export class Dispatcher {
  readonly #services: AttemptServices;
  readonly #slots: Slots;
  readonly #gates: ReadonlyMap<string, PoolGate>;
  readonly #batches = new Map<string, BatchQueue<Ready>>();
  readonly #executions = new Set<Promise<void>>();
  readonly #closing = new AbortController();
  #places = 0;

  constructor(services: AttemptServices, options: DispatcherOptions) {
    const { effects, pools, slots } = options;
    this.#services = services;
    this.#slots = new Slots(slots);
    this.#gates = new Map(
      Object.entries(pools).map(([pool, size]) => [
        pool,
        new PoolGate({ pool, size, effects, ledger: services.ledger }),
      ]),
    );
    for (const task of services.registry.tasks) this.#assertFits(task);
  }

  slots(): SlotUse {
    return this.#slots.use();
  }

  /** The position of the goal among the ready ones; it keeps it when it becomes ready again. */
  rank(goal: { readonly priority?: number | undefined; readonly isBackfill?: boolean } = {}): Rank {
    const { priority = 0, isBackfill = false } = goal;
    return { priority, place: this.#places++ + (isBackfill ? BEHIND_ALL : 0) };
  }

  enqueue(ready: Ready): void {
    if (ready.task.batch !== undefined) {
      this.#batchesOf(ready.task, ready.task.batch).add(ready);
      return;
    }
    this.#admit(ready, (slot) => {
      const begun = ready.begin(slot);
      if (begun === undefined) slot.release();
      else begun.settle(this.#drive(begun.request, slot));
    });
  }

  /** Leases of pools that this process holds. */
  leases(): readonly string[] {
    return [...this.#gates.values()].flatMap(({ leases }) => [...leases]);
  }

  #admit(ready: { readonly task: Task; readonly rank: Rank }, start: (slot: SlotLease) => void): void {
    const { task, rank } = ready;
    const takeSlot = (hold?: PoolHold): void =>
      this.#slots.request(() => start(new SlotLease(this.#slots, { rank, hold })), { rank });
    const gate = task.pool === undefined ? undefined : this.#gates.get(task.pool.name);
    if (gate === undefined || task.pool === undefined) takeSlot();
    else gate.request(task.pool.units, takeSlot, rank);
  }

  /**
   * Ends batches that still run after all their items have ended, and releases what is held. The runs have ended by
   * now.
   */
  async close(reason: string): Promise<void> {
    this.#closing.abort(new AbortReason('close', reason));
    await Promise.all(this.#executions);
    await Promise.all([...this.#gates.values()].map((gate) => gate.settled()));
  }

  #batchesOf(task: Task, batch: NonNullable<Task['batch']>): BatchQueue<Ready> {
    let queue = this.#batches.get(task.name);
    if (queue === undefined) {
      const ask = (rank: Rank, take: () => readonly Ready[]): void =>
        this.#admit({ task, rank }, (slot) => this.#startBatch(task, { slot, items: take() }));
      queue = new BatchQueue<Ready>({ batch, ask, effects: this.#services.effects });
      this.#batches.set(task.name, queue);
    }
    return queue;
  }

  #startBatch(task: Task, batch: { readonly slot: SlotLease; readonly items: readonly Ready[] }): void {
    const { inFlight } = this.#services;
    const { slot, items } = batch;
    const members: BatchMember[] = [];
    for (const ready of items) {
      const begun = ready.begin(slot);
      if (begun === undefined) continue;
      const { request, settle } = begun;
      if (!inFlight.enter(request.key)) settle(Promise.resolve({ kind: 'held' }));
      else
        settle(
          new Promise<AttemptResult>((end, fail) => members.push({ request, end, fail })).finally(() =>
            inFlight.leave(request.key),
          ),
        );
    }
    if (members.length === 0) slot.release();
    else this.#watch(driveBatch(members, { task, slot, closing: this.#closing.signal, services: this.#services }));
  }

  #watch(execution: Promise<void>): void {
    this.#executions.add(execution);
    void execution.finally(() => this.#executions.delete(execution));
  }

  async #drive(request: AttemptRequest, slot: SlotLease): Promise<AttemptResult> {
    const { inFlight } = this.#services;
    const { key } = request;
    if (!inFlight.enter(key)) {
      slot.release();
      return { kind: 'held' };
    }
    try {
      const result = await driveAttempt(request, this.#services, slot.hold);
      if (result.kind === 'full') slot.hold?.refused();
      return result;
    } finally {
      slot.release();
      inFlight.leave(key);
    }
  }

  #assertFits({ name, pool }: Task): void {
    if (pool === undefined) return;
    const size = this.#gates.get(pool.name)?.size;
    if (size === undefined)
      throw new EngineError(
        'pool_invalid',
        `Task ${name} uses pool ${JSON.stringify(pool.name)}, which has no size. Sizes are given for: ${[...this.#gates.keys()].sort().join(', ') || 'none'}. Add it to the pools of the engine.`,
      );
    if (pool.units > size)
      throw new EngineError(
        'pool_invalid',
        `Task ${name} takes ${pool.units} units of pool ${pool.name}, which has ${size}. It could never run: give the pool more units, or the task fewer.`,
      );
  }
}
