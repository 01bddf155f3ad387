/**
 * How the files of a contract are written. What is absent is as in the default form: UTF-8 (or as a byte order mark says),
 * one header row, quotes that are doubled, no blanks cut, empty cells for null, numbers with a point, ISO 8601.
 */
export interface FileFormat {
  /** What separates the cells: one to eight characters. The contract's `delimiter` unless set. */
  readonly delimiter?: string;
  /** What cells may be enclosed in: one character, or null for none. `"` unless set. */
  readonly quote?: string | null;
  /**
   * How a quote stands within quotes: twice, or behind a backslash, which then also makes delimiters and line ends part
   * of a cell. `doubled` unless set.
   */
  readonly escape?: 'doubled' | 'backslash';
  /**
   * Rows that name the columns, 0 to 10; 1 unless set. With none the columns are those of the contract in its order; the
   * names of several are joined with a blank.
   */
  readonly headerRows?: number;
  /** Lines before the header that are no part of the table, 0 to 10,000; none unless set. */
  readonly skipLines?: number;
  /** What a line begins with that is no row: one to eight characters. None unless set. */
  readonly comment?: string;
  /** Whether the last cell of a record is followed by a delimiter too; it is not unless set. */
  readonly hasTrailingDelimiter?: boolean;
  /**
   * Blanks and tabs around cells: `kept` unless set; `skipped` behind delimiters, so that a quote may follow them;
   * `trimmed` on both sides, also within quotes.
   */
  readonly blanks?: 'kept' | 'skipped' | 'trimmed';
  /**
   * Encoding of files without a byte order mark, by its name on the web: `utf-8`, `windows-1252`, `iso-8859-2`,
   * `shift_jis`; `utf-16le`, `utf-16be`, `utf-32le`, `utf-32be`. UTF-8 or UTF-16, whichever the file shows, unless set.
   */
  readonly encoding?: string;
  /** Texts of whole cells that mean null, as an empty cell does: `['NA', '-', '\\N']`. None unless set. */
  readonly nulls?: readonly string[];
  /** What stands before the fraction of a number; `.` unless set. */
  readonly decimal?: string;
  /** What may stand between groups of three digits of a number; nothing unless set. */
  readonly thousands?: string;
  /** How days are written: `['dd.MM.yyyy']`; `yyyy-MM-dd` unless set. A cell is read by the first that fits it. */
  readonly dates?: readonly string[];
  /** How dates with a time are written: `['dd.MM.yyyy HH:mm', 'yyyy-MM-dd HH:mm:ss[.S]X']`; ISO 8601 unless set. */
  readonly timestamps?: readonly string[];
  /** The words for true and false, in any case: `{ true: ['ja'], false: ['nein'] }`; true, false, 1 and 0 unless set. */
  readonly booleans?: { readonly true: readonly string[]; readonly false: readonly string[] };
}
