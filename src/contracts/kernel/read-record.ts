/** A cell of a record, by its place in the block. */
export interface Cell {
  /** Without the quotes around it. */
  readonly start: number;
  readonly end: number;
  readonly isQuoted: boolean;
  /** A quote is in it: doubled where the cell is quoted. */
  readonly hasQuote: boolean;
}
export interface FoundRecord {
  readonly start: number;
  /** Where its line end begins. */
  readonly end: number;
  /** Where the next record begins. */
  readonly next: number;
  /** Line feeds within quotes. */
  readonly lineFeeds: number;
  readonly cells: readonly Cell[];
}
export interface ReadRecordOptions {
  readonly delimiter: number;
  readonly fields: number;
  readonly recordBytesMax: number;
  /** Whether only what is canonical as it stands is regular. */
  readonly isStrict: boolean;
  readonly isSound: boolean;
  /** Whether a delimiter follows the last cell too. */
  readonly hasTrailingDelimiter: boolean;
}

const LF = 10;
const CR = 13;
const QUOTE = 34;
const ASCII_MAX = 127;

/** The record that begins at `start`; or `end` when the bytes end within it, `irregular` when another must decide. */
export function readRecord(
  bytes: Uint8Array,
  start: number,
  options: ReadRecordOptions,
): FoundRecord | 'end' | 'irregular' {
  const { fields, delimiter, recordBytesMax, isStrict, hasTrailingDelimiter } = options;
  const cells: Cell[] = [];
  let at = start;
  let lineFeeds = 0;
  for (;;) {
    if (at >= bytes.length) return 'end';
    const cell = bytes[at] === QUOTE ? quotedCell(bytes, at, options) : bareCell(bytes, at, options);
    if (typeof cell === 'string') return cell;
    at = cell.isQuoted ? cell.end + 1 : cell.end;
    if (at >= bytes.length) return 'end';
    if (cell.isQuoted) lineFeeds += lineFeedsIn(bytes.subarray(cell.start, cell.end));
    cells.push(cell);
    if (bytes[at] === delimiter && cells.length < fields) {
      at++;
      continue;
    }
    const isTrailed = hasTrailingDelimiter && bytes[at] === delimiter;
    const end = lineEnd(bytes, isTrailed ? at + 1 : at, isStrict);
    if (typeof end === 'string') return end;
    // An empty line is no record, unless records have one cell; then it is none that stands alone.
    const isWhole = cells.length === fields && isTrailed === hasTrailingDelimiter;
    const isIrregular = !isWhole || at - start + Number(isTrailed) > recordBytesMax || (isStrict && at === start);
    return isIrregular ? 'irregular' : { start, end: at, next: end.next, lineFeeds, cells };
  }
}

/** Where the line ends that has nothing more from `at` on. */
export function lineEnd(bytes: Uint8Array, at: number, isStrict: boolean): { next: number } | 'end' | 'irregular' {
  if (at >= bytes.length) return 'end';
  if (bytes[at] === LF) return { next: at + 1 };
  if (bytes[at] !== CR) return 'irregular';
  if (at + 1 >= bytes.length) return 'end';
  return bytes[at + 1] === LF && !isStrict ? { next: at + 2 } : 'irregular';
}

function quotedCell(bytes: Uint8Array, at: number, { isSound }: ReadRecordOptions): Cell | 'end' | 'irregular' {
  const start = at + 1;
  let hasQuote = false;
  for (let end = start; end < bytes.length; end++) {
    const byte = bytes[end] ?? 0;
    if (!isSound && isUnsound(byte)) return 'irregular';
    if (byte !== QUOTE) continue;
    if (bytes[end + 1] !== QUOTE) return { start, end, isQuoted: true, hasQuote };
    hasQuote = true;
    end++;
  }
  return 'end';
}

function bareCell(bytes: Uint8Array, start: number, options: ReadRecordOptions): Cell | 'end' | 'irregular' {
  let hasQuote = false;
  for (let end = start; end < bytes.length; end++) {
    const byte = bytes[end] ?? 0;
    if (byte === options.delimiter || byte === LF || byte === CR) return { start, end, isQuoted: false, hasQuote };
    if (!options.isSound && isUnsound(byte)) return 'irregular';
    if (byte !== QUOTE) continue;
    if (options.isStrict) return 'irregular';
    hasQuote = true;
  }
  return 'end';
}

function isUnsound(byte: number): boolean {
  return byte === 0 || byte > ASCII_MAX;
}

function lineFeedsIn(bytes: Uint8Array): number {
  let count = 0;
  for (const byte of bytes) if (byte === LF) count++;
  return count;
}
