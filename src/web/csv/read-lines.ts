/** Larger files belong in the folders that the pipelines take files from. */
const BYTES_MAX = 20 * 1024 * 1024;
const ROWS_MAX = 50_000;

export interface ReadLinesOptions {
  /** What is to be done with a file that is too large, as a sentence. */
  readonly whenTooLarge: string;
  /** And with one without rows. */
  readonly whenEmpty: string;
}

/** Reads a CSV file in the browser, any delimiter, into its lines; the first one is the header. */
export async function readLines(file: File, { whenTooLarge, whenEmpty }: ReadLinesOptions): Promise<string[][]> {
  if (file.size > BYTES_MAX) {
    throw new Error(`Expected a file of at most 20 MB, got ${Math.ceil(file.size / 1024 / 1024)} MB. ${whenTooLarge}`);
  }
  const { default: Papa } = await import('papaparse');
  const { data, errors } = Papa.parse<string[]>(await file.text(), { skipEmptyLines: 'greedy' });
  const broken = errors.find(({ type }) => type === 'Quotes');
  if (broken !== undefined) {
    throw new Error(
      `Expected every quoted cell to be closed; after row ${(broken.row ?? 0) + 1} one is not: ${broken.message}. Correct the quotes and choose the file again.`,
    );
  }
  if (data.length < 2) {
    throw new Error(
      `Expected a header line and at least one row, got ${data.length === 0 ? 'an empty file' : 'one line'}. ${whenEmpty}`,
    );
  }
  if (data.length - 1 > ROWS_MAX) {
    throw new Error(`Expected at most ${ROWS_MAX} rows, got ${data.length - 1}. ${whenTooLarge}`);
  }
  return data;
}
