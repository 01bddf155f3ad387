import type { ColumnKind } from '../../contract.ts';
import type { KeyMemory } from '../../sweep/key-memory.ts';
import { hasKey } from '../../sweep/keys.ts';
import { isNumeric, isText } from '../value-kinds.ts';
import { KeptNumbers } from './kept-numbers.ts';
import {
  type EachSampled,
  eachMarked,
  eachSampledDay,
  eachSampledInteger,
  eachSampledValue,
  ValueCounts,
} from './value-counts.ts';

/** What a pass collects of one column. */
export class ColumnTally {
  readonly kind: ColumnKind;
  readonly counts: ValueCounts;
  readonly numbers: KeptNumbers | undefined;
  /** Of dates and timestamps: the first and the last word, when there is one. */
  moments: { readonly min: bigint; readonly max: bigint } | undefined;
  /** Of texts: the different ones in the order of their first row, while they are few. */
  readonly texts: string[] = [];

  constructor(kind: ColumnKind, memory: KeyMemory) {
    this.kind = kind;
    this.counts = new ValueCounts(memory, sampledOf(kind));
    this.numbers = isNumeric(kind) ? new KeptNumbers(memory) : undefined;
  }

  /** Adds the words of a block, by record. Returns the records that have a text which is to be added to `texts`. */
  add(words: BigInt64Array): readonly number[] {
    const halves = halvesOf(words);
    const news = this.counts.add(halves);
    this.numbers?.add(words);
    if (this.kind === 'date' || this.kind === 'timestamp') this.#addMoments(halves, words);
    return isText(this.kind) ? news : NONE;
  }

  #addMoments(halves: Uint32Array, words: BigInt64Array): void {
    const highs = new Int32Array(halves.buffer, halves.byteOffset, halves.length);
    let [first, last] = [-1, -1];
    const isBefore = (at: number, other: number): boolean => {
      // Within the list; the lower halves have no sign.
      const [high, otherHigh] = [highs[at + 1] as number, highs[other + 1] as number];
      return high === otherHigh ? (halves[at] as number) < (halves[other] as number) : high < otherHigh;
    };
    for (let at = 0; at < halves.length; at += 2) {
      if (!hasKey(halves[at] as number, halves[at + 1] as number)) continue;
      if (first < 0 || isBefore(at, first)) first = at;
      if (last < 0 || isBefore(last, at)) last = at;
    }
    if (first < 0) return;
    const [min, max] = [words[first / 2] ?? 0n, words[last / 2] ?? 0n];
    const { moments = { min, max } } = this;
    this.moments = { min: min < moments.min ? min : moments.min, max: max > moments.max ? max : moments.max };
  }
}

const NONE: readonly number[] = [];

export function halvesOf(words: BigInt64Array): Uint32Array {
  return new Uint32Array(words.buffer, words.byteOffset, words.length * 2);
}

function sampledOf(kind: ColumnKind): EachSampled {
  if (isText(kind)) return eachMarked;
  if (kind === 'integer') return eachSampledInteger;
  return kind === 'date' ? eachSampledDay : eachSampledValue;
}
