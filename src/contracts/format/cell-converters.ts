import type { ColumnKind } from '../cell.ts';
import { isDecimal } from '../kinds/decimal.ts';
import { parseDatePattern } from './date-pattern.ts';
import type { FileFormat } from './file-format.ts';
import { isAt, type Output } from './output.ts';
import { MomentReader } from './read-moment.ts';

/** Appends the value of a cell as every file of the default form has it; or appends nothing and says false. */
export type CellConverter = (bytes: Uint8Array, start: number, end: number) => boolean;

const [PLUS, MINUS, POINT, ZERO, NINE, E] = [43, 45, 46, 48, 57, 101];
const LOWER = 32;
const GROUP = 3;
/** Longer than any moment, offset and fraction included. */
const MOMENT_BYTES_MAX = 40;

/** What reads the cells of a kind; undefined where they are written as in the default form. */
export function maybeConverter(
  kind: ColumnKind | undefined,
  { format, out }: { readonly format: FileFormat; readonly out: Output },
): CellConverter | undefined {
  if (kind !== undefined && isDecimal(kind)) return maybeNumbers(format, out);
  switch (kind) {
    case 'number':
    case 'integer':
      return maybeNumbers(format, out);
    case 'boolean':
      return format.booleans && words(format.booleans, out);
    case 'timestamp':
      return format.timestamps && moments(format.timestamps, { out, isDay: false });
    case 'date':
      return format.dates && moments(format.dates, { out, isDay: true });
    case 'category':
    case 'text':
    case 'time':
    case 'duration':
    case 'list':
    case 'struct':
    case undefined:
      return undefined;
    default:
      return kind satisfies never;
  }
}

function moments(
  patterns: readonly string[],
  { out, isDay }: { readonly out: Output; readonly isDay: boolean },
): CellConverter {
  const parsed = patterns.flatMap((pattern) => {
    const steps = parseDatePattern(pattern);
    return typeof steps === 'string' ? [] : [steps];
  });
  const reader = new MomentReader(parsed, { isDay });
  return (bytes, start, end) => {
    if (!reader.read(bytes, start, end)) return false;
    out.reserve(MOMENT_BYTES_MAX);
    reader.write(out);
    return true;
  };
}

/** Words are compared in any case, as `true` and `TRUE` are in the default form. */
function words({ true: yes, false: no }: NonNullable<FileFormat['booleans']>, out: Output): CellConverter {
  const known = new Map([...yes.map((word) => [word, 'true'] as const), ...no.map((word) => [word, 'false'] as const)]);
  const encoder = new TextEncoder();
  const toSpelling = (word: string): readonly string[] => [word, word.toLowerCase(), word.toUpperCase()];
  // Most cells have one of these spellings; only the rest becomes a text.
  const spellings = [...known].flatMap(([word, value]) =>
    toSpelling(word).map((each) => ({ bytes: encoder.encode(each), value: encoder.encode(value) })),
  );
  const values = new Map([...known].map(([word, value]) => [word.toLowerCase(), encoder.encode(value)]));
  const longest = Math.max(...spellings.map(({ bytes }) => bytes.length));
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  return (bytes, start, end) => {
    let value: Uint8Array | undefined;
    for (const spelling of spellings)
      if (spelling.bytes.length === end - start && isAt(bytes, start, spelling.bytes)) {
        value = spelling.value;
        break;
      }
    if (value === undefined && end - start <= longest)
      value = values.get(decoder.decode(bytes.subarray(start, end)).toLowerCase());
    if (value === undefined) return false;
    out.reserve(value.length);
    out.copy(value, 0, value.length);
    return true;
  };
}

function maybeNumbers(format: FileFormat, out: Output): CellConverter | undefined {
  return format.decimal === undefined && format.thousands === undefined ? undefined : numbers(format, out);
}

/** Digits in groups of three behind the first, a fraction, an exponent: written without groups and with a point. */
function numbers({ decimal = '.', thousands = '' }: FileFormat, out: Output): CellConverter {
  const encoder = new TextEncoder();
  const [mark, group] = [encoder.encode(decimal), encoder.encode(thousands)];
  const reader = new NumberReader({ mark, group, out });
  return (bytes, start, end) => {
    const from = out.used;
    out.reserve(end - start + 1);
    if (reader.read(bytes, start, end)) return true;
    out.used = from;
    return false;
  };
}

class NumberReader {
  readonly #mark: Uint8Array;
  readonly #group: Uint8Array;
  readonly #out: Output;

  constructor({ mark, group, out }: { readonly mark: Uint8Array; readonly group: Uint8Array; readonly out: Output }) {
    this.#mark = mark;
    this.#group = group;
    this.#out = out;
  }

  /** Whether all of a cell is a number, which is written as far as it is one. */
  read(bytes: Uint8Array, start: number, end: number): boolean {
    const isSigned = bytes[start] === PLUS || bytes[start] === MINUS;
    if (isSigned) this.#out.put(bytes[start] ?? 0);
    const at = this.#decimal(bytes, isSigned ? start + 1 : start, end);
    return at >= 0 && this.#exponent(bytes, at, end) === end;
  }

  /** Where the digits with their marks end; -1 when they are no number. */
  #decimal(bytes: Uint8Array, start: number, end: number): number {
    const [mark, group] = [this.#mark, this.#group];
    let at = start;
    let digits = 0;
    /** Since the last mark of a group; -1 before the first. */
    let inGroup = -1;
    let isFraction = false;
    for (; at < end; ) {
      const byte = bytes[at] ?? 0;
      if (byte >= ZERO && byte <= NINE) {
        this.#out.put(byte);
        digits++;
        if (inGroup >= 0 && !isFraction) inGroup++;
        at++;
      } else if (isFraction) break;
      else if (byte === mark[0] && isAt(bytes, at, mark)) {
        isFraction = true;
        this.#out.put(POINT);
        at += mark.length;
      } else if (byte === group[0] && isAt(bytes, at, group)) {
        if (inGroup === -1 ? digits < 1 || digits > GROUP : inGroup !== GROUP) return -1;
        inGroup = 0;
        at += group.length;
      } else break;
    }
    return digits === 0 || (inGroup >= 0 && inGroup !== GROUP) ? -1 : at;
  }

  /** Where the exponent at this place ends; the place itself where there is none. */
  #exponent(bytes: Uint8Array, start: number, end: number): number {
    if (start >= end || ((bytes[start] ?? 0) | LOWER) !== E) return start;
    let at = start;
    this.#out.put(bytes[at++] ?? 0);
    if (at < end && (bytes[at] === PLUS || bytes[at] === MINUS)) this.#out.put(bytes[at++] ?? 0);
    const digitsAt = at;
    while (at < end && (bytes[at] ?? 0) >= ZERO && (bytes[at] ?? 0) <= NINE) this.#out.put(bytes[at++] ?? 0);
    return at > digitsAt ? at : -1;
  }
}
