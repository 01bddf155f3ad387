import { isUtf8 } from 'node:buffer';
import { maybeValue } from '../../kinds/cell-value.ts';
import { fieldsOf } from '../../scan/fields.ts';
import { RECORD_BYTES_MAX, type RecordPlace, RecordScanner, type RecordSink } from '../../scan/record-scanner.ts';
import { readHeader } from '../../sweep/header.ts';
import { GUESSED } from '../compile-profile.ts';
import { GUESSED_ROWS } from '../limits.ts';
import type { PassKind } from './pass-kind.ts';

/** The names of a file, and the narrowest kind of each column that fits the first rows; undefined where they are empty. */
export interface FirstLook {
  readonly names: readonly string[] | undefined;
  readonly kinds: readonly (PassKind | undefined)[];
}

/**
 * Looks at the first rows of a file.
 *
 * @throws UndecodableError when the first line cannot be read as one.
 */
export async function lookFirst(
  blocks: AsyncGenerator<Buffer, void, undefined>,
  delimiter: string,
): Promise<FirstLook> {
  try {
    const { names, rest } = await readHeader(blocks, { delimiter, recordBytesMax: RECORD_BYTES_MAX });
    if (names === undefined) return { names, kinds: [] };
    const sink = new GuessSink(names.length, delimiter);
    const scanner = new RecordScanner({
      ...{ delimiter, recordBytesMax: RECORD_BYTES_MAX, sink, isUtf8, kernel: undefined, fields: names.length },
    });
    let bytes = rest;
    for (let isLast = false; sink.rows < GUESSED_ROWS; ) {
      let at = 0;
      while (at < bytes.length && sink.rows < GUESSED_ROWS) {
        const next = scanner.scanOne(bytes, { start: at, isLast, sound: false });
        if (next < 0) break;
        at = next;
      }
      if (isLast) break;
      const { value: block = NOTHING, done = false } = await blocks.next();
      bytes = Buffer.concat([bytes.subarray(at), block]);
      isLast = done;
    }
    return { names, kinds: sink.kinds };
  } finally {
    await blocks.return();
  }
}

const NOTHING = Buffer.alloc(0);

class GuessSink implements RecordSink {
  readonly #delimiter: string;
  readonly #guesses: readonly KindGuess[];
  rows = 0;

  constructor(columns: number, delimiter: string) {
    this.#guesses = Array.from({ length: columns }, () => new KindGuess());
    this.#delimiter = delimiter;
  }

  get kinds(): readonly (PassKind | undefined)[] {
    return this.#guesses.map(({ kind }) => kind);
  }

  record(bytes: Buffer, { start, end }: RecordPlace): void {
    const cells = fieldsOf(bytes.toString('utf8', start, end), this.#delimiter);
    for (const [position, guess] of this.#guesses.entries()) guess.add(cells[position] ?? '');
    this.rows++;
  }

  reject(): void {
    // What is no row tells nothing.
  }

  run(): void {
    // Only a scanner with a kernel finds runs.
  }

  blank(): void {
    // A blank line is no row.
  }
}

/** The kinds that fit all filled cells so far. */
class KindGuess {
  #kinds: readonly PassKind[] = GUESSED;
  #last = '';
  #isFilled = false;

  add(text: string): void {
    if (text === '' || text === this.#last) return;
    this.#last = text;
    this.#isFilled = true;
    if (!this.#kinds.every((kind) => isWritten(kind, text)))
      this.#kinds = this.#kinds.filter((kind) => isWritten(kind, text));
  }

  get kind(): PassKind | undefined {
    if (!this.#isFilled) return undefined;
    return narrowest(this.#kinds);
  }
}

const INTEGER = /^[+-]?[0-9]+$/;
const DAY_CHARACTERS = 'YYYY-MM-DD'.length;

/** Whether a text is written as the kind is, as `writtenSql` has it. */
function isWritten(kind: PassKind, text: string): boolean {
  if (kind === 'integer' && !INTEGER.test(text)) return false;
  if (kind === 'date' && text.length !== DAY_CHARACTERS) return false;
  return maybeValue(kind, text) !== undefined;
}

/** The narrowest of the kinds that fit all cells. Only ones and zeros are more often counts than booleans. */
export function narrowest(kinds: readonly PassKind[]): PassKind {
  const [first = 'text'] = kinds;
  return first === 'boolean' && kinds.includes('integer') ? 'integer' : first;
}
