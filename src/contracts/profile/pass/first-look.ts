import { isUtf8 } from 'node:buffer';
import type { ColumnKind } from '../../contract.ts';
import { maybeValue } from '../../kinds/cell-value.ts';
import { fieldsOf } from '../../scan/fields.ts';
import { type RecordPlace, type RecordRest, RecordScanner, type RecordSink } from '../../scan/record-scanner.ts';
import { FormBlocks } from '../../sweep/form-blocks.ts';
import { readHeader } from '../../sweep/header.ts';
import { GUESSED } from '../compile-profile.ts';
import { GUESSED_ROWS } from '../limits.ts';
import type { RowsFile } from './rows-file.ts';

/** The names of a file, and the narrowest kind of each column that fits the first rows; undefined where they are empty. */
export interface FirstLook {
  readonly names: readonly string[] | undefined;
  readonly kinds: readonly (ColumnKind | undefined)[];
}

/**
 * Looks at the first rows of a file; at none where the kinds of all columns are known.
 *
 * @throws UndecodableError when the first line cannot be read as one.
 */
export async function lookFirst(file: RowsFile, isKnown: (names: readonly string[]) => boolean): Promise<FirstLook> {
  const { separator, form, namesOf, recordBytesMax } = file;
  const { blocks, close } = await file.open();
  try {
    const { names, rest } = await readHeader(blocks, { delimiter: separator, recordBytesMax, form, namesOf });
    if (names === undefined || isKnown(names)) return { names, kinds: [] };
    const rows = new FirstRows(file, names);
    let bytes = rest;
    for (let isLast = false; !rows.isEnough; ) {
      const passed = rows.pass(bytes, isLast);
      if (isLast) break;
      const { value: block = NOTHING, done = false } = await blocks.next();
      bytes = Buffer.concat([bytes.subarray(passed), block]);
      isLast = done;
    }
    return { names, kinds: rows.kinds };
  } finally {
    await blocks.return();
    await close();
  }
}

const NOTHING = Buffer.alloc(0);

/** Reads rows until there are enough to guess by. */
class FirstRows {
  readonly #sink: GuessSink;
  readonly #scanner: RecordScanner;
  readonly #forms: FormBlocks | undefined;
  #rest: RecordRest | undefined;

  constructor(file: RowsFile, names: readonly string[]) {
    const { delimiter, recordBytesMax } = file;
    const form = file.formPlanOf(names);
    this.#sink = new GuessSink(names.length, delimiter);
    this.#forms = form && new FormBlocks(form, { delimiter, recordBytesMax });
    this.#scanner = new RecordScanner({
      ...{ delimiter, sink: this.#sink, isUtf8, kernel: undefined, fields: names.length },
      // What is written in the default form may be longer than it was.
      recordBytesMax: form === undefined ? recordBytesMax : 2 * recordBytesMax + 2 * names.length,
    });
  }

  get isEnough(): boolean {
    return this.#sink.rows >= GUESSED_ROWS;
  }

  get kinds(): readonly (ColumnKind | undefined)[] {
    return this.#sink.kinds;
  }

  /** Reads rows; returns how many bytes are done with. */
  pass(bytes: Buffer, isLast: boolean): number {
    if (this.#forms === undefined) return this.#scan(bytes, isLast);
    const { text, consumed, rest } = this.#forms.read(bytes, { isLast, rest: this.#rest });
    this.#rest = rest;
    this.#scan(Buffer.from(text), true);
    return consumed;
  }

  #scan(bytes: Buffer, isLast: boolean): number {
    let at = 0;
    while (at < bytes.length && !this.isEnough) {
      const next = this.#scanner.scanOne(bytes, { start: at, isLast, sound: false });
      if (next < 0) break;
      at = next;
    }
    return at;
  }
}

class GuessSink implements RecordSink {
  readonly #delimiter: string;
  readonly #guesses: readonly KindGuess[];
  rows = 0;

  constructor(columns: number, delimiter: string) {
    this.#guesses = Array.from({ length: columns }, () => new KindGuess());
    this.#delimiter = delimiter;
  }

  get kinds(): readonly (ColumnKind | undefined)[] {
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
  #kinds: readonly ColumnKind[] = GUESSED;
  #last = '';
  #isFilled = false;

  add(text: string): void {
    if (text === '' || text === this.#last) return;
    this.#last = text;
    this.#isFilled = true;
    if (!this.#kinds.every((kind) => isWritten(kind, text)))
      this.#kinds = this.#kinds.filter((kind) => isWritten(kind, text));
  }

  get kind(): ColumnKind | undefined {
    if (!this.#isFilled) return undefined;
    return narrowest(this.#kinds);
  }
}

const INTEGER = /^[+-]?[0-9]+$/;
const DAY_CHARACTERS = 'YYYY-MM-DD'.length;

/** Whether a text is written as the kind is, as `writtenSql` has it. */
function isWritten(kind: ColumnKind, text: string): boolean {
  if (kind === 'integer' && !INTEGER.test(text)) return false;
  if (kind === 'date' && text.length !== DAY_CHARACTERS) return false;
  return maybeValue(kind, text) !== undefined;
}

/** The narrowest of the kinds that fit all cells. Only ones and zeros are more often counts than booleans. */
export function narrowest(kinds: readonly ColumnKind[]): ColumnKind {
  const [first = 'text'] = kinds;
  return first === 'boolean' && kinds.includes('integer') ? 'integer' : first;
}
