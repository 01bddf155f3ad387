import { open, stat } from 'node:fs/promises';
import type { Cell, Duckdb, DuckdbPool } from '#store';
import type { Contract } from '../contract.ts';
import { fieldsOf } from '../scan/fields.ts';
import { identifier } from '../sql.ts';
import { readCsv } from './compile.ts';
import { matchHeader } from './header.ts';
import { typedSql } from './typed-sql.ts';

/** The longest header and record this reads; `checkFile` rejects longer records long before. */
const RECORD_BYTES_MAX = 16 * 1024 * 1024;
const LF = 10;
const QUOTE = 34;

export interface ReadGoodRowsOptions {
  /** What `checkFile` left as `files.good`. */
  readonly file: string;
  readonly contract: Contract;
  readonly duckdb: DuckdbPool;
  /** Rows given at a time. */
  readonly pageRows: number;
  readonly signal?: AbortSignal;
}

/** A row by column name: numbers, booleans, text, dates and timestamps as ISO text, null for an empty cell. */
export type TypedRow = Readonly<Record<string, Cell>>;

/**
 * Reads good rows as the contract types them, in the file's order, and hands them over a page at a time. Columns the file
 * lacks are null. Resolves with the number of rows.
 */
export async function readGoodRows(
  { file, contract, duckdb, pageRows, signal }: ReadGoodRowsOptions,
  onPage: (rows: readonly TypedRow[]) => Promise<void> | void,
): Promise<number> {
  const header = matchHeader(contract, fieldsOf(await headerRecord(file), contract.delimiter));
  const columns = Object.entries(contract.columns).map(([name, { kind }]) => {
    const position = header.positions.get(name);
    const value = position === undefined ? 'null' : typedSql(kind, identifier(`weir_raw_${position}`));
    return `${value} as ${identifier(name)}`;
  });
  // DuckDB allocates a multiple of it, half a gigabyte for the longest: no record is longer than its file.
  const recordBytesLongest = Math.min((await stat(file)).size, RECORD_BYTES_MAX);
  const source = readCsv(contract, { header, file, recordBytesLongest });
  const work = async (connection: Duckdb): Promise<number> => {
    await connection.run(`create temp table weir_good as select ${columns.join(', ')} from ${source}`);
    for (let first = 0; ; first += pageRows) {
      const rows = await connection.all<TypedRow>(
        `select * from weir_good where rowid >= ${first} and rowid < ${first + pageRows} order by rowid`,
      );
      if (rows.length === 0) return first;
      await onPage(rows);
      if (rows.length < pageRows) return first + rows.length;
    }
  };
  return duckdb.use(work, signal === undefined ? {} : { signal });
}

/** The first record without its line end; names may hold line ends when they are quoted. */
async function headerRecord(file: string): Promise<Buffer> {
  const handle = await open(file);
  try {
    let bytes = Buffer.alloc(64 * 1024);
    for (;;) {
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0);
      let isQuoted = false;
      for (let at = 0; at < bytesRead; at += 1) {
        if (bytes[at] === QUOTE) isQuoted = !isQuoted;
        else if (bytes[at] === LF && !isQuoted) return bytes.subarray(0, at);
      }
      if (bytesRead < bytes.length || bytes.length >= RECORD_BYTES_MAX) return bytes.subarray(0, bytesRead);
      bytes = Buffer.alloc(bytes.length * 2);
    }
  } finally {
    await handle.close();
  }
}
