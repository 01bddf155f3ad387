import type { ColumnKind } from '../cell.ts';
import { ContractError } from '../errors.ts';
import { maybeConverter } from '../format/cell-converters.ts';
import type { Form } from '../format/form.ts';
import { Output } from '../format/output.ts';
import { maybeValue } from '../kinds/cell-value.ts';
import { isDecimal } from '../kinds/decimal.ts';
import { fieldsOf, toField, toRecord } from './fields.ts';
import { CellFinder } from './find-cells.ts';
import { RECORD_BYTES_MAX } from './record-scanner.ts';
import { RecordWriter } from './record-writer.ts';

/** How the records of a file are taken apart and written again, with the texts that it has. Not for what must be fast. */
export interface RecordForm {
  readonly delimiter: string;
  /** What encloses cells; undefined for nothing. */
  readonly quote: string | undefined;
  /** The texts of a sound record without its line end. */
  fieldsOf(record: Buffer): readonly string[];
  /** @throws ContractError `file_unreadable` for a text that no cell of the form can hold. */
  toField(text: string): string;
  toRecord(fields: readonly string[]): string;
  /** The rows that name the columns, and as many lines before them as are skipped; undefined where there is no such row. */
  maybeHeader(names: readonly string[]): string | undefined;
  /** The text of a cell as a check sees it: nothing where it means null. */
  seen(text: string): string;
  /** Whether a check reads the text as a value of the kind. */
  isValue(kind: ColumnKind, text: string): boolean;
  /** A value of the default form as this form writes it: a number with its mark. Moments and booleans stay as they are. */
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
  const { format, headerRows, skipLines, hasTrailingDelimiter } = form;
  const { decimal = '.', quote = '"', nulls = [], blanks = 'kept' } = format;
  const delimiter = new TextDecoder().decode(form.delimiter);
  const end = hasTrailingDelimiter ? delimiter : '';
  const seen = (text: string): string => {
    const whole = blanks === 'trimmed' ? text.replace(/^[ \t]+|[ \t]+$/g, '') : text;
    return nulls.includes(whole) ? '' : whole;
  };
  const toCell = (text: string): string => cellOf(text, { form, delimiter });
  const toText = (fields: readonly string[]): string => {
    const [only] = fields;
    // A lone empty cell would be a blank line.
    if (fields.length === 1 && only === '' && quote !== null) return `${quote}${quote}${end}`;
    return fields.map(toCell).join(delimiter) + end;
  };
  return {
    delimiter,
    quote: quote ?? undefined,
    fieldsOf: fieldsReader(form),
    toField: toCell,
    toRecord: toText,
    maybeHeader: (names) => {
      if (headerRows === 0) return undefined;
      const empty = toText(names.map(() => ''));
      return ['\n'.repeat(skipLines) + toText(names), ...Array(headerRows - 1).fill(empty)].join('\n');
    },
    seen,
    isValue: (kind, text) => isValueOf(form, { kind, text: seen(text) }),
    toText: (kind, value) => (isNumeric(kind) ? value.replace('.', decimal) : value),
  };
}

const isNumeric = (kind: ColumnKind): boolean => kind === 'number' || kind === 'integer' || isDecimal(kind);

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

function cellOf(text: string, { form, delimiter }: { readonly form: Form; readonly delimiter: string }): string {
  const { isBackslash, blanks, format } = form;
  const { quote = '"', comment } = format;
  const marks = [delimiter, '\n', '\r', ...(quote === null ? [] : [quote]), ...(isBackslash ? ['\\'] : [])];
  const opensComment = comment !== undefined && text.startsWith(comment);
  const isOdd = opensComment || marks.some((mark) => text.includes(mark)) || (blanks !== 'kept' && /^[ \t]/.test(text));
  if (!isOdd) return text;
  if (quote !== null) return quote + withEscapes(text, { quote, isBackslash }) + quote;
  if (isBackslash) return escapedBare(text, [delimiter[0] ?? '', opensComment ? (comment?.[0] ?? '') : '']);
  throw new ContractError(
    'file_unreadable',
    `Expected a text that a cell without quotes can hold; got ${JSON.stringify(text)}. Give the format a quote.`,
  );
}

/** A blank at the beginning is escaped too, where blanks are skipped. */
function escapedBare(text: string, marks: readonly string[]): string {
  return Array.from(text, (each, at) =>
    '\\\n\r'.includes(each) || marks.includes(each) || (at === 0 && ' \t'.includes(each)) ? `\\${each}` : each,
  ).join('');
}

function withEscapes(text: string, how: { readonly quote: string; readonly isBackslash: boolean }): string {
  const { quote, isBackslash } = how;
  if (!isBackslash) return text.replaceAll(quote, quote + quote);
  return text.replaceAll('\\', '\\\\').replaceAll(quote, `\\${quote}`);
}
