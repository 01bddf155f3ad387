import { type CsvTable, type ReadCsvOptions, readCsv } from '#contracts/browser';

/** Larger files belong in the folders that the pipelines take files from. */
const BYTES_MAX = 20 * 1024 * 1024;
const ROWS_MAX = 50_000;

export interface ReadTableOptions extends ReadCsvOptions {
  /** What is to be done with a file that is too large, as a sentence. */
  readonly whenTooLarge: string;
  /** And with one without rows. */
  readonly whenEmpty: string;
}

/** Reads a CSV file in the browser, plain or gzip, as a check reads files. */
export async function readTable(file: File, options: ReadTableOptions): Promise<CsvTable> {
  const { whenTooLarge, whenEmpty, ...reading } = options;
  if (file.size > BYTES_MAX)
    throw new Error(`Expected a file of at most 20 MB, got ${Math.ceil(file.size / 1024 / 1024)} MB. ${whenTooLarge}`);
  const bytes = new Uint8Array(await file.arrayBuffer());
  const isCompressed = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const table = readCsv(isCompressed ? await decompressed(file, whenTooLarge) : bytes, reading);
  const rows = table.records.length;
  if (rows === 0) {
    const got = table.header === undefined ? 'an empty file' : 'one line';
    throw new Error(`Expected a header line and at least one row, got ${got}. ${whenEmpty}`);
  }
  if (rows > ROWS_MAX) throw new Error(`Expected at most ${ROWS_MAX} rows, got ${rows}. ${whenTooLarge}`);
  return table;
}

/** The content of a gzip file; a small one may be of any size. */
async function decompressed(file: File, whenTooLarge: string): Promise<Uint8Array> {
  const blocks: Uint8Array[] = [];
  let size = 0;
  const reader = file.stream().pipeThrough(new DecompressionStream('gzip')).getReader();
  for (;;) {
    const { done, value } = await reader.read().catch((cause: unknown) => {
      throw new Error('The file starts like gzip but cannot be decompressed to its end.', { cause });
    });
    if (done) return new Uint8Array(await new Blob(blocks.map((block) => block.slice())).arrayBuffer());
    blocks.push(value);
    size += value.length;
    if (size > BYTES_MAX) {
      await reader.cancel();
      throw new Error(`Expected a file of at most 20 MB, got gzip that expands to more. ${whenTooLarge}`);
    }
  }
}
