import type { ColumnKind } from '../cell.ts';
import type { CellCoercer } from '../coercions/cell-coercer.ts';
import { type CellConverter, maybeConverter } from '../format/cell-converters.ts';
import type { Form } from '../format/form.ts';
import { isAt, Output } from '../format/output.ts';
import { maybeValue } from '../kinds/cell-value.ts';
import type { CellFinder } from './find-cells.ts';

const LF = 10;
const CR = 13;
const TAB = 9;
const BLANK = 32;
const QUOTE = 34;
const BACKSLASH = 92;
/** Before a text that the default form would read as a value, and the format does not: `1.5` where numbers have a comma. */
const REFUSED = new TextEncoder().encode('\ufffd');

const encoder = new TextEncoder();

type Cells = Pick<CellFinder, 'starts' | 'ends' | 'hasEscapes'>;

/** Writes records as the default form has them. */
export class RecordWriter<Bytes extends Uint8Array> {
  readonly #form: Form;
  readonly #out: Output<Bytes>;
  readonly #delimiter: number;
  readonly #cells: Cells;
  readonly #mustQuote = new Uint8Array(256);
  readonly #isTrimmed: boolean;
  /** By length in bytes: the texts that mean null. */
  readonly #nulls: readonly (readonly Uint8Array[] | undefined)[];
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  readonly #plain = new Output((size) => new Uint8Array(size), 256);
  /** Whether cells are written as values, and not as their texts. */
  #areValues = false;
  #kinds: readonly (ColumnKind | undefined)[] = [];
  #converters: readonly (CellConverter | undefined)[] = [];
  #coercers: readonly (CellCoercer | undefined)[] = [];

  constructor(options: {
    readonly form: Form;
    readonly out: Output<Bytes>;
    readonly outputDelimiter: string;
    readonly cells: Cells;
  }) {
    const { form, out, outputDelimiter, cells } = options;
    this.#form = form;
    this.#out = out;
    this.#cells = cells;
    this.#delimiter = outputDelimiter.charCodeAt(0);
    for (const byte of [LF, CR, QUOTE, this.#delimiter]) this.#mustQuote[byte] = 1;
    this.#isTrimmed = form.blanks === 'trimmed';
    const nulls: Uint8Array[][] = [];
    for (const word of form.nulls) nulls[word.length] = [...(nulls[word.length] ?? []), word];
    this.#nulls = nulls;
  }

  /** From now on cells are written as values of these kinds, and null texts as nothing. */
  setKinds(kinds: readonly (ColumnKind | undefined)[], coercers: readonly (CellCoercer | undefined)[] = []): void {
    this.#areValues = true;
    this.#coercers = coercers;
    this.#kinds = kinds;
    this.#converters = kinds.map((kind) => maybeConverter(kind, { format: this.#form.format, out: this.#out }));
  }

  /** The texts of the first cells, without blanks around them where those are trimmed. */
  texts(bytes: Uint8Array, count: number): readonly string[] {
    return Array.from({ length: count }, (_, cell) => {
      const { start, end } = this.#rangeOf(bytes, cell);
      if (this.#cells.hasEscapes[cell] === 0) return this.#decoder.decode(bytes.subarray(start, end));
      this.#unescape(bytes, start, end);
      return this.#decoder.decode(this.#plain.bytes.subarray(0, this.#plain.used));
    });
  }

  /** A record as it stands, with LF behind it. */
  copy(bytes: Uint8Array, { start, end }: { readonly start: number; readonly end: number }): void {
    this.#out.reserve(end - start + 1);
    this.#out.copy(bytes, start, end);
    this.#out.put(LF);
  }

  /** The first cells as a record, with LF behind it. */
  write(bytes: Uint8Array, count: number): void {
    const out = this.#out;
    const from = out.used;
    const { starts, ends, hasEscapes } = this.#cells;
    // Of what every cell is asked, nothing is where the cells are texts without marks.
    const isPlain = !this.#areValues;
    for (let cell = 0; cell < count; cell++) {
      if (cell > 0) {
        out.reserve(1);
        out.put(this.#delimiter);
      }
      if (isPlain && hasEscapes[cell] === 0) this.#copy(bytes, starts[cell] ?? 0, ends[cell] ?? 0);
      else this.#write(bytes, cell);
    }
    out.reserve(3);
    if (out.used === from) {
      // A lone empty cell would be a blank line, which most readers skip.
      this.#out.put(QUOTE);
      this.#out.put(QUOTE);
    }
    this.#out.put(LF);
  }

  #write(bytes: Uint8Array, cell: number): void {
    let from = bytes;
    let start = this.#cells.starts[cell] ?? 0;
    let end = this.#cells.ends[cell] ?? 0;
    if (this.#isTrimmed && this.#areValues) {
      while (start < end && isBlank(bytes[start])) start++;
      while (end > start && isBlank(bytes[end - 1])) end--;
    }
    if (this.#areValues && this.#isNull(bytes, start, end)) return;
    if (this.#cells.hasEscapes[cell] === 1) {
      this.#unescape(bytes, start, end);
      from = this.#plain.bytes;
      start = 0;
      end = this.#plain.used;
    }
    if (start === end) return;
    const convert = this.#converters[cell];
    if (this.#coercers[cell] !== undefined) this.#coerce(from, { start, end, cell });
    else if (convert === undefined) this.#copy(from, start, end);
    else if (!convert(from, start, end)) this.#refuse(from, { start, end, cell });
  }

  /** A cell as its column changes it: from its value in the default form, where it has one. */
  #coerce(
    bytes: Uint8Array,
    { start, end, cell }: { readonly start: number; readonly end: number; readonly cell: number },
  ): void {
    const out = this.#out;
    const from = out.used;
    const convert = this.#converters[cell];
    const isConverted = convert?.(bytes, start, end) === true;
    const coercer = this.#coercers[cell];
    const text = isConverted ? coercer?.maybeText(out.bytes, from, out.used) : coercer?.maybeText(bytes, start, end);
    if (text !== undefined) {
      out.used = from;
      const written = encoder.encode(text);
      this.#copy(written, 0, written.length);
    } else if (isConverted) return;
    else if (convert === undefined) this.#copy(bytes, start, end);
    else this.#refuse(bytes, { start, end, cell });
  }

  /** Where the content of a cell is, without the blanks that are trimmed. */
  #rangeOf(bytes: Uint8Array, cell: number): { start: number; end: number } {
    let start = this.#cells.starts[cell] ?? 0;
    let end = this.#cells.ends[cell] ?? 0;
    if (this.#isTrimmed) {
      while (start < end && isBlank(bytes[start])) start++;
      while (end > start && isBlank(bytes[end - 1])) end--;
    }
    return { start, end };
  }

  #isNull(bytes: Uint8Array, start: number, end: number): boolean {
    const words = this.#nulls[end - start];
    if (words === undefined) return false;
    for (const word of words) if (isAt(bytes, start, word)) return true;
    return false;
  }

  /** Leaves in `plain` what escapes stand for. */
  #unescape(bytes: Uint8Array, start: number, end: number): void {
    const plain = this.#plain;
    const { quote, isBackslash } = this.#form;
    plain.used = 0;
    plain.reserve(end - start);
    for (let at = start; at < end; at++) {
      if (isBackslash && bytes[at] === BACKSLASH && at + 1 < end) at++;
      else if (!isBackslash && quote !== undefined && isAt(bytes, at, quote)) {
        plain.copy(quote, 0, quote.length);
        // Both quotes of a pair are passed.
        at += 2 * quote.length - 1;
        continue;
      }
      plain.put(bytes[at] ?? 0);
    }
  }

  /** A cell as text, in quotes where the default form needs them. */
  #copy(bytes: Uint8Array, start: number, end: number): void {
    const out = this.#out;
    out.reserve(2 * (end - start) + 2);
    const from = out.used;
    const target = out.bytes;
    const mustQuote = this.#mustQuote;
    let used = from;
    for (let at = start; at < end; at++) {
      const byte = bytes[at] ?? 0;
      if (mustQuote[byte] === 1) {
        this.#copyQuoted(bytes, start, end);
        return;
      }
      target[used++] = byte;
    }
    out.used = used;
  }

  #copyQuoted(bytes: Uint8Array, start: number, end: number): void {
    const out = this.#out;
    out.put(QUOTE);
    for (let at = start; at < end; at++) {
      if (bytes[at] === QUOTE) out.put(QUOTE);
      out.put(bytes[at] ?? 0);
    }
    out.put(QUOTE);
  }

  /** A text that is no value of its column: it stays one also where the default form would read it otherwise. */
  #refuse(
    bytes: Uint8Array,
    { start, end, cell }: { readonly start: number; readonly end: number; readonly cell: number },
  ): void {
    const text = this.#decoder.decode(bytes.subarray(start, end));
    if (maybeValue(this.#kinds[cell] ?? 'text', text) !== undefined) {
      this.#out.reserve(REFUSED.length);
      this.#out.copy(REFUSED, 0, REFUSED.length);
    }
    this.#copy(bytes, start, end);
  }
}

function isBlank(byte: number | undefined): boolean {
  return byte === BLANK || byte === TAB;
}
