import type { ColumnKind } from '../../contract.ts';
import type { KeyMemory } from '../../sweep/key-memory.ts';
import type { WordTally } from '../../tally/word-tally.ts';
import { isNumeric, isText } from '../value-kinds.ts';
import { KeptNumbers } from './kept-numbers.ts';
import { sampleWayOf } from './plan-tally.ts';
import { ValueCounts } from './value-counts.ts';

/** What a pass collects of one column. */
export class ColumnTally {
  readonly kind: ColumnKind;
  readonly counts: ValueCounts;
  readonly numbers: KeptNumbers | undefined;
  /** The first and the last word, when there is one: the moments of dates and timestamps. */
  ends: WordTally['ends'];
  /** Of texts: the different ones in the order of their first row, while they are few. */
  readonly texts: string[] = [];

  constructor(kind: ColumnKind, memory: KeyMemory) {
    this.kind = kind;
    this.counts = new ValueCounts(memory, sampleWayOf(kind));
    this.numbers = isNumeric(kind) ? new KeptNumbers(memory) : undefined;
  }

  /** Adds the words of a block, by record. Returns the records that have a text which is to be added to `texts`. */
  add(tally: WordTally, words: BigInt64Array): readonly number[] {
    const news = this.counts.add(tally, words);
    this.numbers?.add(words);
    this.#widen(tally.ends);
    return isText(this.kind) ? news : NONE;
  }

  #widen(ends: WordTally['ends']): void {
    if (ends === undefined) return;
    const { min, max } = this.ends ?? ends;
    this.ends = { min: ends.min < min ? ends.min : min, max: ends.max > max ? ends.max : max };
  }
}

const NONE: readonly number[] = [];
