import type { ColumnKind } from '../cell.ts';
import { defineFormat } from '../format/define-format.ts';
import type { FileFormat } from '../format/file-format.ts';
import { delimiterOfName } from '../scan/delimiters.ts';
import { readStart } from '../scan/source.ts';
import { UndecodableError } from '../scan/undecodable-error.ts';
import { findEncoding } from './find-encoding.ts';
import { findHeader } from './find-header.ts';
import { findStructure } from './find-structure.ts';
import { findValues } from './find-values.ts';
import type { Reason } from './reason.ts';
import type { SampleRecord } from './sample-records.ts';

export interface FindFormatOptions {
  /** What separates the cells, when it is known. */
  readonly delimiter?: string | undefined;
  /** When it is known. */
  readonly encoding?: string | undefined;
  /** Other settings that are known, whatever the file shows. */
  readonly known?: Omit<FileFormat, 'delimiter' | 'encoding'> | undefined;
}

/** How a file is written, as its beginning shows it. */
export interface FoundFormat {
  /** What separates the cells. */
  readonly delimiter: string;
  /** What differs from the default form, but for the delimiter; undefined when nothing does. */
  readonly format: FileFormat | undefined;
  /** Kinds of the columns by their places, where values are not texts. */
  readonly kinds: readonly (ColumnKind | undefined)[];
  /** A reason for each setting. */
  readonly reasons: readonly Reason[];
}

/** How much of a file is looked at. */
const SAMPLE_BYTES = 256 * 1024;
const SAMPLE_RECORDS = 2000;
/** Of cells that blanks stand before, when they stand there by habit. */
const BLANKS_SHARE = 0.5;
const AT_END = /^[ \t]|[ \t]$/;

/** Finds how a CSV file is written from its first 256 KiB, with a reason for each setting. */
export async function findFormat(file: string, options: FindFormatOptions = {}): Promise<FoundFormat> {
  const { known = {} } = options;
  const start = await maybeStart(file);
  if (start === undefined) {
    const { delimiter = ',' } = options;
    return { delimiter, format: defineFormat('found', { format: known, delimiter }), kinds: [], reasons: [] };
  }
  const { encoding, text, reasons: ofEncoding } = findEncoding(start, options.encoding);
  const sample = wholeLines(text.replaceAll('\r\n', '\n').replace(/\r(?=[^\n])/g, '\n'), start.length >= SAMPLE_BYTES);
  const structure = findStructure(sample, options.delimiter ?? delimiterOfName(file));
  const records = structure.records.filter(({ isBroken }) => !isBroken).slice(0, SAMPLE_RECORDS);
  const columns = Array.from({ length: structure.cells }, (_, at) =>
    records.flatMap(({ cells }) => {
      const cell = cells[at]?.text.trim() ?? '';
      return cell === '' ? [] : [cell];
    }),
  );
  const values = findValues(columns, known);
  const header = findHeader(records, values);
  const blanks = findBlanks(records, { cells: structure.cells, kinds: values.kinds });
  const { delimiter, ...cut } = structure.format;
  const format = defineFormat('found', {
    format: {
      ...cut,
      ...values.format,
      ...(header.headerRows === 1 ? {} : { headerRows: header.headerRows }),
      ...(blanks === undefined || delimiter === ' ' ? {} : { blanks: blanks.blanks }),
      ...(encoding === undefined ? {} : { encoding }),
      ...known,
    },
    delimiter,
  });
  const seen = [...structure.reasons, ...header.reasons, ...(blanks?.reasons ?? []), ...values.reasons, ...ofEncoding];
  const reasons = [
    ...seen.filter(({ setting }) => !(setting in known)),
    ...Object.keys(known).map((setting) => ({ setting, because: 'as it was given' })),
  ];
  return {
    delimiter,
    format,
    kinds: values.kinds,
    reasons: reasons.filter(
      ({ setting }) => setting === 'delimiter' || format?.[setting as keyof FileFormat] !== undefined,
    ),
  };
}

/** The first bytes of a file; undefined when it cannot be decompressed, which its full reading reports better. */
async function maybeStart(file: string): Promise<Buffer | undefined> {
  try {
    return await readStart(file, SAMPLE_BYTES);
  } catch (error) {
    if (error instanceof UndecodableError) return undefined;
    throw error;
  }
}

/** A sample may end within a line. */
function wholeLines(text: string, isCut: boolean): string {
  return isCut ? text.slice(0, text.lastIndexOf('\n') + 1) : text;
}

/** Whether blanks stand around cells by habit, or around values that are none with them. */
function findBlanks(
  records: readonly SampleRecord[],
  { cells, kinds }: { readonly cells: number; readonly kinds: readonly (ColumnKind | undefined)[] },
): { readonly blanks: 'skipped' | 'trimmed'; readonly reasons: readonly Reason[] } | undefined {
  if (!records.some(({ cells: all }) => all.some(({ text, isQuoted }) => !isQuoted && AT_END.test(text))))
    return undefined;
  const bare = records.flatMap((record) =>
    record.cells
      .slice(0, cells)
      .flatMap(({ text, isQuoted }, at) => (isQuoted || text.trim() === '' ? [] : [{ text, at }])),
  );
  const later = bare.filter(({ at }) => at > 0);
  const leading = later.filter(({ text }) => /^[ \t]/.test(text)).length;
  const ofValues = (pattern: RegExp): number =>
    bare.filter(({ text, at }) => kinds[at] !== undefined && pattern.test(text)).length;
  const trailing = ofValues(/[ \t]$/);
  const isHabit = leading > later.length * BLANKS_SHARE;
  if (trailing === 0 && !isHabit && ofValues(/^[ \t]/) === 0) return undefined;
  const blanks =
    trailing > 0 || !isHabit || bare.some(({ text, at }) => at === 0 && /^[ \t]/.test(text)) ? 'trimmed' : 'skipped';
  const because =
    blanks === 'trimmed'
      ? `blanks stand around ${trailing + leading} of ${bare.length} cells, also of values`
      : `blanks stand before ${leading} of ${later.length} cells behind a delimiter`;
  return { blanks, reasons: [{ setting: 'blanks', because }] };
}
