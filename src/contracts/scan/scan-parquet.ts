import { copyFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Duckdb, DuckdbPool } from '#store';
import { ContractError } from '../errors.ts';
import { identifier, literal } from '../sql.ts';
import { ByteWriter } from './byte-writer.ts';
import { LineMarkWriter } from './line-marks.ts';
import type { Scan, ScanOptions } from './scan-csv.ts';
import { digestOf } from './source.ts';
import { UndecodableError } from './undecodable-error.ts';

export interface ParquetOptions {
  readonly path: string;
  /** An existing folder for a copy. */
  readonly folder: string;
  readonly duckdb: DuckdbPool;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Works on a copy of a Parquet file, which cannot change in between and whose name has no characters that DuckDB reads
 * as a pattern. When the work fails and the file cannot be read to its end, that error is thrown.
 */
export async function withParquet<T>(
  { path: file, folder, duckdb, signal }: ParquetOptions,
  work: (connection: Duckdb, copy: string) => Promise<T>,
): Promise<T> {
  const copy = path.join(folder, 'source.parquet');
  await copyFile(file, copy);
  const options = signal === undefined ? {} : { signal };
  try {
    return await duckdb.use((connection) => work(connection, copy), options);
  } catch (cause) {
    if (signal?.aborted || cause instanceof UndecodableError || cause instanceof ContractError) throw cause;
    const read = (sql: string) => duckdb.use((connection) => connection.run(sql), options);
    const isReadable = await read(`select max(hash(weir_file)) from read_parquet(${literal(copy)}) weir_file`).then(
      () => true,
      () => false,
    );
    if (isReadable) throw cause;
    // A broken file may crash DuckDB's process too; when DuckDB itself no longer works, the file is not blamed.
    await read('select 1');
    throw new UndecodableError('The file starts like Parquet but cannot be read to its end.', { cause });
  }
}

/** Writes a Parquet file as canonical CSV, so that all formats are processed alike; `line` is the row's number. */
export function scanParquet(duckdb: DuckdbPool, options: ScanOptions): Promise<Scan> {
  const { folder, delimiter, rename = (names) => names } = options;
  const files = {
    canonical: path.join(folder, 'canonical.csv'),
    rejected: path.join(folder, 'rejected.jsonl'),
    lineMarks: path.join(folder, 'line-marks'),
  };
  return withParquet({ ...options, duckdb }, async (connection, copy) => {
    const source = `read_parquet(${literal(copy)})`;
    const written = await write(connection, { source, rename, delimiter, to: files.canonical });
    const marks = new ByteWriter(files.lineMarks, { bufferBytes: 64 });
    new LineMarkWriter(marks).note(0, 1);
    await marks.close();
    await writeFile(files.rejected, '');
    const facts = { ...(await digestOf(copy)), encoding: 'utf-8', byteOrderMark: false, compressed: false } as const;
    return {
      source: facts,
      rejected: 0,
      faults: new Map(),
      firstRejected: new Map(),
      blankLines: 0,
      lineMarks: 1,
      files,
      ...written,
    };
  });
}

export interface ParquetColumn {
  readonly column_name: string;
  readonly column_type: string;
}

export const parquetColumns = (connection: Duckdb, source: string): Promise<readonly ParquetColumn[]> =>
  connection.all<ParquetColumn>(`describe select * from ${source}`);

interface Target {
  readonly source: string;
  readonly rename: (names: readonly string[]) => readonly string[];
  readonly delimiter: string;
  readonly to: string;
}

async function write(connection: Duckdb, { source, rename, delimiter, to }: Target) {
  const columns = await parquetColumns(connection, source);
  const header = columns.map(({ column_name: name }) => name);
  const names = rename(header);
  // A lone empty cell would be a blank line; in quotes it is a row.
  const isLone = columns.length === 1;
  const cell = (sql: string): string => (isLone ? `coalesce(${sql}, '')` : sql);
  const texts = columns.map((column, index) => `${cell(textSql(column))} as ${identifier(names[index] ?? '')}`);
  const quoting = `quote '"', escape '"'${isLone ? ', force_quote *' : ''}`;
  const options = `format csv, header, delimiter ${literal(delimiter)}, ${quoting}`;
  await connection.run(`copy (select ${texts.join(', ')} from ${source}) to ${literal(to)} (${options})`);
  const longest = `greatest(0, ${columns.map((column) => `coalesce(max(strlen(${textSql(column)})), 0)`).join(', ')})`;
  const [facts] = await connection.all<{ records: number; longest: number }>(
    `select count(*) as records, ${longest} as longest from ${source}`,
  );
  // Every cell may be as long as the longest, and every character of it a quote.
  const recordBytesLongest = ((facts?.longest ?? 0) * 2 + 3) * columns.length;
  return { header, records: facts?.records ?? 0, recordBytesLongest: Math.min(recordBytesLongest, 256 << 20) };
}

const NESTED = /^(STRUCT|MAP|UNION)\(|\]$|^VARIANT$/;

/** SQL for the text of a cell of the column; for a nested one it is JSON, as in NDJSON, and for an interval a duration of ISO 8601. */
export function textSql({ column_name: name, column_type: type }: ParquetColumn): string {
  const value = identifier(name);
  if (NESTED.test(type)) return `(${value}::json::varchar)`;
  if (type === 'TIMESTAMP WITH TIME ZONE') return `strftime(${value}, '%Y-%m-%dT%H:%M:%S.%fZ')`;
  return type === 'INTERVAL' ? intervalSql(value) : `(${value}::varchar)`;
}

/** Years and months have no length of their own, and stay as DuckDB writes them. Parquet has no negative ones. */
function intervalSql(value: string): string {
  const size = `epoch_us(${value})`;
  const fraction = `case when ${size} % 1000000 = 0 then '' else '.' || lpad((${size} % 1000000)::varchar, 6, '0') end`;
  const seconds = `'PT' || ${size} // 1000000 || ${fraction} || 'S'`;
  return `(case when date_part('year', ${value}) = 0 and date_part('month', ${value}) = 0 then ${seconds} else ${value}::varchar end)`;
}
