import { NO_KEY } from '../kernel/key-value.ts';
import { fieldsOf } from '../scan/fields.ts';
import type { BlockResult, RowPiece } from './block-result.ts';
import type { KeyFiles } from './key-files.ts';
import { type HashedKey, hasKey, isSameKey, type Keys, NONE_HIGH, NONE_LOW } from './keys.ts';
import type { RecordTexts } from './record-texts.ts';
import { RowLines } from './row-lines.ts';
import type { RowRange, RowSink } from './row-sink.ts';
import { Samples } from './samples.ts';
import type { SweepPlan } from './sweep-plan.ts';
import { Tallies } from './tallies.ts';

export interface RowSplitterOptions {
  readonly bits: SweepPlan['bits'];
  readonly tallies: SweepPlan['tallies'];
  readonly keys: Keys;
  readonly sink: RowSink;
  /** What separates the cells of written rows. */
  readonly delimiter: string;
  /** Whether no row is good. */
  readonly isEachBad: boolean;
  /** What people are shown of a row, where the file has other texts than the row. */
  readonly texts: RecordTexts | undefined;
  /** Where the keys of rows go, if those of other files are compared with them. */
  readonly words?: KeyFiles | undefined;
}

/** Where a block begins in its file, and its bytes. */
export interface PlacedBlock {
  readonly bytes: Buffer;
  readonly line: number;
  /** Pairs of a row of the file and a bit that it was found to violate before. */
  readonly late?: readonly number[] | undefined;
}

/** Parts the rows of the blocks, in the order of the file, into good and bad ones; compares their keys. */
export class RowSplitter {
  readonly #options: RowSplitterOptions;
  /** Rows of the blocks before. */
  #rows = 0;
  readonly samples = new Samples();
  readonly tallies: Tallies;
  /** By bit, how many rows violate it, of keys. */
  readonly repeated: Uint32Array;

  constructor(options: RowSplitterOptions) {
    this.#options = options;
    this.tallies = new Tallies(options.tallies);
    this.repeated = new Uint32Array(options.bits.length);
  }

  split(result: BlockResult, block: PlacedBlock): void {
    const violations = new Violations(this.#allFlags(result, block.late));
    const written = Buffer.from(result.written.buffer, result.written.byteOffset, result.written.length);
    const halves = this.#options.keys.hashed.map(({ index }) => halvesOf(result.keys[index]));
    for (const piece of result.pieces) {
      if (piece.kind !== 'rows') continue;
      const text = piece.text === 'block' ? block.bytes : written;
      const starts = result.starts.subarray(piece.startsAt, piece.startsAt + piece.records + 1);
      const lines = new RowLines(piece, block.line);
      this.#piece({ piece, text, starts, halves, violations, lines, goodFrom: 0, block, places: result.places });
    }
    this.#options.words?.add(result.keys, result.records);
    this.#rows += result.records;
  }

  #piece(split: PieceSplit): void {
    const { piece, violations } = split;
    const isEach = this.#options.keys.hashed.length > 0 || this.#options.isEachBad;
    for (let row = 0; row < piece.records; row++) {
      if (!isEach) row = Math.min(piece.records, violations.next - piece.first);
      if (row < piece.records) this.#row(split, row);
    }
    this.#passGood(split, piece.records);
  }

  /** A row that may violate something. */
  #row(split: PieceSplit, row: number): void {
    const { sink, keys, isEachBad } = this.#options;
    const meanings = this.#options.bits;
    const bits = split.violations.bitsOf(split.piece.first + row);
    const news = keys.hashed.length === 0 ? NONE : this.#compare(split, { row, bits });
    const isFailing = bits.some((bit) => meanings[bit]?.isFailing);
    const isBad = isEachBad || isFailing;
    if (bits.length > 0 || isBad) {
      this.#passGood(split, row);
      this.tallies.note(bits, () => this.#cellsIn(rangeOf(split, row, row + 1)));
      if (bits.length > 0) sink.noteBits(bits);
      this.samples.note(bits, () => {
        const number = this.#rows + split.piece.first + row;
        return { row: number, line: split.lines.lineOf(row), cells: this.#cellsIn(this.#shownOf(split, row)) };
      });
    }
    const place = isBad ? sink.placeOf(true) : sink.placeBehind(this.#pending(split, row));
    for (const { places } of news) places.add(place);
    if (news.length > 0) this.#options.words?.notePlace(split.piece.first + row, place);
    if (!isBad) return;
    sink.addBad(rangeOf(split, row, row + 1), {
      ...{ line: split.lines.lineOf(row), bits: isFailing ? bits : NO_BITS },
      shown: this.#shownOf(split, row),
    });
    split.goodFrom = row + 1;
  }

  /** Adds the bits of keys that an earlier row has; returns those that are new. */
  #compare(split: PieceSplit, { row, bits }: { readonly row: number; readonly bits: number[] }): readonly HashedKey[] {
    const news: HashedKey[] = [];
    for (const [at, key] of this.#options.keys.hashed.entries()) {
      const halves = split.halves[at] ?? NO_HALVES;
      // Two halves for each record of the block.
      const low = halves[(split.piece.first + row) * 2] as number;
      const high = halves[(split.piece.first + row) * 2 + 1] as number;
      if (!hasKey(low, high)) continue;
      if (!this.#isRepeated(split, { row, key, place: key.places.find(low, high) })) {
        news.push(key);
        continue;
      }
      if (this.#options.bits[key.bit]?.isHidden !== true) bits.push(key.bit);
      this.repeated[key.bit] = (this.repeated[key.bit] ?? 0) + 1;
      // An earlier row of this file has it already.
      halves[(split.piece.first + row) * 2] = NONE_LOW;
      halves[(split.piece.first + row) * 2 + 1] = NONE_HIGH;
    }
    bits.sort((a, b) => a - b);
    return news;
  }

  #isRepeated(
    split: PieceSplit,
    { row, key, place }: { readonly row: number; readonly key: HashedKey; readonly place: number },
  ): boolean {
    if (place < 0) return false;
    // The earlier row may be one that is not passed on yet.
    this.#passGood(split, row);
    const cells = this.#cellsIn(rangeOf(split, row, row + 1));
    for (let found = place; found >= 0; found = key.places.next()) {
      if (isSameKey(key, cells, this.#options.sink.cellsAt(found))) return true;
    }
    return false;
  }

  /** Passes on the good rows before `row`. */
  #passGood(split: PieceSplit, row: number): void {
    const { sink } = this.#options;
    const { goodFrom, lines, piece } = split;
    if (row <= goodFrom) return;
    if (sink.keepsLines) {
      const noted = piece.shifts === undefined ? goodFrom + 1 : row;
      for (let good = goodFrom; good < noted; good++) sink.noteLine(good - goodFrom, lines.lineOf(good));
    }
    sink.addGood(rangeOf(split, goodFrom, row), row - goodFrom);
    split.goodFrom = row;
  }

  /** Bytes of good rows before `row` that are not passed on. */
  #pending({ starts, goodFrom }: PieceSplit, row: number): number {
    return (starts[row] ?? 0) - (starts[goodFrom] ?? 0);
  }

  /** The row as the file has it. */
  #shownOf(split: PieceSplit, row: number): RowRange {
    const { texts } = this.#options;
    const { places, piece, block } = split;
    if (texts === undefined || places === undefined) return rangeOf(split, row, row + 1);
    const at = 2 * (piece.first + row);
    return texts.textOf(block.bytes, places[at] ?? 0, places[at + 1] ?? 0);
  }

  #cellsIn({ text, start, end }: RowRange): readonly string[] {
    return fieldsOf(text.toString('utf8', start, end - 1), this.#options.delimiter);
  }

  /** The pairs of a record and a bit, those of repeated exact keys and those that were known before among them. */
  #allFlags({ keys, flags }: BlockResult, late: readonly number[] = []): Uint32Array {
    const others: number[] = late.map((number, at) => (at % 2 === 0 ? number - this.#rows : number));
    for (const { bit, index, values } of this.#options.keys.exact) {
      const words = keys[index] ?? new BigInt64Array(0);
      values.addAll(words, (record) => {
        words[record] = NO_KEY;
        if (this.#options.bits[bit]?.isHidden !== true) others.push(record, bit);
        this.repeated[bit] = (this.repeated[bit] ?? 0) + 1;
      });
    }
    if (others.length === 0) return flags;
    const pairs: (readonly [number, number])[] = [];
    for (let at = 0; at < flags.length; at += 2) pairs.push([flags[at] ?? 0, flags[at + 1] ?? 0]);
    for (let at = 0; at < others.length; at += 2) pairs.push([others[at] ?? 0, others[at + 1] ?? 0]);
    return Uint32Array.from(pairs.sort(([a], [b]) => a - b).flat());
  }
}

/** A piece that is being split. */
interface PieceSplit {
  readonly piece: RowPiece;
  readonly text: Buffer;
  readonly starts: Uint32Array;
  /** By hashed key, the halves of its words. */
  readonly halves: readonly Uint32Array[];
  readonly violations: Violations;
  readonly lines: RowLines;
  readonly block: PlacedBlock;
  readonly places: BlockResult['places'];
  /** The first good row that is not passed on. */
  goodFrom: number;
}

const NONE: readonly HashedKey[] = [];
/** A row that is bad only as every row is has no reason of its own. */
const NO_BITS: readonly number[] = [];
const NO_HALVES = new Uint32Array(0);

function halvesOf(keys: BigInt64Array = new BigInt64Array(0)): Uint32Array {
  return new Uint32Array(keys.buffer, keys.byteOffset, keys.length * 2);
}

function rangeOf({ text, starts }: PieceSplit, from: number, to: number): RowRange {
  return { text, start: starts[from] ?? 0, end: starts[to] ?? 0 };
}

/** The pairs of a record and a bit in a block, in the order of records. */
class Violations {
  readonly #pairs: Uint32Array;
  #at = 0;

  constructor(pairs: Uint32Array) {
    this.#pairs = pairs;
  }

  /** The next record that violates something; Infinity when there is none. */
  get next(): number {
    return this.#pairs[this.#at] ?? Number.POSITIVE_INFINITY;
  }

  /** The bits of a record, in order; asked in the order of records. */
  bitsOf(record: number): number[] {
    const bits: number[] = [];
    for (; this.#pairs[this.#at] === record; this.#at += 2) bits.push(this.#pairs[this.#at + 1] ?? 0);
    return bits.sort((a, b) => a - b);
  }
}
