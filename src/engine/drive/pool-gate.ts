import { randomUUID } from 'node:crypto';
import type { EngineEffects } from '../define/effects.ts';
import type { PoolLease } from '../records/pools.ts';

/** A position in a queue: higher priority first, equals in order of arrival. */
export interface Rank {
  readonly priority: number;
  readonly place: number;
}

interface Entry<T> {
  readonly item: T;
  readonly rank: Rank;
}

/** A priority queue as a binary heap. Adding in order costs one comparison. */
export class ReadyQueue<T> {
  readonly #heap: Entry<T>[] = [];

  get size(): number {
    return this.#heap.length;
  }

  /** The first; it stays in the queue. */
  get first(): T | undefined {
    return this.#heap[0]?.item;
  }

  get firstRank(): Rank | undefined {
    return this.#heap[0]?.rank;
  }

  add(item: T, rank: Rank): void {
    const entry = { item, rank };
    let at = this.#heap.length;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = this.#heap[above];
      if (parent === undefined || !isBefore(rank, parent.rank)) break;
      this.#heap[at] = parent;
      at = above;
    }
    this.#heap[at] = entry;
  }

  /** Removes the first. */
  take(): T | undefined {
    const top = this.#heap[0];
    const last = this.#heap.pop();
    if (top === undefined || last === undefined || this.#heap.length === 0) return top?.item;
    let at = 0;
    for (;;) {
      const below = this.#earlierOf(2 * at + 1, 2 * at + 2);
      const child = this.#heap[below];
      if (child === undefined || !isBefore(child.rank, last.rank)) break;
      this.#heap[at] = child;
      at = below;
    }
    this.#heap[at] = last;
    return top.item;
  }

  #earlierOf(left: number, right: number): number {
    const a = this.#heap[left];
    const b = this.#heap[right];
    return a !== undefined && b !== undefined && isBefore(b.rank, a.rank) ? right : left;
  }
}

const isBefore = (a: Rank, b: Rank): boolean =>
  a.priority === b.priority ? a.place < b.place : a.priority > b.priority;

/** How long until units that another process holds are requested again. */
const POOL_POLL_MS = 500;

/** Database calls of a gate; calls made at the same time are grouped. */
export interface PoolLedger {
  /** False when others hold too many units. */
  takeUnits(lease: PoolLease): Promise<boolean>;
  giveUnitsBack(leaseId: string): Promise<undefined>;
}

interface Waiting {
  readonly units: number;
  readonly admit: () => void;
}

export interface PoolGateOptions {
  readonly pool: string;
  readonly size: number;
  readonly ledger: PoolLedger;
  readonly effects: Pick<EngineEffects, 'after' | 'warn'>;
}

/**
 * This process's side of a pool: admits, in the order of rank, what can fit next to its own holders, so that what
 * cannot fit takes neither slot nor query. The database decides in the end, because other processes take units too.
 */
export class PoolGate {
  readonly pool: string;
  readonly size: number;
  /** Leases to renew. */
  readonly leases = new Set<string>();
  readonly #options: PoolGateOptions;
  readonly #waiting = new ReadyQueue<Waiting>();
  readonly #returning = new ReadyQueue<Waiting>();
  readonly #writes = new Set<Promise<void>>();
  #usedUnits = 0;
  #isShut = false;

  constructor(options: PoolGateOptions) {
    this.pool = options.pool;
    this.size = options.size;
    this.#options = options;
  }

  /** Calls `admit` with a hold once the units can be requested. */
  request(units: number, admit: (hold: PoolHold) => void, rank: Rank): void {
    const hold = (): PoolHold => new PoolHold(this, { units, ...this.#options });
    this.#waiting.add({ units, admit: () => admit(hold()) }, rank);
    this.#admitNext();
  }

  /** For an execution that held units before; it goes first. */
  readmit(units: number, rank: Rank): Promise<void> {
    return new Promise((admit) => {
      this.#returning.add({ units, admit }, rank);
      this.#admitNext();
    });
  }

  /** Others are admitted once the database has released the units, or they would find the pool full. */
  giveBack(leaseId: string, units: number): void {
    const { effects, ledger } = this.#options;
    const writing: Promise<void> = ledger
      .giveUnitsBack(leaseId)
      .then(undefined, (error: unknown) =>
        effects.warn(`Units of pool ${this.pool} are released when their lease expires`, error),
      )
      .then(() => {
        this.#writes.delete(writing);
        this.release(units);
      });
    this.#writes.add(writing);
  }

  /** Resolves once all releases are done. */
  async settled(): Promise<void> {
    await Promise.all(this.#writes);
  }

  release(units: number): void {
    this.#usedUnits -= units;
    this.#isShut = false;
    this.#admitNext();
  }

  /** The database refused units: nothing in this process can free them, so they are requested again after a while. */
  refuse(units: number): void {
    this.#usedUnits -= units;
    if (this.#isShut) return;
    this.#isShut = true;
    this.#options.effects.after(POOL_POLL_MS, () => {
      this.#isShut = false;
      this.#admitNext();
    });
  }

  #admitNext(): void {
    while (!this.#isShut) {
      const queue = this.#returning.size > 0 ? this.#returning : this.#waiting;
      const next = queue.first;
      if (next === undefined || this.#usedUnits + next.units > this.size) return;
      queue.take();
      this.#usedUnits += next.units;
      next.admit();
    }
  }
}

/** One execution's units of a pool. Held in this process from the gate on, in the database from its claim on. */
export class PoolHold {
  readonly #gate: PoolGate;
  readonly #options: PoolGateOptions & { readonly units: number };
  #lease: PoolLease;
  #isAdmitted = true;
  #isOver = false;

  constructor(gate: PoolGate, options: PoolGateOptions & { readonly units: number }) {
    this.#gate = gate;
    this.#options = options;
    this.#lease = this.#makeLease();
  }

  /** What to take with the claim. */
  get lease(): PoolLease {
    return this.#lease;
  }

  /** The lease to release with the commit; undefined while none is held. */
  get heldLease(): string | undefined {
    return this.#gate.leases.has(this.#lease.id) ? this.#lease.id : undefined;
  }

  /** It was taken; it is renewed from here on. */
  taken(): void {
    this.#gate.leases.add(this.#lease.id);
  }

  /** The database refused it. */
  refused(): void {
    // For a batch, this is called once for each of its items.
    if (!this.#isAdmitted) return;
    this.#isAdmitted = false;
    this.#gate.refuse(this.#lease.units);
  }

  leave(): void {
    const { id, units } = this.#lease;
    if (!this.#gate.leases.delete(id)) {
      this.#release();
      return;
    }
    this.#isAdmitted = false;
    this.#gate.giveBack(id, units);
  }

  /** Resolves once the units are held again, under a new lease, because the old one may still be in release. */
  async reacquire(rank: Rank): Promise<void> {
    while (!this.#isOver) {
      await this.#gate.readmit(this.#lease.units, rank);
      this.#isAdmitted = true;
      this.#lease = this.#makeLease();
      if (this.#isOver) break;
      if (await this.#options.ledger.takeUnits(this.#lease)) {
        this.taken();
        break;
      }
      this.refused();
    }
    // The execution ended while it waited.
    if (this.#isOver) this.leave();
  }

  release(): void {
    this.#isOver = true;
    this.#gate.leases.delete(this.#lease.id);
    this.#release();
  }

  #release(): void {
    if (!this.#isAdmitted) return;
    this.#isAdmitted = false;
    this.#gate.release(this.#lease.units);
  }

  #makeLease(): PoolLease {
    const { pool, size, units } = this.#options;
    return { id: randomUUID(), pool, size, units };
  }
}
