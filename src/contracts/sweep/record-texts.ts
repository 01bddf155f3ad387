import { convertsValues } from '../format/form.ts';
import { Output } from '../format/output.ts';
import { CellFinder } from '../scan/find-cells.ts';
import { RecordWriter } from '../scan/record-writer.ts';
import type { FormPlan } from './form-blocks.ts';
import type { RowRange } from './row-sink.ts';

/** The records of a file as it has them, where its rows have values in the default form. */
export interface RecordTexts {
  /** The record that begins and ends here, in canonical form; valid until the next is asked for. */
  textOf(bytes: Buffer, start: number, end: number): RowRange;
}

/** Undefined where the cells of the rows are those of the file. */
export function maybeRecordTexts(
  { form, header }: FormPlan,
  { delimiter, recordBytesMax }: { readonly delimiter: string; readonly recordBytesMax: number },
): RecordTexts | undefined {
  if (!convertsValues(form)) return undefined;
  const finder = new CellFinder(form, recordBytesMax);
  const out = new Output((size) => Buffer.allocUnsafeSlow(size), 4096);
  const writer = new RecordWriter({ form, out, outputDelimiter: delimiter, cells: finder });
  return {
    textOf: (bytes, start, end) => {
      const record = bytes.subarray(start, end);
      finder.find(record, { start: 0, isLast: true, from: 'field-start' });
      out.used = 0;
      writer.write(record, header.length);
      return { text: out.bytes, start: 0, end: out.used };
    },
  };
}
