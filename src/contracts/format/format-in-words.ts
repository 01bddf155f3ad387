import type { FileFormat } from './file-format.ts';

const NAMES: Readonly<Record<string, string>> = {
  ...{ ',': 'a comma', ';': 'a semicolon', '\t': 'a tab', '|': 'a bar', ' ': 'a blank', '.': 'a point' },
  ...{ "'": 'an apostrophe', '"': 'a quotation mark', '\u00a0': 'a blank without a break', _: 'an underscore' },
};

/** What a format says, a sentence for each setting that differs from the default form. */
export function formatInWords(format: FileFormat): readonly string[] {
  const { delimiter, quote, headerRows, skipLines = 0, comment, blanks, encoding, nulls } = format;
  const { decimal, thousands, dates, timestamps, booleans } = format;
  return [
    delimiter && `Between cells stands ${named(delimiter)}.`,
    quote === null && 'No cell is in quotes.',
    quote && `Cells are enclosed in ${quote} where they need it.`,
    format.escape === 'backslash' && 'A backslash makes the character behind it part of a cell.',
    headerRows === 0 && 'No row names the columns: they stand in the order of the contract.',
    headerRows !== undefined && headerRows > 1 && `${headerRows} rows name the columns.`,
    skipLines === 1 && 'The first line is no part of the table.',
    skipLines > 1 && `The first ${skipLines} lines are no part of the table.`,
    comment && `Lines that begin with ${comment} are no rows.`,
    format.hasTrailingDelimiter && 'The last cell of a row is followed by a delimiter too.',
    blanks === 'skipped' && 'Blanks behind delimiters do not count.',
    blanks === 'trimmed' && 'Blanks around cells do not count.',
    nulls && `${listed(nulls, 'or')} means that there is no value.`,
    decimal && `Before the fraction of a number stands ${named(decimal)}.`,
    thousands && `Between groups of three digits may stand ${named(thousands)}.`,
    dates && `Days are written ${listed(dates, 'or')}.`,
    timestamps && `Dates with a time are written ${listed(timestamps, 'or')}.`,
    booleans && `${listed(booleans.true, 'or')} means true, ${listed(booleans.false, 'or')} means false.`,
    encoding && `The encoding is ${encoding}, unless a byte order mark says another.`,
  ].filter((sentence) => typeof sentence === 'string' && sentence !== '') as readonly string[];
}

const named = (mark: string): string => NAMES[mark] ?? JSON.stringify(mark);

/** `a, b or c`. */
function listed(texts: readonly string[], word: string): string {
  const [last = '', ...before] = texts.toReversed();
  return before.length === 0 ? last : `${before.toReversed().join(', ')} ${word} ${last}`;
}
