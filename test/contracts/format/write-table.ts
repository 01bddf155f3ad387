import type { FileFormat } from '../../../src/contracts/format/file-format.ts';

/** A table whose cells are texts as the file has them, before quotes and escapes. */
export interface Table {
  readonly names: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface WriteOptions {
  readonly lineEnd?: string;
  /** Cells that are quoted though they need not be: every so many. */
  readonly quoteEvery?: number;
  /** Blanks behind delimiters, where the format cuts them. */
  readonly blanks?: string;
  /** Lines of comments between rows: every so many rows. */
  readonly commentEvery?: number;
  readonly endsWithLine?: boolean;
}

/** Writes a table in a format, as a program would that shares nothing with the reader: text by text. */
export function writeTable({ names, rows }: Table, format: FileFormat, options: WriteOptions = {}): string {
  const { lineEnd = '\n', commentEvery = 0, endsWithLine = true } = options;
  const { headerRows = 1, skipLines = 0, comment } = format;
  let cells = 0;
  const toRecord = (fields: readonly string[]): string => recordOf(fields, { format, options, place: () => ++cells });
  const lines = [
    ...Array.from({ length: skipLines }, (_, at) => (at % 2 === 0 ? `Report "no. ${at}` : '')),
    ...(comment === undefined ? [] : [`${comment} written by a program`]),
    ...headerOf(names, headerRows).map(toRecord),
    ...rows.flatMap((row, at) => [
      ...(comment !== undefined && commentEvery > 0 && at % commentEvery === 0 ? [`${comment}"row" ${at}`] : []),
      toRecord(row),
    ]),
  ];
  return lines.join(lineEnd) + (endsWithLine ? lineEnd : '');
}

/** Names over several rows: their words, one in each, the last row with the rest. */
function headerOf(names: readonly string[], rows: number): readonly (readonly string[])[] {
  return Array.from({ length: rows }, (_, row) =>
    names.map((name) => {
      const words = name.split(' ');
      return row < rows - 1 ? (words[row] ?? '') : words.slice(rows - 1).join(' ');
    }),
  );
}

interface Writing {
  readonly format: FileFormat;
  readonly options: WriteOptions;
  readonly place: () => number;
}

function recordOf(fields: readonly string[], { format, options, place }: Writing): string {
  const { delimiter = ',', hasTrailingDelimiter = false, blanks = 'kept' } = format;
  const between = delimiter + (blanks === 'kept' ? '' : (options.blanks ?? '').replaceAll(delimiter, ''));
  const written = fields.map((field) => cellOf(field, { format, options, place }));
  const record = written.join(between) + (hasTrailingDelimiter ? delimiter : '');
  return record;
}

function cellOf(field: string, { format, options, place }: Writing): string {
  const { delimiter = ',', quote = '"', escape: escaping = 'doubled', comment, blanks = 'kept' } = format;
  const isOdd = /[\n\r]/.test(field) || field.includes(delimiter[0] ?? '') || (quote !== null && field.includes(quote));
  const opensOdd = (comment !== undefined && field.startsWith(comment)) || (blanks !== 'kept' && /^[ \t]/.test(field));
  const mustQuote = isOdd || opensOdd || field === '' || (escaping === 'backslash' && field.includes('\\'));
  const isAsked = (options.quoteEvery ?? 0) > 0 && place() % (options.quoteEvery ?? 1) === 0;
  if (quote !== null && (mustQuote || isAsked)) return quote + escaped(field, { quote, escaping }) + quote;
  if (escaping !== 'backslash') return field;
  const marks = [delimiter[0] ?? '', '\\', '\n', comment?.[0] ?? '', quote ?? ''];
  return [...field].map((each) => (marks.includes(each) ? `\\${each}` : each)).join('');
}

function escaped(field: string, { quote, escaping }: { readonly quote: string; readonly escaping: string }): string {
  if (escaping === 'doubled') return field.replaceAll(quote, quote + quote);
  return field.replaceAll('\\', '\\\\').replaceAll(quote, `\\${quote}`);
}
