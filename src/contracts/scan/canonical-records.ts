import type { FileHandle } from 'node:fs/promises';

const BLOCK_BYTES = 1 << 20;
const LF = 10;
const QUOTE = 34;

/** Blocks that end where a record ends. */
export async function* canonicalBlocks(file: FileHandle): AsyncGenerator<Buffer, void, undefined> {
  let carried: Buffer = Buffer.alloc(0);
  const buffer = Buffer.allocUnsafeSlow(BLOCK_BYTES);
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, BLOCK_BYTES);
    if (bytesRead === 0) break;
    const read = buffer.subarray(0, bytesRead);
    const bytes = carried.length === 0 ? read : Buffer.concat([carried, read]);
    const end = lastRecordEnd(bytes);
    if (end > 0) yield bytes.subarray(0, end);
    carried = Buffer.from(bytes.subarray(end));
  }
  if (carried.length > 0)
    throw new Error(`The canonical file ends in the middle of a record, ${carried.length} bytes too late.`);
}

/**
 * In canonical form the number of quotes in a record is even, so a line end ends a record when the number of quotes
 * before it is even. Searched from the end, because the last line end usually ends a record.
 */
function lastRecordEnd(bytes: Buffer): number {
  let isEven = quotesIn(bytes) % 2 === 0;
  for (let from = bytes.length; ; ) {
    const lineEnd = bytes.lastIndexOf(LF, from - 1);
    if (lineEnd < 0 || from === 0) return 0;
    if (quotesIn(bytes.subarray(lineEnd, from)) % 2 !== 0) isEven = !isEven;
    if (isEven) return lineEnd + 1;
    from = lineEnd;
  }
}

function quotesIn(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(QUOTE); at >= 0; at = bytes.indexOf(QUOTE, at + 1)) count++;
  return count;
}

/** The position after the line end of the record that starts at `at`; -1 when it is not in these bytes. */
export function endOfRecord(bytes: Uint8Array, at: number): number {
  let quoted = false;
  for (let index = at; index < bytes.length; index++) {
    const byte = bytes[index];
    if (byte === QUOTE) quoted = !quoted;
    else if (byte === LF && !quoted) return index + 1;
  }
  return -1;
}

/** Does the work of the kernel's `skip` where there is no kernel. */
export function skipRecords(
  bytes: Buffer,
  { at, records }: { readonly at: number; readonly records: number },
): { readonly end: number; readonly records: number } {
  let end = at;
  for (let passed = 0; passed < records; passed++) {
    const next = end < bytes.length ? endOfRecord(bytes, end) : -1;
    if (next < 0) return { end, records: passed };
    end = next;
  }
  return { end, records };
}
