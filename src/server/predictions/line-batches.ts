import { isUtf8 } from 'node:buffer';
import { ServerError } from '../errors.ts';

/** One line of a stream by its number, from 1; broken lines come with what is wrong with them. */
export type Line =
  | { readonly number: number; readonly bytes: number; readonly text: string }
  | { readonly number: number; readonly bytes: number; readonly problem: ServerError };

export interface LineLimits {
  /** Lines of one batch, and their bytes: a batch ends with the line that reaches either. */
  readonly linesMax: number;
  readonly batchBytesMax: number;
  readonly lineBytesMax: number;
  /** Whether each batch but the last has `linesMax` lines; else lines that have arrived do not wait for more. */
  readonly isFixed: boolean;
  /** Told how many bytes are in memory, whenever that changes. What it throws ends the batches. */
  readonly onHeld?: (bytes: number) => void;
}

const LINE_FEED = 0x0a;
const BLANK = /^\s*$/;

/** Cuts blocks of bytes into lines. A line beyond the limit is counted and dropped as it arrives, not collected. */
class LineCutter {
  readonly #lineBytesMax: number;
  #parts: Buffer[] = [];
  #bytes = 0;
  #number = 0;

  constructor(lineBytesMax: number) {
    this.#lineBytesMax = lineBytesMax;
  }

  /** Bytes of the line that has not ended. */
  get heldBytes(): number {
    return this.#parts.reduce((sum, { length }) => sum + length, 0);
  }

  /** The lines that end in this block; blank ones are counted and left out. */
  cut(block: Buffer): Line[] {
    const lines: Line[] = [];
    let start = 0;
    for (let end = block.indexOf(LINE_FEED); end >= 0; end = block.indexOf(LINE_FEED, start)) {
      this.#keep(block.subarray(start, end));
      lines.push(...this.end());
      start = end + 1;
    }
    this.#keep(block.subarray(start));
    return lines;
  }

  /** Ends the present line: a line feed came, or nothing more does. */
  end(): Line[] {
    this.#number += 1;
    const [number, bytes, parts] = [this.#number, this.#bytes, this.#parts];
    this.#parts = [];
    this.#bytes = 0;
    if (bytes > this.#lineBytesMax) return [{ number, bytes: 0, problem: tooLong(this.#lineBytesMax) }];
    const line = parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
    if (!isUtf8(line)) return [{ number, bytes, problem: notUtf8() }];
    const text = line.toString();
    return BLANK.test(text) ? [] : [{ number, bytes, text }];
  }

  #keep(bytes: Buffer): void {
    this.#bytes += bytes.length;
    if (this.#bytes > this.#lineBytesMax) this.#parts = [];
    else if (bytes.length > 0) this.#parts.push(bytes);
  }
}

/** The lines of a stream in batches. Takes a block only when the batches before were taken, so a sender has to wait. */
export async function* lineBatches(
  blocks: AsyncIterable<Buffer>,
  { linesMax, batchBytesMax, lineBytesMax, isFixed, onHeld = () => undefined }: LineLimits,
): AsyncGenerator<readonly Line[]> {
  const cutter = new LineCutter(lineBytesMax);
  const waiting = new WaitingLines({ linesMax, batchBytesMax });
  for await (const block of blocks) {
    waiting.add(cutter.cut(block));
    onHeld(waiting.bytes + cutter.heldBytes);
    for (
      let batch = waiting.take({ isWhole: isFixed });
      batch !== undefined;
      batch = waiting.take({ isWhole: isFixed })
    ) {
      // Counted until the caller comes back for more.
      yield batch;
      onHeld(waiting.bytes + cutter.heldBytes);
    }
  }
  waiting.add(cutter.end());
  for (let batch = waiting.take({ isWhole: false }); batch !== undefined; batch = waiting.take({ isWhole: false }))
    yield batch;
  onHeld(0);
}

/** Lines that are not in a batch yet. */
class WaitingLines {
  readonly #max: Pick<LineLimits, 'linesMax' | 'batchBytesMax'>;
  #lines: Line[] = [];
  bytes = 0;

  constructor(max: Pick<LineLimits, 'linesMax' | 'batchBytesMax'>) {
    this.#max = max;
  }

  add(lines: readonly Line[]): void {
    for (const line of lines) {
      this.#lines.push(line);
      this.bytes += line.bytes;
    }
  }

  /** The next batch: a whole one, or else what there is. The same lines make the same whole batches. */
  take({ isWhole }: { readonly isWhole: boolean }): readonly Line[] | undefined {
    const { linesMax, batchBytesMax } = this.#max;
    let [count, bytes] = [0, 0];
    for (const line of this.#lines) {
      if (count === linesMax || bytes >= batchBytesMax) break;
      count += 1;
      bytes += line.bytes;
    }
    const isFull = count === linesMax || bytes >= batchBytesMax;
    if (count === 0 || (isWhole && !isFull)) return undefined;
    this.bytes -= bytes;
    return this.#lines.splice(0, count);
  }
}

function tooLong(bytesMax: number): ServerError {
  return new ServerError(
    'body_too_large',
    `Expected a line of at most ${bytesMax.toLocaleString('en-US')} bytes; this one is longer. It was not predicted.`,
  );
}

function notUtf8(): ServerError {
  return new ServerError('json_invalid', 'Expected the line to be JSON in UTF-8; its bytes are not.');
}
