/** Where something stands in a queue: the higher priority first, among equals who came first. */
export interface Rank {
  readonly priority: number;
  readonly place: number;
}

interface Entry<T> {
  readonly item: T;
  readonly rank: Rank;
}

/** A priority queue as a binary heap. What arrives in order costs one comparison to add. */
export class ReadyQueue<T> {
  readonly #heap: Entry<T>[] = [];

  get size(): number {
    return this.#heap.length;
  }

  /** The first, which stays. */
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
