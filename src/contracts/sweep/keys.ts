import type { ColumnKind } from '../contract.ts';
import type { KernelKey, KernelPlan } from '../kernel/plan.ts';
import { maybeValue } from '../kinds/cell-value.ts';
import { comparableOf } from '../kinds/comparable.ts';
import { DenseNumbers } from './dense-numbers.ts';
import { KEY_BYTES_MAX, KeyMemory } from './key-memory.ts';
import { PlaceTable } from './place-table.ts';
import { WordTable } from './word-table.ts';

/** The halves of `NO_KEY`. */
export const NONE_LOW = 0;
export const NONE_HIGH = 0x8000_0000;

/** A key whose value is told by 64 bits. */
export interface ExactKey {
  readonly bit: number;
  readonly index: number;
  readonly values: ExactValues;
}

/** A key of which the kernel tells a hash; what is equal is found by looking at the rows. */
export interface HashedKey {
  readonly bit: number;
  readonly index: number;
  readonly parts: readonly { readonly position: number; readonly kind: ColumnKind }[];
  readonly places: PlaceTable;
}

export interface Keys {
  readonly exact: readonly ExactKey[];
  readonly hashed: readonly HashedKey[];
}

/** Empty tables for the keys of a plan. */
export function keysOf({ keys }: Pick<KernelPlan, 'keys'>, bytesMax: number = KEY_BYTES_MAX): Keys {
  const memory = new KeyMemory(bytesMax);
  const exact: ExactKey[] = [];
  const hashed: HashedKey[] = [];
  for (const [index, key] of keys.entries()) {
    const { bit } = key;
    if (isExact(key)) exact.push({ bit, index, values: new ExactValues(key, memory) });
    else {
      const parts = key.positions.map((position, at) => ({ position, kind: key.kinds[at] ?? 'text' }));
      hashed.push({ bit, index, parts, places: new PlaceTable(memory) });
    }
  }
  return { exact, hashed };
}

/** Whether a key is told by its word, and needs no look at the rows. */
export function isExact({ kinds: [kind, ...more] }: KernelKey): boolean {
  return more.length === 0 && kind !== 'text' && kind !== 'category';
}

/** The values of a key so far. Whole numbers that lie close together are kept as bits, all others as words. */
class ExactValues {
  readonly #memory: KeyMemory;
  readonly #isNumber: boolean;
  #dense: DenseNumbers | undefined;
  #words: WordTable | undefined;

  constructor({ kinds: [kind] }: KernelKey, memory: KeyMemory) {
    this.#memory = memory;
    this.#isNumber = kind === 'integer' || kind === 'number';
    this.#dense = this.#isNumber ? new DenseNumbers(memory) : undefined;
  }

  /** Adds the keys of a block; calls with the number of each record whose key an earlier one has. */
  addAll(keys: BigInt64Array, onRepeated: (record: number) => void): void {
    const halves = new Uint32Array(keys.buffer, keys.byteOffset, keys.length * 2);
    const numbers = new Float64Array(keys.buffer, keys.byteOffset, keys.length);
    for (let record = 0; record < keys.length; record++) {
      // Two halves for each key.
      const low = halves[record * 2] as number;
      const high = halves[record * 2 + 1] as number;
      if (low === NONE_LOW && high === NONE_HIGH) continue;
      if (this.#isRepeated(low, high, numbers[record] as number)) onRepeated(record);
    }
  }

  #isRepeated(low: number, high: number, value: number): boolean {
    if (this.#dense !== undefined && Number.isSafeInteger(value)) {
      const had = this.#dense.add(value);
      if (this.#dense.isSparse) this.#leaveDense(this.#dense);
      return had;
    }
    this.#words ??= new WordTable(this.#memory);
    return this.#words.add(low, high);
  }

  #leaveDense(dense: DenseNumbers): void {
    this.#words ??= new WordTable(this.#memory);
    const words = this.#words;
    const number = new Float64Array(1);
    const [halves] = [new Uint32Array(number.buffer)];
    dense.empty((value) => {
      number[0] = value;
      words.add(halves[0] as number, halves[1] as number);
    });
    this.#dense = undefined;
  }
}

/** Whether a row of an earlier place has the same key, by the cells of both. */
export function isSameKey(
  { parts }: Pick<HashedKey, 'parts'>,
  one: readonly string[],
  other: readonly string[],
): boolean {
  return parts.every(({ position, kind }) => {
    const [a = '', b = ''] = [one[position], other[position]];
    return a === b || comparable(kind, a) === comparable(kind, b);
  });
}

/** Equal for two spellings of one value. Both have one, as rows without a value of the kind have no key. */
function comparable(kind: ColumnKind, text: string): unknown {
  const value = maybeValue(kind, text);
  return value === undefined ? undefined : comparableOf(value, kind);
}

/** Whether a row has the key, by the two halves of its word. */
export function hasKey(low: number, high: number): boolean {
  return low !== NONE_LOW || high !== NONE_HIGH;
}
