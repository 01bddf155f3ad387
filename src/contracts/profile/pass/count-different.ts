import type { ColumnKind } from '../../contract.ts';
import type { KernelKey } from '../../kernel/plan.ts';
import type { BlockResult } from '../../sweep/block-result.ts';
import { KeyMemory } from '../../sweep/key-memory.ts';
import { hasKey } from '../../sweep/keys.ts';
import type { BlockTaker } from '../../sweep/sweep.ts';
import type { BlockPlan } from '../../sweep/sweep-plan.ts';
import { WordTable } from '../../sweep/word-table.ts';
import { planPass, type Reading } from './plan-tally.ts';
import { halvesOf } from './value-counts.ts';

/** Place of a column in the file, and its kind. */
export interface PlacedKind {
  readonly position: number;
  readonly kind: ColumnKind;
}

/**
 * Counts the different values of some columns, however many. Two texts count as one where their hashes of 64 bits are the
 * same, which among ten million texts happens once in 400,000 files; what is found to be unique is so.
 */
export class DifferentValues implements BlockTaker {
  readonly #columns: readonly PlacedKind[];
  readonly #tables: readonly WordTable[];
  readonly #counts: number[];

  constructor(columns: readonly PlacedKind[], memoryBytesMax: number) {
    const memory = new KeyMemory(memoryBytesMax);
    this.#columns = columns;
    this.#tables = columns.map(() => new WordTable(memory));
    this.#counts = columns.map(() => 0);
  }

  planOf(reading: Reading): BlockPlan {
    const keys = this.#columns.map(
      ({ position, kind }): KernelKey => ({ bit: 0, positions: [position], kinds: [kind] }),
    );
    return planPass({ columns: [], keys, bits: 1 }, reading);
  }

  /** By position. */
  get counts(): ReadonlyMap<number, number> {
    return new Map(this.#columns.map(({ position }, index) => [position, this.#counts[index] ?? 0]));
  }

  take({ keys }: BlockResult): void {
    for (const [index, table] of this.#tables.entries()) {
      const halves = halvesOf(keys[index] ?? NO_WORDS);
      let news = 0;
      for (let at = 0; at < halves.length; at += 2) {
        // Both are within the list.
        const low = halves[at] as number;
        const high = halves[at + 1] as number;
        if (hasKey(low, high) && !table.add(low, high)) news++;
      }
      this.#counts[index] = (this.#counts[index] ?? 0) + news;
    }
  }
}

const NO_WORDS = new BigInt64Array(0);
