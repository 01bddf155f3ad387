import { type CsvTable, expandBlob, type ReadCsvOptions, readCsv } from '#contracts/browser';

/** Larger files belong in the folders that the pipelines take files from. */
const BYTES_MAX = 20 * 1024 * 1024;
const ROWS_MAX = 50_000;
/** What dialogs offer; a file of any name is read by its content. */
export const TABLE_FILES = '.csv,.tsv,.txt,.gz,.zst,.bz2,.zip,text/csv';

export interface ReadTableOptions extends ReadCsvOptions {
  /** What is to be done with a file that is too large, as a sentence. */
  readonly whenTooLarge: string;
  /** And with one without rows. */
  readonly whenEmpty: string;
}

/** Reads a CSV file in the browser, plain or compressed, as a check reads files. */
export async function readTable(file: File, options: ReadTableOptions): Promise<CsvTable> {
  const { whenTooLarge, whenEmpty, ...reading } = options;
  if (file.size > BYTES_MAX)
    throw new Error(`Expected a file of at most 20 MB, got ${Math.ceil(file.size / 1024 / 1024)} MB. ${whenTooLarge}`);
  const tooLarge = (kind: string): Error =>
    new Error(`Expected a file of at most 20 MB, got ${kind} that expands to more. ${whenTooLarge}`);
  const table = readCsv(await expandBlob(file, { bytesMax: BYTES_MAX, tooLarge, loadZstandard }), reading);
  const rows = table.records.length;
  if (rows === 0) {
    const got = table.header === undefined ? 'an empty file' : 'one line';
    throw new Error(`Expected a header line and at least one row, got ${got}. ${whenEmpty}`);
  }
  if (rows > ROWS_MAX) throw new Error(`Expected at most ${ROWS_MAX} rows, got ${rows}. ${whenTooLarge}`);
  return table;
}

/** A few kilobytes, which only a file of Zstandard needs. */
const loadZstandard = () => import('fzstd');
