import type { ColumnKind } from '../cell.ts';
import { maybeConverter } from '../format/cell-converters.ts';
import type { Form } from '../format/form.ts';
import { Output } from '../format/output.ts';
import { valueText } from '../format/value-text.ts';
import { maybeValue } from '../kinds/cell-value.ts';
import { fieldsOf, toField, toRecord } from './fields.ts';
import { CellFinder } from './find-cells.ts';
import { type FormText, formText } from './form-text.ts';
import { RECORD_BYTES_MAX } from './record-scanner.ts';
import { RecordWriter } from './record-writer.ts';

/** How the records of a file are taken apart and written again, with the texts that it has. Not for what must be fast. */
export interface RecordForm extends FormText {
  /** What encloses cells; undefined for nothing. */
  readonly quote: string | undefined;
  /** The texts of a sound record without its line end. */
  fieldsOf(record: Buffer): readonly string[];
  /** The text of a cell as a check sees it: nothing where it means null. */
  seen(text: string): string;
  /** Whether a check reads the text as a value of the kind. */
  isValue(kind: ColumnKind, text: string): boolean;
  /** A value of the default form as this form writes it. */
  toText(kind: ColumnKind, value: string): string;
}

/** Of a file in the default form. */
export function defaultRecordForm(delimiter: string): RecordForm {
  return {
    delimiter,
    quote: '"',
    fieldsOf: (record) => fieldsOf(record.toString(), delimiter),
    toField: (text) => toField(text, delimiter),
    toRecord: (fields) => toRecord(fields, delimiter),
    maybeHeader: (names) => toRecord(names, delimiter),
    seen: (text) => text,
    isValue: (kind, text) => maybeValue(kind, text) !== undefined,
    toText: (_, value) => value,
  };
}

/** Of a file in any form. */
export function recordFormOf(form: Form): RecordForm {
  const { format } = form;
  const { quote = '"', nulls = [], blanks = 'kept' } = format;
  const seen = (text: string): string => {
    const whole = blanks === 'trimmed' ? text.replace(/^[ \t]+|[ \t]+$/g, '') : text;
    return nulls.includes(whole) ? '' : whole;
  };
  return {
    ...formText(form),
    quote: quote ?? undefined,
    fieldsOf: fieldsReader(form),
    seen,
    isValue: (kind, text) => isValueOf(form, { kind, text: seen(text) }),
    toText: (kind, value) => valueText(kind, value, format),
  };
}

function fieldsReader(form: Form): RecordForm['fieldsOf'] {
  const finder = new CellFinder(form, RECORD_BYTES_MAX);
  const out = new Output((size) => Buffer.alloc(size), 256);
  const writer = new RecordWriter({ form, out, outputDelimiter: ',', cells: finder });
  return (record) => {
    finder.find(record, { start: 0, isLast: true, from: 'field-start' });
    const texts = writer.texts(record, finder.cells);
    return form.hasTrailingDelimiter && texts.length > 1 && texts.at(-1) === '' ? texts.slice(0, -1) : texts;
  };
}

function isValueOf(form: Form, { kind, text }: { readonly kind: ColumnKind; readonly text: string }): boolean {
  if (text === '') return false;
  const out = new Output((size) => new Uint8Array(size), 64);
  const convert = maybeConverter(kind, { format: form.format, out });
  if (convert === undefined) return maybeValue(kind, text) !== undefined;
  const bytes = new TextEncoder().encode(text);
  return (
    convert(bytes, 0, bytes.length) &&
    maybeValue(kind, new TextDecoder().decode(out.bytes.subarray(0, out.used))) !== undefined
  );
}
