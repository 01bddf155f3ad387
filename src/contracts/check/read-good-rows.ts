import { open, stat } from 'node:fs/promises';
import type { Cell, Duckdb, DuckdbPool } from '#store';
import { GROUP_COLUMNS, groupsOf } from '../column-groups.ts';
import type { Contract } from '../contract.ts';
import { ContractError } from '../errors.ts';
import { rowValueSql } from '../kinds/typed-sql.ts';
import { maybeOutOfMemory } from '../out-of-memory.ts';
import { fieldsOf } from '../scan/fields.ts';
import { LineMarkReader } from '../scan/line-marks.ts';
import { identifier } from '../sql.ts';
import { readCsv } from './compile.ts';
import { matchHeader } from './match-header.ts';

/** The longest header and record this reads; `checkFile` rejects longer records long before. */
export const RECORD_BYTES_MAX = 16 * 1024 * 1024;
const LF = 10;
const QUOTE = 34;

export interface ReadGoodRowsOptions {
  /** The file that `checkFile` returned as `files.good`. */
  readonly file: string;
  readonly contract: Contract;
  readonly duckdb: DuckdbPool;
  /** Rows per page. */
  readonly pageRows: number;
  /** How many columns are in one DuckDB query; 100 by default. It affects memory and time, never the result. */
  readonly groupColumns?: number;
  readonly signal?: AbortSignal;
}

/** A row by column name: numbers, booleans, text, dates and timestamps as ISO text, null for an empty cell. */
export type TypedRow = Readonly<Record<string, Cell>>;

/**
 * Reads good rows with the contract's types, in the file's order, one page at a time. Columns that the file lacks are
 * null. Resolves to the number of rows.
 *
 * @throws ContractError `file_too_large` when it needs more memory than the limit of DuckDB.
 */
export async function readGoodRows(
  options: ReadGoodRowsOptions,
  onPage: (rows: readonly TypedRow[]) => Promise<void> | void,
): Promise<number> {
  const { file, duckdb, pageRows, signal } = options;
  const tables = await tablesOf(options);
  const work = async (connection: Duckdb): Promise<number> => {
    for (const [index, select] of tables.entries()) {
      await connection.run(`create or replace temp table weir_good_${index} as ${select}`);
    }
    for (let first = 0; ; first += pageRows) {
      const parts: (readonly TypedRow[])[] = [];
      for (const index of tables.keys()) {
        parts.push(
          await connection.all<TypedRow>(
            `select * from weir_good_${index} where rowid >= ${first} and rowid < ${first + pageRows} order by rowid`,
          ),
        );
      }
      const rows = joined(parts);
      if (rows.length === 0) return first;
      await onPage(rows);
      if (rows.length < pageRows) return first + rows.length;
    }
  };
  try {
    return await duckdb.use(work, signal === undefined ? {} : { signal });
  } catch (cause) {
    const memory = maybeOutOfMemory(cause);
    if (memory === undefined) throw cause;
    const message = `${JSON.stringify(file)} takes too much memory to read: ${memory}`;
    throw new ContractError('file_too_large', message, { cause });
  }
}

/** Tells on which line of the checked file each good row is, asked in ascending order from row 0; of `files.lines`. */
export const goodLineReader = (lines: string): Promise<Pick<LineMarkReader, 'lineOf' | 'close'>> =>
  LineMarkReader.open(lines);

/** SQL that selects the typed columns, group by group. */
async function tablesOf({
  file,
  contract,
  groupColumns = GROUP_COLUMNS,
}: ReadGoodRowsOptions): Promise<readonly string[]> {
  const header = matchHeader(contract, await readHeader(file, contract.delimiter));
  // DuckDB allocates a multiple of it, half a gigabyte at most, so it is bounded by the size of the file.
  const recordBytesLongest = Math.min((await stat(file)).size, RECORD_BYTES_MAX);
  const source = readCsv(contract, { header, file, recordBytesLongest });
  return groupsOf(Object.entries(contract.columns), groupColumns).map((group) => {
    const columns = group.map(([name, { kind }]) => {
      const position = header.positions.get(name);
      const value = position === undefined ? 'null' : rowValueSql(kind, identifier(`weir_raw_${position}`));
      return `${value} as ${identifier(name)}`;
    });
    return `select ${columns.join(', ')} from ${source}`;
  });
}

/** The rows with the columns of all parts. */
function joined([first = [], ...others]: readonly (readonly TypedRow[])[]): readonly TypedRow[] {
  if (others.length === 0) return first;
  return first.map((row, at) =>
    // From entries, because a column may be called __proto__, which an assignment would not create.
    Object.fromEntries([row, ...others.map((part) => part[at] ?? {})].flatMap((part) => Object.entries(part))),
  );
}

/** The names in the first record of a file that `checkFile` left. */
export async function readHeader(file: string, delimiter: string): Promise<readonly string[]> {
  return fieldsOf((await headerRecord(file)).toString(), delimiter);
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
