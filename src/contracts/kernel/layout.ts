import type { ColumnKind, PlainKind } from '../contract.ts';
import { isDecimal, sizeOf } from '../kinds/decimal.ts';
import { hasTextBounds } from '../kinds/text-bounds.ts';
import { BIT_TESTS, isSet, putTests, type SetValue } from './layout-tests.ts';
import { flagsMaxOf, recordsMaxOf } from './limits.ts';
import type { KernelColumn, KernelKey, KernelPlan } from './plan.ts';
import { putPowers } from './powers.ts';
import { Tables } from './tables.ts';

/** How a plan lies in the memory of the kernel. */
export interface KernelLayout {
  /** What is copied to `start` before the kernel opens. */
  readonly image: Uint8Array;
  readonly start: number;
  /** What the kernel then puts into the tables of sets. */
  readonly setValues: readonly SetValue[];
  readonly places: Places;
  /** Where free memory begins. */
  readonly end: number;
  /** How many columns are read from one cell at most. */
  readonly readingsMax: number;
}

/** Where what is found lies. */
export interface Places {
  readonly counts: number;
  readonly nulls: number;
  readonly values: number;
  readonly summands: number;
  readonly min: number;
  readonly max: number;
  readonly sum: number;
  readonly lost: number;
  readonly starts: number;
  readonly flags: number;
  readonly shifts: number;
  readonly results: number;
  /** By key. */
  readonly keys: readonly number[];
  /** By column of the plan. */
  readonly categories: readonly { readonly at: number; readonly length: number }[];
}

/** Below are the compiler's own data, of which there are none. */
const START = 1024;
const HEADER_BYTES = 128;
const COLUMN_BYTES = 64;
const KEY_BYTES = 16;
const RESULT_BYTES = 32;
const COUNTS: readonly KernelColumn['counts'][] = ['nulls', 'numbers', 'categories', 'lengths'];
/** As cells.as numbers them. */
const KINDS: readonly (PlainKind | 'decimal')[] = [
  ...(['number', 'integer', 'boolean', 'timestamp', 'date'] as const),
  ...(['time', 'duration', 'decimal', 'category', 'text'] as const),
];

/** A kind, with the digits of decimals. */
function codeOf(kind: ColumnKind): number {
  if (!isDecimal(kind)) return KINDS.indexOf(kind);
  const { precision, scale } = sizeOf(kind);
  return KINDS.indexOf('decimal') | (scale << 8) | (precision << 16);
}

/** Lays out the tables that the `.as` files beside this one describe. */
export function layOut(plan: KernelPlan): KernelLayout {
  const columns = columnsOf(plan);
  const tables = new Tables(START);
  const header = tables.reserve(HEADER_BYTES);
  const powers = putPowers(tables);
  const tested = columns.map((column) => putTests(tables, column));
  const columnsAt = tables.reserve(columns.length * COLUMN_BYTES);
  const keysAt = tables.reserve(plan.keys.length * KEY_BYTES);
  // Of equal readings the first is what keys are made of.
  const first = new Map([...columns.entries()].reverse().map(([index, column]) => [readingOf(column), index]));
  const placeOf = (part: Reading): number => columnsAt + (first.get(readingOf(part)) ?? absent()) * COLUMN_BYTES;
  const parts = plan.keys.map((key) => putInts(tables, partsOf(key).map(placeOf)));
  const keyed = new Set(plan.keys.flatMap(partsOf).map(readingOf));
  // What is found lies behind the image, and is not copied.
  const imageEnd = tables.end;
  const { countersEnd, ...places } = reservePlaces(tables, { plan, columns });
  const ends = tables.reserve((plan.fields + 1) * 4) + 4;
  for (const [index, column] of columns.entries()) {
    const { nulls, tests, set } = tested[index] ?? absent();
    const categories = places.categories[index]?.at ?? 0;
    const isPart = keyed.has(readingOf(column));
    // Words of zero are what the kernel keeps of a cell.
    tables.ints(columnsAt + index * COLUMN_BYTES, [
      ...[column.position, codeOf(column.kind), nulls.at, nulls.length, tests.at, tests.length, countsAs(column)],
      ...[needsOf(column, isPart), 0, 0, 0, 0, 0, categories, set, isPart ? 1 : 0],
    ]);
  }
  for (const [index, key] of plan.keys.entries())
    tables.ints(keysAt + index * KEY_BYTES, [
      ...[parts[index] ?? 0, key.kinds.length, places.keys[index] ?? 0, wayOf(key)],
    ]);
  // In the order of tables.as.
  tables.ints(header, [
    ...[plan.delimiter, plan.fields, places.counts, plan.bits, columnsAt, columns.length, keysAt, plan.keys.length],
    ...[
      plan.output === 'rewrite' ? 1 : 0,
      plan.outputDelimiter,
      plan.seed | 0,
      ends,
      places.starts,
      recordsMaxOf(plan),
    ],
    ...[places.flags, flagsMaxOf(plan), places.shifts, places.nulls, places.values, places.summands],
    ...[places.min, places.max, places.sum, places.counts, countersEnd - places.counts],
    ...[powers.doubles, powers.wholes, powers.halves, places.results, places.lost],
    plan.hasTrailingDelimiter === true ? 1 : 0,
  ]);
  const setValues = tested.flatMap((column) => column.setValues);
  return {
    image: tables.image(imageEnd),
    start: START,
    setValues,
    places,
    end: tables.end,
    readingsMax: readingsMaxOf(columns),
  };
}

/** The columns of the plan, and those that only keys read. */
function columnsOf({ columns, keys }: KernelPlan): readonly KernelColumn[] {
  const all = [...columns];
  const known = new Set(columns.map(readingOf));
  for (const { position, kind } of keys.flatMap(partsOf)) {
    if (known.has(readingOf({ position, kind }))) continue;
    known.add(readingOf({ position, kind }));
    all.push({ position, kind, counts: 'nulls', tests: [] });
  }
  return all;
}

interface Reading {
  readonly position: number;
  readonly kind: ColumnKind;
}

/** A place in the file as a kind, to be looked up. */
function readingOf({ position, kind }: Reading): string {
  return `${position} ${kind}`;
}

function partsOf({ positions, kinds }: KernelKey): readonly Reading[] {
  return positions.map((position, part) => ({ position, kind: kinds[part] ?? absent() }));
}

/** Whether the bits of one value are the key. */
function isExact({ kinds: [kind, ...others] }: KernelKey): boolean {
  return others.length === 0 && kind !== 'text' && kind !== 'category';
}

/** How a key is made, as cells.as numbers it. */
function wayOf(key: KernelKey): number {
  return isExact(key) ? 1 : key.isMarked === true && key.kinds.length === 1 ? 2 : 0;
}

/** What a column counts, as cells.as numbers it: only columns that have numbers count them, only those of texts lengths. */
function countsAs({ kind, counts }: Pick<KernelColumn, 'kind' | 'counts'>): number {
  const isNumber = kind === 'number' || kind === 'integer' || hasTextBounds(kind);
  const isOther = counts === 'numbers' ? !isNumber : counts === 'lengths' && !isText(kind);
  return isOther ? 0 : COUNTS.indexOf(counts);
}

function isText(kind: ColumnKind): boolean {
  return kind === 'text' || kind === 'category';
}

/** What a column needs of a text, perhaps as part of a key, as cells.as numbers it: from nothing more to its double. */
function needsOf({ kind, counts, tests }: KernelColumn, isPart: boolean): number {
  if (kind === 'text' || kind === 'category') return 0;
  if (counts === 'numbers' && hasTextBounds(kind)) return 3;
  const needsBits = isPart || counts !== 'nulls' || tests.some(({ test }) => BIT_TESTS.has(test));
  return needsBits ? 2 : tests.some(({ test }) => test === 'kind') ? 1 : 0;
}

function readingsMaxOf(columns: readonly KernelColumn[]): number {
  const readings = new Map<number, number>();
  for (const { position } of columns) readings.set(position, (readings.get(position) ?? 0) + 1);
  return readings.size === 0 ? 1 : Math.max(...readings.values());
}

function putInts(tables: Tables, ints: readonly number[]): number {
  const at = tables.reserve(ints.length * 4);
  tables.ints(at, ints);
  return at;
}

/** What is reset before each run comes first, up to `countersEnd`. */
function reservePlaces(
  tables: Tables,
  { plan, columns }: { readonly plan: KernelPlan; readonly columns: readonly KernelColumn[] },
): Places & { readonly countersEnd: number } {
  const { length } = columns;
  const recordsMax = recordsMaxOf(plan);
  const counters = {
    counts: tables.reserve(plan.bits * 4),
    nulls: tables.reserve(length * 4),
    values: tables.reserve(length * 4),
    summands: tables.reserve(length * 4),
    sum: tables.reserve(length * 8),
    lost: tables.reserve(length * 8),
    categories: plan.columns.map((column) => {
      const size = column.counts === 'categories' ? (column.tests.find(isSet)?.values.length ?? 0) : 0;
      return { at: tables.reserve(size * 4), length: size };
    }),
  };
  const countersEnd = tables.end;
  return {
    ...counters,
    countersEnd,
    min: tables.reserve(length * 8),
    max: tables.reserve(length * 8),
    results: tables.reserve(RESULT_BYTES),
    starts: tables.reserve((recordsMax + 1) * 4),
    flags: tables.reserve(flagsMaxOf(plan) * 8),
    shifts: tables.reserve(recordsMax * 8),
    keys: plan.keys.map(() => tables.reserve(recordsMax * 8)),
  };
}

function absent(): never {
  throw new Error('A plan has no such column.');
}
