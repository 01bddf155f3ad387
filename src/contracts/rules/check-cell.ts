import type { CellValue, ColumnKind } from '../cell.ts';
import { maybeCoerced } from '../coercions/coerce-text.ts';
import { maybeJsonValue, maybeValue } from '../kinds/cell-value.ts';
import { comparableOf } from '../kinds/comparable.ts';
import { isDecimal } from '../kinds/decimal.ts';
import { definitionOf } from '../kinds/kinds.ts';
import type { CellColumn } from './cell-column.ts';
import { limitsOf } from './cell-limits.ts';
import type { CellTest } from './rule.ts';
import { type IsMet, maybeCellTest } from './to-cell-test.ts';

/** A cell that is not what its column must hold. */
export interface CellFault {
  /** What the column holds, in words. */
  readonly expected: string;
  /** What the cell holds, shortened when it is long. */
  readonly got: string;
}

/** Longer values are cut in messages. */
const SHOWN_MAX = 60;

/** The value of a cell; `isCoerced` where its text was changed as its column allows. */
export interface ReadCell {
  readonly value: CellValue | null;
  readonly isCoerced?: true;
}

/** The value of a cell's text, changed as its column allows, null when it is empty; or what is wrong with it. */
export function readCell(given: string, column: CellColumn): ReadCell | CellFault {
  const changed = column.coerce === undefined ? undefined : maybeCoerced(given, column)?.text;
  if (changed === undefined) return readText(given, column);
  const read = readText(changed, column);
  return 'value' in read ? { ...read, isCoerced: true } : read;
}

function readText(text: string, column: CellColumn): ReadCell | CellFault {
  if (text === '') {
    const expected = maybeUnmet(null, column);
    return expected === undefined ? { value: null } : { expected, got: shown(undefined) };
  }
  const value = column.alwaysNull === true ? undefined : maybeValue(column.kind, text);
  if (value !== undefined && isWithin(value, column)) return { value };
  return { expected: expectedUnder(column), got: shown(text) };
}

/** What is expected instead of a JSON value, in words; undefined when the value is right. */
export function maybeUnmet(value: unknown, column: CellColumn): string | undefined {
  if (isMissing(value)) return column.nullable || column.alwaysNull === true ? undefined : expectedUnder(column);
  const read = column.alwaysNull === true ? undefined : maybeJsonValue(column.kind, value);
  return read !== undefined && isWithin(read, column) ? undefined : expectedUnder(column);
}

/** An absent field and an empty text count as null. */
export function isMissing(value: unknown): value is undefined | null | '' {
  return value === undefined || value === null || value === '';
}

/** What is expected of a cell in a column that is unique. */
export const EXPECTED_OF_UNIQUE = 'a value that no earlier row has';

/** Whether a value of a unique column was seen before; it is noted. `seen` is absent where values may repeat. */
export function isRepeated(
  value: unknown,
  { kind, seen }: { readonly kind: ColumnKind; readonly seen: Set<unknown> | undefined },
): boolean {
  if (seen === undefined || isMissing(value)) return false;
  // Only a value that its column can hold is asked about.
  const key = comparableOf(maybeJsonValue(kind, value) as CellValue, kind);
  if (seen.has(key)) return true;
  seen.add(key);
  return false;
}

function expectedUnder(column: CellColumn): string {
  return column.alwaysNull === true ? 'null' : expectedOf(column);
}

const LIMITS = new WeakMap<CellColumn, readonly IsMet[]>();

/** Whether a value of the right kind meets the column's further limits. */
function isWithin(value: CellValue, column: CellColumn): boolean {
  // Files cannot hold it, and PostgreSQL refuses it.
  if (column.kind === 'text' && String(value).includes('\0')) return false;
  let limits = LIMITS.get(column);
  if (limits === undefined) {
    limits = limitsOf(column).map((test) => compiled(test, column.kind));
    LIMITS.set(column, limits);
  }
  const text = typeof value === 'string' ? value : null;
  return limits.every((isMet) => isMet(text, value));
}

function compiled(test: CellTest, kind: ColumnKind): IsMet {
  const isMet = maybeCellTest(test, kind);
  if (isMet !== undefined) return isMet;
  // `text()` refuses such a pattern when a contract is defined.
  throw new RangeError(`Expected limits of a ${kind} that rows can be checked by; got ${JSON.stringify(test)}.`);
}

/** The column in words: "a whole number from 0 to 100". */
export function expectedOf(column: CellColumn): string {
  return `${kindInWords(column)}${column.nullable ? ' or null' : ''}`;
}

function kindInWords(column: CellColumn): string {
  const { kind, categories = [] } = column;
  const { words } = definitionOf(kind);
  if (isDecimal(kind)) return `${words}${rangeInWords(column)}`;
  switch (kind) {
    case 'number':
    case 'integer':
    case 'time':
    case 'duration':
      return `${words}${rangeInWords(column)}`;
    case 'list':
    case 'struct':
      return nestedInWords(column);
    case 'category':
      return `one of ${categories.map((name) => JSON.stringify(name)).join(', ')}`;
    case 'text':
      return `${words}${textInWords(column)}`;
    case 'boolean':
    case 'timestamp':
    case 'date':
      return words;
    default:
      return kind satisfies never;
  }
}

/** "a list in JSON of numbers from 0 to 1, of at least 2 items". */
function nestedInWords({ kind, of, fields = {}, lengthMin, lengthMax }: CellColumn): string {
  const { words } = definitionOf(kind);
  if (kind === 'struct') {
    const named = Object.entries(fields).map(([name, field]) => `${name}: ${expectedOf(field)}`);
    return `${words} with ${named.join('; ')}`;
  }
  const bounds = [
    ...(lengthMin === undefined ? [] : [`at least ${lengthMin} items`]),
    ...(lengthMax === undefined ? [] : [`at most ${lengthMax} items`]),
  ];
  const items = of === undefined ? '' : `, each ${expectedOf(of)}`;
  return `${words}${bounds.length === 0 ? '' : ` of ${bounds.join(' and ')}`}${items}`;
}

function rangeInWords({ min, max }: CellColumn): string {
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`;
  if (min !== undefined) return ` of at least ${min}`;
  return max === undefined ? '' : ` of at most ${max}`;
}

function textInWords({ pattern, lengthMin, lengthMax }: CellColumn): string {
  return [
    ...(lengthMin === undefined ? [] : [`at least ${lengthMin} characters`]),
    ...(lengthMax === undefined ? [] : [`at most ${lengthMax} characters`]),
    ...(pattern === undefined ? [] : [`the form ${pattern}`]),
  ]
    .map((part, index) => (index === 0 ? ` of ${part}` : `, ${part}`))
    .join('');
}

/** A value for a message. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  // JSON cannot represent Infinity, which a number such as 1e999 becomes.
  if (typeof value === 'number' && !Number.isFinite(value)) return 'a number beyond 1.8e308';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text;
}
