import type { ColumnKind } from '../../contract.ts';
import type { WordTally } from '../../tally/word-tally.ts';
import { isNumeric, isText } from '../value-kinds.ts';
import { KeptNumbers, type NumberMemory } from './kept-numbers.ts';
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

  constructor(kind: ColumnKind, memory: NumberMemory) {
    this.kind = kind;
    this.counts = new ValueCounts(memory.memory, sampleWayOf(kind));
    this.numbers = isNumeric(kind) ? new KeptNumbers(memory) : undefined;
  }

  /** Adds the words of a block, by record. Returns the records that have a text which is to be added to `texts`. */
  add(words: BigInt64Array, tally: WordTally | undefined): readonly number[] {
    const told = tally ?? this.#maybeTold(words);
    const news = this.counts.add(words, told);
    this.numbers?.add(words);
    this.#widen(told?.ends);
    return isText(this.kind) ? news : NONE;
  }

  /** Few different words are counted without it. */
  #maybeTold(words: BigInt64Array): WordTally | undefined {
    const isMoment = this.kind === 'date' || this.kind === 'timestamp';
    return isMoment || !this.counts.isFew ? this.counts.tallyOf(words) : undefined;
  }

  #widen(ends: WordTally['ends']): void {
    if (ends === undefined) return;
    const { min, max } = this.ends ?? ends;
    this.ends = { min: ends.min < min ? ends.min : min, max: ends.max > max ? ends.max : max };
  }
}

const NONE: readonly number[] = [];
