import type { CellValue, ColumnKind } from '../contract.ts';
import { maybeValue } from '../kinds/cell-value.ts';
import { microsecondsOf } from '../kinds/moments.ts';
import { hasTextBounds } from '../kinds/text-bounds.ts';
import type { ByteDfa } from '../patterns/byte-dfa.ts';
import { addExactly } from './add-exactly.ts';
import { emptyCounts } from './column-counts.ts';
import type { ColumnCounts } from './kernel.ts';
import { doubleOf, maybeBits, maybeBitsOfConstant } from './key-value.ts';
import { SUMMAND_MAX } from './limits.ts';
import type { BetweenTest, CellTest, KernelPlan, LengthTest, RangeTest, SetTest } from './plan.ts';

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** The text of a cell. */
export function textOf(bytes: Uint8Array): string {
  return utf8.decode(bytes);
}

/** The cells of some records, tested and counted. */
export class PlainColumns {
  readonly #plan: KernelPlan;
  readonly #sets: readonly (readonly ValueSet[])[];
  /** Pairs of a record and a bit. */
  readonly flags: number[] = [];
  readonly counts: Uint32Array;
  readonly found: ColumnCounts;

  constructor(plan: KernelPlan) {
    this.#plan = plan;
    this.#sets = plan.columns.map(({ kind, tests }) =>
      tests.flatMap((test) => (test.test === 'set' ? [new ValueSet(kind, test)] : [])),
    );
    this.counts = new Uint32Array(plan.bits);
    this.found = emptyCounts(
      plan.columns.map(({ counts }, index) => (counts === 'categories' ? (this.#sets[index]?.[0]?.size ?? 0) : 0)),
    );
  }

  /** Tests the cells of a record, by their place in the file. */
  test(record: number, cells: readonly Uint8Array[]): void {
    for (const [index, column] of this.#plan.columns.entries()) {
      const bytes = cells[column.position];
      const isNull = bytes === undefined || bytes.length === 0;
      const cell = isNull ? undefined : new ReadCell(column.kind, bytes);
      if (cell === undefined) this.#increase(this.found.nulls, index);
      else this.#count(index, cell);
      let sets = 0;
      for (const test of column.tests) {
        const set = test.test === 'set' ? this.#sets[index]?.[sets++] : undefined;
        const isMet = cell === undefined ? test.test !== 'present' : meets(cell, { test, set });
        if (!isMet) this.#flag(record, test.bit);
      }
    }
  }

  #flag(record: number, bit: number): void {
    this.#increase(this.counts, bit);
    this.flags.push(record, bit);
  }

  #count(index: number, cell: ReadCell): void {
    const { values, min, max, summands, sum, lost, categories } = this.found;
    const { counts } = this.#plan.columns[index] ?? {};
    if (counts === 'categories') {
      const [set] = this.#sets[index] ?? [];
      const category = set?.indexOf(cell);
      if (category !== undefined) this.#increase(categories[index], category);
    }
    const value = counts === 'lengths' ? maybeLength(cell) : counts === 'numbers' ? maybeNumber(cell) : undefined;
    if (typeof value !== 'number') return;
    this.#increase(values, index);
    min[index] = Math.min(min[index] ?? 0, value);
    max[index] = Math.max(max[index] ?? 0, value);
    if (counts === 'lengths' || Math.abs(value) >= SUMMAND_MAX) return;
    this.#increase(summands, index);
    addExactly({ sum, lost }, index, value);
  }

  #increase(counts: Uint32Array | undefined, index: number): void {
    if (counts !== undefined) counts[index] = (counts[index] ?? 0) + 1;
  }
}

/** A cell that is not null. */
class ReadCell {
  readonly kind: ColumnKind;
  readonly bytes: Uint8Array;
  readonly text: string;
  readonly value: CellValue | undefined;

  constructor(kind: ColumnKind, bytes: Uint8Array) {
    this.kind = kind;
    this.bytes = bytes;
    this.text = textOf(bytes);
    this.value = maybeValue(kind, this.text);
  }
}

function meets(
  cell: ReadCell,
  { test, set }: { readonly test: CellTest; readonly set: ValueSet | undefined },
): boolean {
  switch (test.test) {
    case 'present':
      return true;
    case 'absent':
      return false;
    case 'kind':
      return cell.value !== undefined;
    case 'range':
      return isInRange(cell, test);
    case 'between':
      return isBetween(cell, test);
    case 'length':
      return isOfLength(cell, test);
    case 'set':
      return set?.isMet(cell) !== false;
    case 'pattern':
      return isMatched(cell, test.dfa) !== (test.isNegated === true);
    default:
      return test satisfies never;
  }
}

function isInRange({ kind, value, text }: ReadCell, { min, max, excludesMin, excludesMax }: RangeTest): boolean {
  if (value === undefined) return true;
  const ordered = toOrdered(kind, { value, text });
  if (ordered === undefined) return true;
  // A number and a big integer compare exactly.
  const isAbove = min === undefined || (excludesMin === true ? ordered > min : ordered >= min);
  const isBelow = max === undefined || (excludesMax === true ? ordered < max : ordered <= max);
  return isAbove && isBelow;
}

function toOrdered(
  kind: ColumnKind,
  { value, text }: { readonly value: CellValue; readonly text: string },
): number | bigint | undefined {
  if (typeof value === 'number') return value;
  if (kind === 'timestamp') return microsecondsOf(text);
  return kind === 'date' ? microsecondsOf(`${value}T00:00:00Z`) : undefined;
}

function isBetween({ kind, text }: ReadCell, { min, max, excludesMin, excludesMax }: BetweenTest): boolean {
  const bits = maybeBits(kind, text);
  if (bits === undefined) return true;
  const isAbove = min === undefined || (excludesMin === true ? bits > min : bits >= min);
  return isAbove && (max === undefined || (excludesMax === true ? bits < max : bits <= max));
}

function maybeNumber({ kind, text, value }: ReadCell): CellValue | undefined {
  const bits = hasTextBounds(kind) ? maybeBits(kind, text) : undefined;
  return bits === undefined ? value : doubleOf(kind, bits);
}

/** Of texts, in code points. */
function maybeLength({ kind, text }: ReadCell): number | undefined {
  return kind === 'text' || kind === 'category' ? lengthOf(text) : undefined;
}

function lengthOf(text: string): number {
  return [...text].length;
}

function isOfLength({ text }: ReadCell, { min = 0, max = Number.POSITIVE_INFINITY }: LengthTest): boolean {
  const length = lengthOf(text);
  return length >= min && length <= max;
}

function isMatched({ bytes }: ReadCell, { classes, width, transitions, accepting, start }: ByteDfa): boolean {
  let state = start;
  for (const byte of bytes) state = transitions[state * width + (classes[byte] ?? 0)] ?? 0;
  return accepting[state] === 1;
}

/** The values that a column's set names; of values that are equal the first counts. */
class ValueSet {
  readonly size: number;
  readonly #isNegated: boolean;
  readonly #values = new Map<bigint | string, number>();
  /** Values that no cell of the kind can hold; only where they must not be. */
  readonly #texts = new Set<string>();

  constructor(kind: ColumnKind, { values, isNegated }: SetTest) {
    this.size = values.length;
    this.#isNegated = isNegated === true;
    const isText = kind === 'text' || kind === 'category';
    for (const [index, value] of values.entries()) {
      const read = isText ? String(value) : maybeBitsOfConstant(kind, value);
      if (read === undefined) this.#texts.add(String(value));
      else if (!this.#values.has(read)) this.#values.set(read, index);
    }
  }

  /** The place of the cell's value among those named; undefined where it is none of them. */
  indexOf({ kind, text, value }: ReadCell): number | undefined {
    if (value === undefined) return undefined;
    const read = kind === 'text' || kind === 'category' ? text : maybeBits(kind, text);
    return read === undefined ? undefined : this.#values.get(read);
  }

  isMet(cell: ReadCell): boolean {
    const isIn = this.indexOf(cell) !== undefined;
    if (this.#isNegated) return !isIn && !this.#texts.has(cell.text);
    return isIn || cell.value === undefined;
  }
}
