import { hasTextBounds } from '../kinds/text-bounds.ts';
import { maybeBitsOfConstant } from './key-value.ts';
import type { BetweenTest, CellTest, KernelColumn, LengthTest, PatternTest, RangeTest, SetTest } from './plan.ts';
import type { Tables } from './tables.ts';

/** A value of a set, as bits or as a text in the image, and the table that it belongs in. */
export interface SetValue {
  readonly table: number;
  readonly mask: number;
  readonly index: number;
  readonly value: bigint | { readonly at: number; readonly length: number };
}

/** Where something lies, and how many there are. */
interface Place {
  readonly at: number;
  readonly length: number;
}

/** The tests of a column. */
interface PutTests {
  /** Bits that a null violates. */
  readonly nulls: Place;
  /** Tests of other cells. */
  readonly tests: Place;
  /** The first of them that names values; 0 where there is none. */
  readonly set: number;
  readonly setValues: readonly SetValue[];
}

/** Tests that need the value of a cell, and not only that there is one. */
export const BIT_TESTS: ReadonlySet<CellTest['test']> = new Set(['range', 'between', 'set']);

const TEST_BYTES = 48;
const SLOT_BYTES = 32;
const INT_MAX = 0x7fff_ffff;
const LONG_MAX = 2n ** 63n - 1n;

// As cells.as numbers them.
const ABSENT = 0;
const OF_KIND = 1;
const RANGE = 2;
const MOMENTS = 3;
const LENGTH = 4;
const TEXTS = 5;
const BITS = 6;
const PATTERN = 7;

export function isSet(test: CellTest): test is CellTest & SetTest {
  return test.test === 'set';
}

export function putTests(tables: Tables, { kind, tests }: KernelColumn): PutTests {
  const setValues: SetValue[] = [];
  const nulls = tests.filter(({ test }) => test === 'present').map(({ bit }) => bit);
  const nullsAt = tables.reserve(nulls.length * 4);
  tables.ints(nullsAt, nulls);
  const others = tests.filter((test) => test.test !== 'present' && !(test.test === 'range' && isUnordered(kind)));
  const testsAt = tables.reserve(others.length * TEST_BYTES);
  for (const [index, test] of others.entries()) {
    const at = testsAt + index * TEST_BYTES;
    if (test.test === 'set') setValues.push(...putSet(tables, { at, kind, test }));
    else putTest(tables, { at, kind, test });
  }
  const set = others.findIndex(isSet);
  return {
    nulls: { at: nullsAt, length: nulls.length },
    tests: { at: testsAt, length: others.length },
    set: set < 0 ? 0 : testsAt + set * TEST_BYTES,
    setValues,
  };
}

interface Putting<Test extends CellTest> {
  readonly at: number;
  readonly kind: KernelColumn['kind'];
  readonly test: Test;
}

function putTest(tables: Tables, { at, kind, test }: Putting<Exclude<CellTest, SetTest>>): void {
  switch (test.test) {
    case 'present':
      break;
    case 'absent':
      tables.ints(at, [ABSENT, test.bit]);
      break;
    case 'kind':
      tables.ints(at, [OF_KIND, test.bit]);
      break;
    case 'range':
      if (kind === 'timestamp' || kind === 'date') putMoments(tables, { at, kind, test });
      else putRange(tables, { at, kind, test });
      break;
    case 'between':
      putBetween(tables, { at, kind, test });
      break;
    case 'length':
      tables.ints(at, [LENGTH, test.bit, ...lengthsOf(test)]);
      break;
    case 'pattern':
      putPattern(tables, { at, kind, test });
      break;
    default:
      test satisfies never;
  }
}

function putRange(tables: Tables, { at, test }: Putting<CellTest & RangeTest>): void {
  tables.ints(at, [RANGE, test.bit]);
  tables.doubles(at + 8, boundsOf(test));
}

/** Each row begins with whether the text may end in its state. */
function putPattern(tables: Tables, { at, test }: Putting<CellTest & PatternTest>): void {
  const { classes, width, transitions, accepting, start } = test.dfa;
  const rowBytes = 4 * (width + 1);
  const classesAt = tables.reserve(classes.length);
  tables.bytes(classesAt, classes);
  const rowsAt = tables.reserve(accepting.length * rowBytes);
  for (const [state, isAccepting] of accepting.entries()) {
    const next = transitions.subarray(state * width, (state + 1) * width);
    tables.ints(rowsAt + state * rowBytes, [isAccepting, ...Array.from(next, (target) => target * rowBytes)]);
  }
  tables.ints(at, [PATTERN, test.bit, classesAt, rowsAt, start * rowBytes, test.isNegated === true ? 1 : 0]);
}

function isUnordered(kind: KernelColumn['kind']): boolean {
  return kind === 'text' || kind === 'category' || kind === 'boolean' || hasTextBounds(kind);
}

/** Bounds that are included: an excluded one is the next double. */
function boundsOf({ min, max, excludesMin, excludesMax }: RangeTest): readonly [number, number] {
  const from = min ?? Number.NEGATIVE_INFINITY;
  const to = max ?? Number.POSITIVE_INFINITY;
  return [excludesMin === true ? nextAbove(from) : from, excludesMax === true ? -nextAbove(-to) : to];
}

/** The smallest double above another. */
function nextAbove(value: number): number {
  if (value === 0) return Number.MIN_VALUE;
  if (value === Number.POSITIVE_INFINITY) return Number.NaN;
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  view.setBigInt64(0, view.getBigInt64(0) + (value > 0 ? 1n : -1n));
  return view.getFloat64(0);
}

function putMoments(tables: Tables, { at, kind, test }: Putting<CellTest & RangeTest>): void {
  const { min, max, excludesMin, excludesMax } = test;
  const from = min === undefined ? -LONG_MAX : firstAbove(min, excludesMin === true);
  const to = max === undefined ? LONG_MAX : -firstAbove(-max, excludesMax === true);
  tables.ints(at, [MOMENTS, test.bit]);
  tables.longs(at + 8, [from, to]);
  tables.ints(at + 24, [kind === 'date' ? 1 : 0]);
}

function putBetween(tables: Tables, { at, test }: Putting<CellTest & BetweenTest>): void {
  const { min, max, excludesMin, excludesMax } = test;
  const from = min === undefined ? -LONG_MAX : min + (excludesMin === true ? 1n : 0n);
  const to = max === undefined ? LONG_MAX : max - (excludesMax === true ? 1n : 0n);
  tables.ints(at, [MOMENTS, test.bit]);
  tables.longs(at + 8, [from, to]);
}

/** The first whole number from a bound on. */
function firstAbove(bound: number, isExcluded: boolean): bigint {
  const whole = Math.ceil(bound);
  const first = BigInt(Math.max(-1e18, Math.min(1e18, whole)));
  return isExcluded && whole === bound ? first + 1n : first;
}

function lengthsOf({ min = 0, max = INT_MAX }: LengthTest): readonly [number, number] {
  return [Math.min(INT_MAX, Math.max(0, Math.ceil(min))), Math.max(-1, Math.min(INT_MAX, Math.floor(max)))];
}

/** Puts a set, and returns the values that belong in its tables. */
function putSet(tables: Tables, { at, kind, test }: Putting<CellTest & SetTest>): readonly SetValue[] {
  const isText = kind === 'text' || kind === 'category';
  const values = test.values.map((value) =>
    isText ? String(value) : (maybeBitsOfConstant(kind, value) ?? String(value)),
  );
  const entries = values.map((value, index) => ({ value, index })).filter(({ value }) => value !== '');
  const own = entries.filter(({ value }) => isText || typeof value === 'bigint');
  const texts = test.isNegated === true ? entries.filter(({ value }) => !isText && typeof value === 'string') : [];
  const table = tableFor(tables, own.length);
  const textTable = texts.length === 0 ? { at: 0, mask: 0 } : tableFor(tables, texts.length);
  tables.ints(at, [
    ...[isText ? TEXTS : BITS, test.bit, table.at, table.mask, test.isNegated === true ? 1 : 0],
    ...[textTable.at, textTable.mask],
  ]);
  return [
    ...own.map(({ value, index }) => ({ table: table.at, mask: table.mask, index, value: toValue(tables, value) })),
    ...texts.map(({ value, index }) => ({
      table: textTable.at,
      mask: textTable.mask,
      index,
      value: toValue(tables, value),
    })),
  ];
}

/** A table of open hashing that is at most half full. */
function tableFor(tables: Tables, values: number): { readonly at: number; readonly mask: number } {
  const slots = 2 ** Math.ceil(Math.log2(2 * values + 1));
  return { at: tables.reserve(slots * SLOT_BYTES), mask: slots - 1 };
}

function toValue(tables: Tables, value: bigint | string): SetValue['value'] {
  if (typeof value === 'bigint') return value;
  const bytes = Buffer.from(value);
  const at = tables.reserve(bytes.length + 8);
  tables.bytes(at, bytes);
  return { at, length: bytes.length };
}
