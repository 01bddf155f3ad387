import type { JsonLinesOptions } from './json-lines.ts';
import { UndecodableError } from './undecodable-error.ts';

/*
 * Visits the elements of a JSON array as `scanJsonLines` does lines, one by one and in bounded memory: `[{…}, {…}]`. Only
 * brackets, commas and quotes are looked at here; whether an element is an object is found where it is read.
 */

const [LF, QUOTE, COMMA, BACKSLASH] = [10, 34, 44, 92];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [91, 93, 123, 125];
const SPACES = [9, 10, 13, 32];
/** An element this many times longer than the record limit is not read to its end. */
const FAR_TOO_LONG = 16;

export async function scanJsonArray(blocks: AsyncGenerator<Buffer>, options: JsonLinesOptions): Promise<void> {
  const reader = new ElementReader(options);
  for await (const block of blocks) {
    reader.take(block);
    await options.onBlock?.();
  }
  reader.end();
  await options.onBlock?.();
}

class ElementReader {
  readonly #options: JsonLinesOptions;
  /** What of the present element came in earlier blocks. */
  #pieces: Buffer[] = [];
  #size = 0;
  #state: 'before' | 'first' | 'between' | 'element' | 'after' = 'before';
  #depth = 0;
  #isQuoted = false;
  #isEscaped = false;
  #hasComma = true;
  #line = 1;
  #offset = 0;
  /** Where the present element begins. */
  #began = { line: 1, offset: 0 };

  constructor(options: JsonLinesOptions) {
    this.#options = options;
  }

  take(block: Buffer): void {
    let from = 0;
    for (let at = 0; at < block.length; at++) {
      const byte = block[at] ?? 0;
      if (this.#state === 'element') {
        if (this.#isElement(byte)) {
          if (byte === LF) this.#line++;
          continue;
        }
        this.#hand(block.subarray(from, at));
      }
      if (this.#pass(byte, this.#offset + at)) from = at;
      if (byte === LF) this.#line++;
    }
    if (this.#state === 'element') this.#keep(block.subarray(from));
    this.#offset += block.length;
  }

  end(): void {
    if (this.#state !== 'after') throw unfit(`it ends on line ${this.#line} before its list does`);
  }

  /** Whether a byte belongs to the element that was begun. */
  #isElement(byte: number): boolean {
    if (this.#isQuoted) {
      if (this.#isEscaped) this.#isEscaped = false;
      else if (byte === BACKSLASH) this.#isEscaped = true;
      else if (byte === QUOTE) this.#isQuoted = false;
      return true;
    }
    if (this.#depth === 0 && (byte === COMMA || byte === CLOSE_LIST)) return false;
    if (byte === QUOTE) this.#isQuoted = true;
    else if (byte === OPEN_LIST || byte === OPEN_OBJECT) this.#depth++;
    else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) this.#depth--;
    if (this.#depth < 0) throw unfit(`a bracket on line ${this.#line} closes nothing`);
    return true;
  }

  /** Passes a byte between elements; true when one begins with it. */
  #pass(byte: number, offset: number): boolean {
    if (SPACES.includes(byte)) return false;
    if (this.#state === 'before' && byte === OPEN_LIST) {
      this.#state = 'first';
      return false;
    }
    if (this.#state === 'between' && byte === COMMA && !this.#hasComma) {
      this.#hasComma = true;
      return false;
    }
    const isOver = byte === CLOSE_LIST && (this.#state === 'first' || (this.#state === 'between' && !this.#hasComma));
    if (isOver) {
      this.#state = 'after';
      return false;
    }
    const begins = this.#state === 'first' || (this.#state === 'between' && this.#hasComma);
    if (!begins || byte === COMMA || byte === CLOSE_LIST || byte === CLOSE_OBJECT)
      throw unfit(`something is between its elements on line ${this.#line}, or behind its end`);
    this.#state = 'element';
    this.#began = { line: this.#line, offset };
    this.#isElement(byte);
    return true;
  }

  #keep(piece: Buffer): void {
    this.#pieces.push(Buffer.from(piece));
    this.#size += piece.length;
    if (this.#size > this.#options.recordBytesMax * FAR_TOO_LONG)
      throw new UndecodableError(`The element on line ${this.#began.line} is far longer than a record may be.`);
  }

  #hand(last: Buffer): void {
    const whole = this.#pieces.length === 0 ? last : Buffer.concat([...this.#pieces, last]);
    const bytes = withoutSpaces(whole);
    this.#options.onLine({ bytes, ...this.#began, isTooLong: bytes.length > this.#options.recordBytesMax });
    this.#pieces = [];
    this.#size = 0;
    this.#state = 'between';
    this.#hasComma = false;
  }
}

/** Without white space at the end. */
function withoutSpaces(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && SPACES.includes(bytes[end - 1] ?? 0)) end--;
  return bytes.subarray(0, end);
}

function unfit(reason: string): UndecodableError {
  return new UndecodableError(`The file starts like a JSON array and cannot be read as one: ${reason}.`);
}
