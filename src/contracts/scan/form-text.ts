import type { Form } from '../format/form.ts';
import { UndecodableError } from './undecodable-error.ts';

/** Writes the records of a file in a form. Not for what must be fast. */
export interface FormText {
  readonly delimiter: string;
  /** @throws UndecodableError for a text that no cell of the form can hold. */
  toField(text: string): string;
  toRecord(fields: readonly string[]): string;
  /** The rows that name the columns, and as many lines before them as are skipped; undefined where there is no such row. */
  maybeHeader(names: readonly string[]): string | undefined;
}

export function formText(form: Form): FormText {
  const { headerRows, skipLines, hasTrailingDelimiter, format } = form;
  const { quote = '"' } = format;
  const delimiter = new TextDecoder().decode(form.delimiter);
  const end = hasTrailingDelimiter ? delimiter : '';
  const toField = (text: string): string => cellOf(text, { form, delimiter });
  const toRecord = (fields: readonly string[]): string => {
    const [only] = fields;
    // A lone empty cell would be a blank line.
    if (fields.length === 1 && only === '' && quote !== null) return `${quote}${quote}${end}`;
    return fields.map(toField).join(delimiter) + end;
  };
  return {
    delimiter,
    toField,
    toRecord,
    maybeHeader: (names) => {
      if (headerRows === 0) return undefined;
      const empty = toRecord(names.map(() => ''));
      return ['\n'.repeat(skipLines) + toRecord(names), ...Array(headerRows - 1).fill(empty)].join('\n');
    },
  };
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
  throw new UndecodableError(
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
