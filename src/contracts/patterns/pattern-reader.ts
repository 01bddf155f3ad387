import { PatternFault } from './pattern-fault.ts';

/** The flags of RE2 that decide whether a text matches; greediness does not. */
export interface Flags {
  /** `i`: letters in either case. */
  readonly isCaseless: boolean;
  /** `s`: a point reads line ends too. */
  readonly isDotAll: boolean;
  /** `m`: `^` and `$` stand for the ends of lines too. */
  readonly isMultiline: boolean;
}

/** A place in a pattern, character by character. */
export class PatternReader {
  readonly #characters: readonly string[];
  #position = 0;
  flags: Flags = { isCaseless: false, isDotAll: false, isMultiline: false };
  /** Groups that are open. */
  depth = 0;

  constructor(pattern: string) {
    // DuckDB is given the pattern as UTF-8, which has no halves of pairs.
    this.#characters = [...pattern].map((character) => (/^[\ud800-\udfff]$/.test(character) ? '\ufffd' : character));
  }

  get position(): number {
    return this.#position;
  }

  get isOver(): boolean {
    return this.#position >= this.#characters.length;
  }

  /** The character after `ahead` more; empty at the end. */
  peek(ahead = 0): string {
    return this.#characters[this.#position + ahead] ?? '';
  }

  next(): string {
    const character = this.peek();
    this.#position++;
    return character;
  }

  /** Reads exactly this text, if it comes next. */
  take(text: string): boolean {
    if (!this.startsWith(text)) return false;
    this.#position += text.length;
    return true;
  }

  startsWith(text: string): boolean {
    for (let index = 0; index < text.length; index++) if (this.peek(index) !== text[index]) return false;
    return true;
  }

  /** Goes on after the first occurrence of a text and gives what is before it; undefined where there is none. */
  takeUntil(text: string): string | undefined {
    const start = this.#position;
    for (let end = start; end + text.length <= this.#characters.length; end++) {
      this.#position = end;
      if (this.take(text)) return this.#characters.slice(start, end).join('');
    }
    this.#position = start;
    return undefined;
  }

  /** Goes back to a place that was read. */
  returnTo(position: number): void {
    this.#position = position;
  }

  /** A fault in what stands from `start` to here. */
  faultSince(start: number, why: string): PatternFault {
    const part = this.#characters.slice(start, Math.max(this.#position, start + 1)).join('');
    return new PatternFault(`${JSON.stringify(part)} at character ${start + 1}: ${why}`);
  }
}
