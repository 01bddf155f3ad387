import type { FileFormat } from './file-format.ts';

/** A format in bytes of UTF-8, for a file that is not in the default form. */
export interface Form {
  readonly delimiter: Uint8Array;
  /** Undefined when no cell is enclosed. */
  readonly quote: Uint8Array | undefined;
  readonly isBackslash: boolean;
  readonly headerRows: number;
  readonly skipLines: number;
  readonly comment: Uint8Array | undefined;
  readonly hasTrailingDelimiter: boolean;
  readonly blanks: NonNullable<FileFormat['blanks']>;
  /** Texts of cells that mean null. */
  readonly nulls: readonly Uint8Array[];
  /** How values are written. */
  readonly format: FileFormat;
  /** Whether columns may change their cells. */
  readonly isCoercing: boolean;
}

/** How a file is read; undefined when it is in the default form, but for a delimiter that needs no other reader. */
export function formOf(
  format: FileFormat & { readonly delimiter: string },
  { isDelimiterPlain, isCoercing = false }: { readonly isDelimiterPlain: boolean; readonly isCoercing?: boolean },
): Form | undefined {
  const { delimiter, quote = '"', comment, nulls = [] } = format;
  const { delimiter: _, encoding: __, ...others } = format;
  if (Object.keys(others).length === 0 && isDelimiterPlain && !isCoercing) return undefined;
  const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
  return {
    delimiter: bytesOf(delimiter),
    quote: quote === null ? undefined : bytesOf(quote),
    isBackslash: format.escape === 'backslash',
    headerRows: format.headerRows ?? 1,
    skipLines: format.skipLines ?? 0,
    comment: comment === undefined ? undefined : bytesOf(comment),
    hasTrailingDelimiter: format.hasTrailingDelimiter ?? false,
    blanks: format.blanks ?? 'kept',
    nulls: nulls.map(bytesOf),
    format,
    isCoercing,
  };
}

/** Whether cells may be other texts in the table than in the file. */
export function convertsValues({ blanks, nulls, format, isCoercing }: Form): boolean {
  const { decimal, thousands, dates, timestamps, booleans } = format;
  return (
    isCoercing ||
    blanks !== 'kept' ||
    nulls.length > 0 ||
    [decimal, thousands, dates, timestamps, booleans].some(Boolean)
  );
}

const [QUOTE, ASCII_MAX] = [34, 127];

/**
 * Whether the cells of records are those that the default form has between the same marks: nothing of them is converted,
 * and one byte separates them.
 */
export function hasDefaultCells(form: Form): boolean {
  const { delimiter, quote, isBackslash } = form;
  const [byte = 0] = delimiter;
  return delimiter.length === 1 && byte <= ASCII_MAX && quote?.[0] === QUOTE && !isBackslash && !convertsValues(form);
}

/** Whether a file is in the default form behind its header, but for the delimiter. */
export function isDefaultBehindHeader(form: Form): boolean {
  return hasDefaultCells(form) && form.comment === undefined && !form.hasTrailingDelimiter;
}
