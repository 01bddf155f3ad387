import type { BatchDefinition } from '../define/dispatch-options.ts';
import type { EngineEffects } from '../define/effects.ts';
import { groupBy } from '../define/group-by.ts';
import type { TaskRunState } from '../define/states.ts';
import { type Rank, ReadyQueue } from './pool-gate.ts';

/** A goal that waits to be put into a batch. */
export interface BatchCandidate {
  readonly rank: Rank;
  /** Set when a batch ended without an outcome for it. */
  readonly suspects?: Suspects | undefined;
  /** Size of its inputs in bytes. */
  sizeBytes(): number;
}

export interface BatchQueueOptions<T> {
  readonly batch: Pick<BatchDefinition<never>, 'itemsMax' | 'bytesMax' | 'waitMs'>;
  readonly effects: Pick<EngineEffects, 'after'>;
  /** Requests room for one batch, which `take` forms once there is room; it may be empty by then. */
  ask(rank: Rank, take: () => readonly T[]): void;
}

/**
 * Waits for the goals of a half, which return within one round trip to the database; a half with a cancelled goal does
 * not wait for it.
 */
const SUSPECTS_WAIT_MS = 100;

interface Gathering<T> {
  readonly items: T[];
  readonly stopWaiting: () => void;
}

/**
 * Forms batches of one task. A batch is due when it is full or its first goal has waited long enough. It is formed when
 * there is room for it, so goals that arrived in the meantime are included. Suspects stay among themselves.
 */
export class BatchQueue<T extends BatchCandidate> {
  readonly #options: BatchQueueOptions<T>;
  readonly #waiting = new ReadyQueue<{ readonly item: T; readonly sizeBytes: number }>();
  readonly #gatherings = new Map<Suspects, Gathering<T>>();
  #waitingBytes = 0;
  /** Batches that were requested and not formed yet. */
  #askedCount = 0;
  #isTimed = false;

  constructor(options: BatchQueueOptions<T>) {
    this.#options = options;
  }

  add(item: T): void {
    if (item.suspects !== undefined) {
      this.#gather(item, item.suspects);
      return;
    }
    const { bytesMax, waitMs } = this.#options.batch;
    const sizeBytes = Number.isFinite(bytesMax) ? item.sizeBytes() : 0;
    this.#waiting.add({ item, sizeBytes }, item.rank);
    this.#waitingBytes += sizeBytes;
    if (this.#isFull()) this.#ask();
    else if (!this.#isTimed) {
      this.#isTimed = true;
      this.#options.effects.after(waitMs, () => {
        this.#isTimed = false;
        if (this.#waiting.size > this.#askedCount * this.#options.batch.itemsMax) this.#ask();
      });
    }
  }

  /** In addition to those requested already. */
  #isFull(): boolean {
    const { itemsMax, bytesMax } = this.#options.batch;
    const batches = this.#askedCount + 1;
    return this.#waiting.size >= batches * itemsMax || this.#waitingBytes >= batches * bytesMax;
  }

  #ask(): void {
    const rank = this.#waiting.firstRank;
    if (rank === undefined) return;
    this.#askedCount++;
    this.#options.ask(rank, () => {
      this.#askedCount--;
      const items = this.#take();
      // What did not fit into the batch has waited already.
      if (this.#askedCount === 0 && !this.#isTimed) this.#ask();
      return items;
    });
  }

  #take(): readonly T[] {
    const { itemsMax, bytesMax } = this.#options.batch;
    const items: T[] = [];
    let bytes = 0;
    for (let next = this.#waiting.first; next !== undefined; next = this.#waiting.first) {
      if (items.length === itemsMax || (items.length > 0 && bytes + next.sizeBytes > bytesMax)) break;
      this.#waiting.take();
      this.#waitingBytes -= next.sizeBytes;
      bytes += next.sizeBytes;
      items.push(next.item);
    }
    return items;
  }

  #gather(item: T, suspects: Suspects): void {
    let gathering = this.#gatherings.get(suspects);
    if (gathering === undefined) {
      const waitMs = Math.max(this.#options.batch.waitMs, SUSPECTS_WAIT_MS);
      const stopWaiting = this.#options.effects.after(waitMs, () => this.#askFor(suspects));
      gathering = { items: [], stopWaiting };
      this.#gatherings.set(suspects, gathering);
    }
    gathering.items.push(item);
    if (gathering.items.length >= suspects.size) this.#askFor(suspects);
  }

  #askFor(suspects: Suspects): void {
    const gathering = this.#gatherings.get(suspects);
    const [first] = gathering?.items ?? [];
    if (gathering === undefined || first === undefined) return;
    this.#gatherings.delete(suspects);
    gathering.stopWaiting();
    this.#options.ask(first.rank, () => gathering.items);
  }
}

/**
 * Goals that are retried together because a batch ended without an outcome for them, and any of them may be the cause.
 * Compared by identity: the goals of one half hold the same object.
 */
export interface Suspects {
  readonly size: number;
}

/** Splits the rest of a batch into halves; each crash halves again, so the cause is alone after log2(n) crashes. */
export function halve<T>(items: readonly T[]): readonly { readonly item: T; readonly suspects: Suspects }[] {
  const middle = Math.ceil(items.length / 2);
  return [items.slice(0, middle), items.slice(middle)].flatMap((half) => {
    const suspects: Suspects = { size: half.length };
    return half.map((item) => ({ item, suspects }));
  });
}

/** The executions that a dead process left open, split into halves; by goal. */
export function suspectsOf(
  left: readonly { readonly goal: string; readonly state: TaskRunState; readonly batch: string | null }[],
): ReadonlyMap<string, Suspects> {
  const open = left.filter(({ state, batch }) => batch !== null && (state === 'queued' || state === 'running'));
  return new Map(
    [...groupBy(open, ({ batch }) => batch).values()].flatMap((batch) =>
      halve(batch).map(({ item, suspects }) => [item.goal, suspects] as const),
    ),
  );
}
