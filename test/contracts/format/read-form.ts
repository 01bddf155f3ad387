import { isUtf8 } from 'node:buffer';
import type { ColumnKind } from '../../../src/contracts/contract.ts';
import type { FileFormat } from '../../../src/contracts/format/file-format.ts';
import { formOf } from '../../../src/contracts/format/form.ts';
import { fieldsOf } from '../../../src/contracts/scan/fields.ts';
import { FormScanner } from '../../../src/contracts/scan/form-scanner.ts';

export interface FormReading {
  readonly header: readonly string[] | undefined;
  readonly rows: readonly { readonly fields: readonly string[]; readonly line: number }[];
  readonly rejected: readonly { readonly text: string; readonly line: number; readonly fault: string }[];
  readonly blanks: number;
}

export interface ReadFormOptions {
  readonly kinds?: readonly (ColumnKind | undefined)[];
  readonly names?: readonly string[];
  /** Lengths of the pieces that the file comes in, one after the other and from the start again. */
  readonly pieces?: readonly number[];
  readonly recordBytesMax?: number;
}

/** What the scanner of forms makes of bytes in UTF-8 that come in pieces. */
export function readForm(file: Buffer, format: FileFormat, options: ReadFormOptions = {}): FormReading {
  const { kinds, names, pieces = [file.length + 1], recordBytesMax = 1 << 20 } = options;
  const form = formOf({ delimiter: ',', ...format }, { isDelimiterPlain: false });
  if (form === undefined) throw new Error('Expected a form.');
  const rows: { fields: readonly string[]; line: number }[] = [];
  const rejected: { text: string; line: number; fault: string }[] = [];
  let [header, blanks, piece]: [readonly string[] | undefined, number, string] = [undefined, 0, ''];
  const take = (text: string, line: number): void => {
    if (header === undefined) header = fieldsOf(text, ',');
    else rows.push({ fields: fieldsOf(text, ','), line });
  };
  const scanner = new FormScanner({
    ...{ form, outputDelimiter: ',', recordBytesMax, isUtf8 },
    allocate: (size: number) => Buffer.alloc(size),
    columns: { ...(kinds && { kindsOf: () => kinds }), ...(names && { namesOf: () => names }) },
    sink: {
      record: (bytes, { start, end, line }) => take(bytes.toString('utf8', start, end), line),
      run: (bytes, { start, end, line, records }) => {
        const texts = bytes.toString('utf8', start, end - 1).split('\n');
        if (texts.length !== records) throw new Error(`${texts.length} lines instead of ${records}`);
        for (const [index, text] of texts.entries()) take(text, line + index);
      },
      reject: (bytes, { start, end, line, fault, offset, complete }) => {
        const text = bytes.toString('latin1', start, end);
        if (file.toString('latin1', offset, offset + end - start) !== text) throw new Error(`not at ${offset}`);
        piece += text;
        if (!complete) return;
        rejected.push({ text: piece, line, fault });
        piece = '';
      },
      blank: () => {
        blanks++;
      },
    },
  });
  let carried = Buffer.alloc(0);
  for (let at = 0, turn = 0; at < file.length; turn++) {
    const length = pieces[turn % pieces.length] ?? 1;
    carried = Buffer.concat([carried, file.subarray(at, at + length)]);
    carried = carried.subarray(scanner.scan(carried, { isLast: false }));
    at += length;
  }
  scanner.scan(carried, { isLast: true });
  scanner.finish(Buffer.alloc(0));
  return { header, rows, rejected, blanks };
}
