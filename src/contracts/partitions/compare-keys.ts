import { open } from 'node:fs/promises';
import path from 'node:path';
import { MASK_BITS } from '../check/flags.ts';
import { NO_KEY } from '../kernel/key-value.ts';
import type { KernelKey } from '../kernel/plan.ts';
import { wordsFile } from '../sweep/key-files.ts';
import { hasKey, isSameKey, keysOf } from '../sweep/keys.ts';
import { KeysTooLargeError } from '../sweep/keys-too-large-error.ts';
import { RowNotes } from '../sweep/row-notes.ts';
import { mixed } from '../sweep/slots.ts';
import { PartRows } from './part-rows.ts';

/** A part with the files that its pass left. */
export interface KeyedPart {
  readonly folder: string;
  readonly rows: number;
  /** The key as the plan of the part has it, and its place there; undefined where the part lacks a column of it. */
  readonly key: KernelKey | undefined;
  readonly index: number;
  /** How many bits the plan of the part has. */
  readonly bits: number;
}

export interface CompareKeysOptions {
  /** The parts, in their order: of equal keys the first row keeps its own. */
  readonly parts: readonly KeyedPart[];
  readonly delimiter: string;
  /** Whether the rows that repeat a key are written down; otherwise they are counted alone. */
  readonly isNoted: boolean;
  /** Memory that the keys may take; twice as many passes over half of the keys each where it is not enough. */
  readonly keyBytesMax?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Rows whose key an earlier part has. */
export interface RepeatedKeys {
  readonly rows: number;
  /** By part, the files that say which they are; each in the order of rows. */
  readonly notes: ReadonlyMap<number, readonly string[]>;
}

const CHUNK_ROWS = 1 << 16;
const WORD_BYTES = 8;
const PASSES_MAX = 1 << 12;

/**
 * Compares one key over all parts. Each pass compares the keys of one share of all hashes, as many as fit into memory, so
 * that any number of rows can be compared.
 */
export async function compareKeys(options: CompareKeysOptions): Promise<RepeatedKeys> {
  for (let passes = 1; ; passes *= 2) {
    const comparing = new Comparing(options, passes);
    try {
      return await comparing.run();
    } catch (error) {
      if (!(error instanceof KeysTooLargeError) || passes >= PASSES_MAX) throw error;
    } finally {
      comparing.close();
    }
  }
}

class Comparing {
  readonly #options: CompareKeysOptions;
  readonly #passes: number;
  readonly #rows: readonly PartRows[];
  /** The number of the first row of each part. */
  readonly #firsts: readonly number[];
  readonly #notes = new Map<number, string[]>();
  #repeated = 0;

  constructor(options: CompareKeysOptions, passes: number) {
    this.#options = options;
    this.#passes = passes;
    this.#rows = options.parts.map(({ folder }) => new PartRows(folder, options.delimiter));
    let first = 0;
    this.#firsts = options.parts.map(({ rows }) => {
      first += rows;
      return first - rows;
    });
  }

  async run(): Promise<RepeatedKeys> {
    const { parts, keyBytesMax } = this.#options;
    const key = parts.find((part) => part.key !== undefined)?.key;
    if (key === undefined) return { rows: 0, notes: new Map() };
    for (let pass = 0; pass < this.#passes; pass++) {
      // A table of its own, which nothing but this pass holds.
      const keys = keysOf({ keys: [key] }, keyBytesMax);
      for (const [at, part] of parts.entries()) {
        if (part.key === undefined) continue;
        const notes = this.#notesOf(at, { part, pass });
        try {
          await this.#comparePart({ at, part, pass, keys, notes });
          await notes.end();
        } catch (error) {
          await notes.abandon();
          throw error;
        }
      }
    }
    return { rows: this.#repeated, notes: this.#notes };
  }

  close(): void {
    for (const rows of this.#rows) rows.close();
  }

  async #comparePart({ at, part, pass, keys, notes }: PartPass): Promise<void> {
    const [exact] = keys.exact;
    const [hashed] = keys.hashed;
    const file = await open(wordsFile(part.folder, part.index));
    const chunk = Buffer.allocUnsafeSlow(CHUNK_ROWS * WORD_BYTES);
    try {
      for (let first = 0; first < part.rows; first += CHUNK_ROWS) {
        this.#options.signal?.throwIfAborted();
        const records = Math.min(CHUNK_ROWS, part.rows - first);
        const { bytesRead } = await file.read(chunk, 0, records * WORD_BYTES, first * WORD_BYTES);
        if (bytesRead < records * WORD_BYTES) throw new Error(`Expected ${part.rows} keys in ${part.folder}.`);
        const words = new BigInt64Array(chunk.buffer, 0, records);
        this.#keepOf(words, pass);
        if (exact !== undefined) exact.values.addAll(words, (record) => notes.note(first + record));
        if (hashed !== undefined) this.#addHashed(words, { at, first, places: hashed.places, note: notes.note });
        await notes.flush();
      }
    } finally {
      await file.close();
    }
  }

  /** Leaves the words of one pass. */
  #keepOf(words: BigInt64Array, pass: number): void {
    if (this.#passes === 1) return;
    const halves = new Uint32Array(words.buffer, words.byteOffset, words.length * 2);
    for (let row = 0; row < words.length; row++) {
      // Two halves for each word.
      const hash = mixed(halves[row * 2] as number, halves[row * 2 + 1] as number);
      if (hash % this.#passes !== pass) words[row] = NO_KEY;
    }
  }

  #addHashed(words: BigInt64Array, { at, first, places, note }: HashedChunk): void {
    const halves = new Uint32Array(words.buffer, words.byteOffset, words.length * 2);
    for (let row = 0; row < words.length; row++) {
      const low = halves[row * 2] as number;
      const high = halves[row * 2 + 1] as number;
      if (!hasKey(low, high)) continue;
      let found = places.find(low, high);
      const own = found < 0 ? [] : this.#keyAt(at, first + row);
      while (found >= 0 && !this.#isSame(own, found)) found = places.next();
      if (found >= 0) note(first + row);
      else places.add((this.#firsts[at] ?? 0) + first + row);
    }
  }

  /** Whether the row of this number in the whole dataset has the key. */
  #isSame(own: readonly string[], row: number): boolean {
    const key = this.#options.parts.find((part) => part.key !== undefined)?.key;
    // Parts without rows begin where the next one does, which is the last of them.
    const at = lastAtMost(this.#firsts, row);
    const parts = (key?.kinds ?? []).map((kind, position) => ({ position, kind }));
    return isSameKey({ parts }, own, this.#keyAt(at, row - (this.#firsts[at] ?? 0)));
  }

  #keyAt(at: number, row: number): readonly string[] {
    const cells = this.#rows[at]?.cellsAt(row) ?? [];
    return (this.#options.parts[at]?.key?.positions ?? []).map((position) => cells[position] ?? '');
  }

  /** Writes down repeated rows of a part; nothing where there is none. */
  #notesOf(at: number, { part, pass }: { readonly part: KeyedPart; readonly pass: number }) {
    let notes: RowNotes | undefined;
    const file = path.join(part.folder, `repeats-${part.index}-${this.#passes}-${pass}`);
    const bits = [part.key?.bit ?? 0];
    return {
      note: (row: number): void => {
        this.#repeated++;
        if (!this.#options.isNoted) return;
        notes ??= new RowNotes(file, { bits: part.bits, maskBits: MASK_BITS });
        notes.note(row, bits);
      },
      flush: async (): Promise<void> => notes?.flush(),
      end: async (): Promise<void> => {
        if (notes === undefined) return;
        await notes.close();
        this.#notes.set(at, [...(this.#notes.get(at) ?? []), file]);
      },
      abandon: async (): Promise<void> => notes?.abandon(),
    };
  }
}

interface PartPass {
  readonly at: number;
  readonly part: KeyedPart;
  readonly pass: number;
  readonly keys: ReturnType<typeof keysOf>;
  readonly notes: { readonly note: (row: number) => void; readonly flush: () => Promise<void> };
}

interface HashedChunk extends Pick<PartPass, 'at'> {
  readonly first: number;
  readonly note: (row: number) => void;
  readonly places: ReturnType<typeof keysOf>['hashed'][number]['places'];
}

/** The place of the last number that is at most this one, in an ascending list. */
function lastAtMost(numbers: readonly number[], value: number): number {
  let [low, high] = [0, numbers.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((numbers[middle] ?? 0) <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}
