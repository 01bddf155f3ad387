/** States in blocks, of which those that were marked can be split off. */
export class Partition {
  /** The block of each state. */
  readonly blocks: Uint16Array;
  /** All states, those of a block side by side, the marked ones first. */
  readonly #states: Uint16Array;
  /** Where each state stands among them. */
  readonly #places: Uint16Array;
  readonly #starts: number[];
  readonly #ends: number[];
  readonly #marked: number[];
  readonly #touched = new Set<number>();

  constructor(states: number) {
    this.blocks = new Uint16Array(states);
    this.#states = Uint16Array.from({ length: states }, (_, state) => state);
    this.#places = this.#states.slice();
    this.#starts = [0];
    this.#ends = [states];
    this.#marked = [0];
  }

  statesOf(block: number): Uint16Array {
    return this.#states.slice(this.#starts[block], this.#ends[block]);
  }

  sizeOf(block: number): number {
    return (this.#ends[block] ?? 0) - (this.#starts[block] ?? 0);
  }

  mark(state: number): void {
    const block = this.blocks[state] ?? 0;
    const free = (this.#starts[block] ?? 0) + (this.#marked[block] ?? 0);
    const place = this.#places[state] ?? 0;
    if (place < free) return;
    const other = this.#states[free] ?? 0;
    this.#states[free] = state;
    this.#states[place] = other;
    this.#places[state] = free;
    this.#places[other] = place;
    this.#marked[block] = (this.#marked[block] ?? 0) + 1;
    this.#touched.add(block);
  }

  /** Makes a block of the marked states of each block that has others too; nothing is marked afterwards. */
  splitMarked(): readonly { readonly split: number; readonly added: number }[] {
    const made = [];
    for (const block of this.#touched) {
      const marked = this.#marked[block] ?? 0;
      this.#marked[block] = 0;
      if (marked === this.sizeOf(block)) continue;
      const start = this.#starts[block] ?? 0;
      const added = this.#starts.length;
      this.#starts.push(start);
      this.#ends.push(start + marked);
      this.#marked.push(0);
      this.#starts[block] = start + marked;
      for (let place = start; place < start + marked; place++) this.blocks[this.#states[place] ?? 0] = added;
      made.push({ split: block, added });
    }
    this.#touched.clear();
    return made;
  }
}
