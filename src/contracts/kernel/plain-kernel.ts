import type { ColumnKind } from '../contract.ts';
import { hasTextBounds } from '../kinds/text-bounds.ts';
import { toRecord } from '../scan/fields.ts';
import type { Kernel, KernelResult, KernelStop } from './kernel.ts';
import { bitsOf, doubleOf, hashOf, markedHashOf, maybeBits, NO_KEY } from './key-value.ts';
import { flagsMaxOf, recordsMaxOf, textMaxOf, writtenMaxOf } from './limits.ts';
import { PlainColumns, textOf } from './plain-columns.ts';
import type { KernelKey, KernelPlan } from './plan.ts';
import { type Cell, type FoundRecord, lineEnd, readRecord } from './read-record.ts';

const LF = 10;
const QUOTE = 34;

/** The kernel in plain TypeScript: what the other one must equal, and what runs where Node has no WebAssembly. */
export function openPlainKernel(plan: KernelPlan): Kernel {
  let block = new Uint8Array();
  return {
    place: (sizeBytes) => {
      block = new Uint8Array(sizeBytes);
      return block;
    },
    load: (bytes) => {
      block = Uint8Array.from(bytes);
    },
    run: ({ start, isSound }) => new Run(plan, block).pass(start, { isSound }),
    runOne: (record) => {
      const recordBytesMax = Number.POSITIVE_INFINITY;
      return new Run({ ...plan, recordBytesMax }, Uint8Array.from(record)).pass(0, { isSound: true });
    },
    close: () => {
      block = new Uint8Array();
    },
  };
}

/** One call. */
class Run {
  readonly #plan: KernelPlan;
  readonly #block: Uint8Array;
  readonly #columns: PlainColumns;
  readonly #written: Uint8Array[] = [];
  readonly #starts: number[] = [];
  readonly #shifts: number[] = [];
  readonly #keys: readonly bigint[][];
  #writtenBytes = 0;
  #lineFeeds = 0;
  #shift = 0;
  #longest = 0;

  constructor(plan: KernelPlan, block: Uint8Array) {
    this.#plan = plan;
    this.#block = block;
    this.#columns = new PlainColumns(plan);
    this.#keys = plan.keys.map(() => []);
  }

  pass(start: number, { isSound }: { readonly isSound: boolean }): KernelResult {
    const { delimiter, fields, recordBytesMax, output, hasTrailingDelimiter = false } = this.#plan;
    const isStrict = output === 'ranges';
    const options = { delimiter, fields, recordBytesMax, isStrict, isSound, hasTrailingDelimiter };
    let at = start;
    for (;;) {
      const blank = isStrict || fields === 1 ? 'irregular' : lineEnd(this.#block, at, false);
      if (typeof blank !== 'string') {
        this.#lineFeeds++;
        at = blank.next;
        continue;
      }
      const found = readRecord(this.#block, at, options);
      if (typeof found === 'string') return this.#result({ end: at, stop: found });
      if (this.#isFull(found)) return this.#result({ end: at, stop: 'full' });
      this.#record(found);
      at = found.next;
    }
  }

  #isFull({ start, end }: FoundRecord): boolean {
    const written = this.#writtenBytes + writtenMaxOf(this.#plan, end - start);
    return (
      this.#starts.length === recordsMaxOf(this.#plan) ||
      this.#columns.flags.length / 2 + this.#plan.bits > flagsMaxOf(this.#plan) ||
      (this.#plan.output === 'rewrite' && written > textMaxOf(this.#plan, this.#block.length))
    );
  }

  #record(found: FoundRecord): void {
    const record = this.#starts.length;
    if (this.#lineFeeds - record !== this.#shift) {
      this.#shift = this.#lineFeeds - record;
      this.#shifts.push(record, this.#shift);
    }
    const values = found.cells.map((cell) => this.#valueOf(cell));
    this.#columns.test(record, values);
    for (const [index, key] of this.#plan.keys.entries())
      this.#keys[index]?.push(keyOf(values, { key, plan: this.#plan }));
    this.#longest = Math.max(this.#longest, this.#write(found, values));
    this.#lineFeeds += 1 + found.lineFeeds;
  }

  /** Returns the length of the record as it stands in the text. */
  #write({ start, end, cells }: FoundRecord, values: readonly Uint8Array[]): number {
    const { output, delimiter, outputDelimiter } = this.#plan;
    this.#starts.push(output === 'ranges' ? start : this.#writtenBytes);
    if (output === 'ranges') return end - start;
    const isKept =
      delimiter === outputDelimiter && end > start && !cells.some((cell) => !cell.isQuoted && cell.hasQuote);
    const separator = String.fromCharCode(outputDelimiter);
    const written = isKept ? this.#block.subarray(start, end) : Buffer.from(toRecord(values.map(textOf), separator));
    this.#written.push(written, Buffer.of(LF));
    this.#writtenBytes += written.length + 1;
    return written.length;
  }

  #valueOf({ start, end, isQuoted, hasQuote }: Cell): Uint8Array {
    const bytes = this.#block.subarray(start, end);
    return isQuoted && hasQuote ? withoutDoubled(bytes) : bytes;
  }

  #result({ end, stop }: { readonly end: number; readonly stop: KernelStop }): KernelResult {
    const isRewritten = this.#plan.output === 'rewrite';
    const { flags, counts, found } = this.#columns;
    return {
      end,
      stop,
      records: this.#starts.length,
      text: isRewritten ? Buffer.concat(this.#written) : this.#block,
      starts: Uint32Array.from([...this.#starts, isRewritten ? this.#writtenBytes : end]),
      longest: this.#longest,
      lineFeeds: this.#lineFeeds,
      shifts: Uint32Array.from(this.#shifts),
      flags: Uint32Array.from(flags),
      counts,
      columns: found,
      keys: this.#keys.map((key) => BigInt64Array.from(key)),
    };
  }
}

function keyOf(
  values: readonly Uint8Array[],
  { key, plan }: { readonly key: KernelKey; readonly plan: KernelPlan },
): bigint {
  const parts: (bigint | Uint8Array)[] = [];
  for (const [index, kind] of key.kinds.entries()) {
    const bytes = values[key.positions[index] ?? 0];
    if (bytes === undefined || bytes.length === 0) return NO_KEY;
    const part = partOf(bytes, { kind, position: key.positions[index] ?? 0, plan });
    if (part === undefined) return NO_KEY;
    parts.push(part);
  }
  const [first] = parts;
  if (parts.length === 1 && typeof first === 'bigint') return first;
  const hash = hashOf(parts, plan.seed);
  return key.isMarked === true && typeof first === 'object' ? markedHashOf(hash, first) : hash;
}

function partOf(
  bytes: Uint8Array,
  { kind, position, plan }: { readonly kind: ColumnKind; readonly position: number; readonly plan: KernelPlan },
): bigint | Uint8Array | undefined {
  if (kind === 'text' || kind === 'category') return bytes;
  const bits = maybeBits(kind, textOf(bytes));
  if (bits === undefined || !hasTextBounds(kind)) return bits;
  // Of equal readings the first is what keys are made of.
  const column = plan.columns.find((each) => each.position === position && each.kind === kind);
  return column?.counts === 'numbers' ? bitsOf(doubleOf(kind, bits)) : bits;
}

/** Every quote in it is doubled; of each pair the first is kept. */
function withoutDoubled(bytes: Uint8Array): Uint8Array {
  let isSecond = false;
  return bytes.filter((byte) => {
    isSecond = byte === QUOTE && !isSecond;
    return byte !== QUOTE || isSecond;
  });
}
