import { isUtf8 } from 'node:buffer';
import { ServerError } from '../errors.ts';

/** One line of a stream by its number, from 1; broken lines come with what is wrong with them. */
export type Line =
  | { readonly number: number; readonly text: string }
  | { readonly number: number; readonly problem: ServerError };

export interface LineLimits {
  /** Lines of one batch. */
  readonly linesMax: number;
  readonly lineBytesMax: number;
  /** Whether each batch but the last has `linesMax` lines; else lines that have arrived do not wait for more. */
  readonly isFixed: boolean;
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
    if (bytes > this.#lineBytesMax) return [{ number, problem: tooLong(this.#lineBytesMax) }];
    const line = parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
    if (!isUtf8(line)) return [{ number, problem: notUtf8() }];
    const text = line.toString();
    return BLANK.test(text) ? [] : [{ number, text }];
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
  { linesMax, lineBytesMax, isFixed }: LineLimits,
): AsyncGenerator<readonly Line[]> {
  const cutter = new LineCutter(lineBytesMax);
  let waiting: Line[] = [];
  for await (const block of blocks) {
    waiting.push(...cutter.cut(block));
    let start = 0;
    for (; waiting.length - start >= linesMax; start += linesMax) yield waiting.slice(start, start + linesMax);
    waiting = waiting.slice(start);
    if (!isFixed && waiting.length > 0) yield waiting.splice(0);
  }
  waiting.push(...cutter.end());
  for (let start = 0; start < waiting.length; start += linesMax) yield waiting.slice(start, start + linesMax);
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
