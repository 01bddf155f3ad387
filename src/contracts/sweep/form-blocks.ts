import { isUtf8 } from 'node:buffer';
import type { ColumnKind } from '../cell.ts';
import { CellCoercer } from '../coercions/cell-coercer.ts';
import type { CoercedColumn } from '../coercions/coerce-text.ts';
import { COERCIONS } from '../coercions/coercion.ts';
import { convertsValues, type Form } from '../format/form.ts';
import { FormScanner } from '../scan/form-scanner.ts';
import type { RecordPlace, RecordRest, RecordSink, RejectPlace } from '../scan/record-scanner.ts';
import { ByteList, NumberList } from './growing.ts';

/** How the blocks of a file in another form than the default are read: plain data, which a thread can be given. */
export interface FormPlan {
  readonly form: Form;
  /** Names of the columns in the file, and their kinds. */
  readonly header: readonly string[];
  readonly kinds: readonly (ColumnKind | undefined)[];
  /** Those of the columns whose cells may be changed. */
  readonly coerced: readonly (CoercedColumn | undefined)[];
}

/** A block in the default form. */
export interface FormBlock {
  /** Its records in canonical form, each ended by LF; valid until the next block is read. */
  readonly text: Uint8Array;
  readonly records: number;
  /** Pairs of a record and the line it begins on, from 0, wherever that is not the line behind the last one's. */
  readonly marks: Uint32Array;
  /** By record, where it begins and ends in the block; only where cells may have other texts there. */
  readonly places: Uint32Array | undefined;
  /** Cells that were changed: for each column, by the coercions in their order. */
  readonly coerced: Uint32Array;
  readonly rejected: readonly RejectPlace[];
  readonly consumed: number;
  readonly lines: number;
  readonly rest: RecordRest | undefined;
}

/** Writes blocks in the default form, each from the beginning of a record behind the header. */
export class FormBlocks {
  readonly #scanner: FormScanner;
  readonly #sink = new FormBlockSink();
  readonly #places: NumberList | undefined;
  readonly #coercers: readonly (CellCoercer | undefined)[];

  constructor(
    { form, header, kinds, coerced }: FormPlan,
    { delimiter, recordBytesMax }: { readonly delimiter: string; readonly recordBytesMax: number },
  ) {
    const places = convertsValues(form) ? new NumberList(1024) : undefined;
    this.#places = places;
    this.#coercers = coerced.map((column) => column && new CellCoercer(column));
    this.#scanner = new FormScanner({
      ...{ form, header, outputDelimiter: delimiter, recordBytesMax, isUtf8, sink: this.#sink },
      columns: { kindsOf: () => kinds, coercersOf: () => this.#coercers },
      allocate: (size) => Buffer.allocUnsafeSlow(size),
      ...(places === undefined
        ? {}
        : {
            onPlace: (start, end) => {
              places.push(start);
              places.push(end);
            },
          }),
    });
  }

  read(
    bytes: Buffer,
    { isLast, rest }: { readonly isLast: boolean; readonly rest: RecordRest | undefined },
  ): FormBlock {
    const scanner = this.#scanner;
    scanner.restart(rest);
    const consumed = scanner.scan(bytes, { isLast });
    if (isLast) scanner.finish(Buffer.alloc(0));
    const places = this.#places?.taken();
    if (this.#places !== undefined) this.#places.length = 0;
    const coerced = Uint32Array.from(this.#coercers.flatMap((coercer) => [...(coercer?.counts ?? NONE)]));
    for (const coercer of this.#coercers) coercer?.counts.fill(0);
    return { ...this.#sink.taken(), places, coerced, consumed, lines: scanner.line - 1, rest: scanner.rest };
  }
}

const NONE = new Uint32Array(COERCIONS.length);

/** Collects the records of a block. */
class FormBlockSink implements RecordSink {
  readonly #text = new ByteList(1 << 16);
  readonly #marks = new NumberList(16);
  #rejected: RejectPlace[] = [];
  #records = 0;
  #nextLine = -1;

  run(bytes: Buffer, { start, end, records, line }: Parameters<RecordSink['run']>[1]): void {
    this.#mark(line);
    this.#text.append(bytes.subarray(start, end));
    this.#records += records;
    this.#nextLine = line + records;
  }

  record(bytes: Buffer, { start, end, line }: RecordPlace): void {
    // The scanner ends every record with LF, also one that comes alone.
    this.run(bytes, { start, end: end + 1, records: 1, line, longest: 0 });
  }

  reject(_: Buffer, place: RejectPlace): void {
    this.#rejected.push({ ...place, line: place.line - 1 });
  }

  blank(): void {
    // A blank line is no row.
  }

  taken(): Pick<FormBlock, 'text' | 'records' | 'marks' | 'rejected'> {
    const taken = {
      text: this.#text.bytes,
      records: this.#records,
      marks: this.#marks.taken(),
      rejected: this.#rejected,
    };
    this.#text.length = this.#marks.length = this.#records = 0;
    this.#rejected = [];
    this.#nextLine = -1;
    return taken;
  }

  #mark(line: number): void {
    if (line === this.#nextLine) return;
    this.#marks.push(this.#records);
    this.#marks.push(line - 1);
  }
}
