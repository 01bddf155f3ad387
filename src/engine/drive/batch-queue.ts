import type { BatchDefinition } from '../define/dispatch-options.ts';
import type { EngineEffects } from '../define/effects.ts';
import { groupBy } from '../define/group-by.ts';
import type { TaskRunState } from '../define/states.ts';
import { type Rank, ReadyQueue } from './pool-gate.ts';

/** A goal that waits for company. */
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
  /** Asks for room for one batch, which `take` makes once there is; it may be empty by then. */
  ask(rank: Rank, take: () => readonly T[]): void;
}

/** Halves come back within one round trip to the database; one of which a goal was cancelled does not wait for it. */
const SUSPECTS_WAIT_MS = 100;

interface Gathering<T> {
  readonly items: T[];
  readonly stopWaiting: () => void;
}

/**
 * Makes batches of one task. A batch is due when it is full or its first goal has waited long enough; it is made when
 * there is room for it, so whatever came meanwhile goes along. Suspects keep to themselves.
 */
export class BatchQueue<T extends BatchCandidate> {
  readonly #options: BatchQueueOptions<T>;
  readonly #waiting = new ReadyQueue<{ readonly item: T; readonly sizeBytes: number }>();
  readonly #gatherings = new Map<Suspects, Gathering<T>>();
  #waitingBytes = 0;
  /** Batches that were asked for and not made yet. */
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

  /** Beside those that were asked for already. */
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
      // What was too large to go along has waited already.
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
 * Goals that are tried again together because a batch ended without an outcome for them, and any may be the cause.
 * Compared by identity: those of one half hold the same object.
 */
export interface Suspects {
  readonly size: number;
}

/** Parts what is left of a batch into halves; each crash halves again, so the cause is alone after log2 of them. */
export function halve<T>(items: readonly T[]): readonly { readonly item: T; readonly suspects: Suspects }[] {
  const middle = Math.ceil(items.length / 2);
  return [items.slice(0, middle), items.slice(middle)].flatMap((half) => {
    const suspects: Suspects = { size: half.length };
    return half.map((item) => ({ item, suspects }));
  });
}

/** What a dead process had left open of its executions, parted; by goal. */
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
