import { copyFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Duckdb } from '#store';
import { identifier, literal } from '../sql.ts';
import { ByteWriter } from './byte-writer.ts';
import { LineMarkWriter } from './line-marks.ts';
import type { Scan, ScanOptions } from './scan-csv.ts';
import { digestOf } from './source.ts';
import { UndecodableError } from './undecodable-error.ts';

/** Writes a Parquet file as canonical CSV, so that it goes the same way from there; `line` is the row's number. */
export async function scanParquet(connection: Duckdb, options: ScanOptions): Promise<Scan> {
  const { folder, delimiter, rename = (names) => names } = options;
  const files = {
    canonical: path.join(folder, 'canonical.csv'),
    rejected: path.join(folder, 'rejected.jsonl'),
    lineMarks: path.join(folder, 'line-marks'),
  };
  const copy = await copyParquet(options.path, folder);
  const source = `read_parquet(${literal(copy)})`;
  const written = await write(connection, { source, rename, delimiter, to: files.canonical }).catch(
    (cause: unknown) => {
      throw new UndecodableError('The file begins like Parquet but cannot be read to its end.', { cause });
    },
  );
  const marks = new ByteWriter(files.lineMarks, 64);
  new LineMarkWriter(marks).note(0, 1);
  await marks.close();
  await writeFile(files.rejected, '');
  const facts = { ...(await digestOf(copy)), encoding: 'utf-8', byteOrderMark: false, compressed: false } as const;
  return { source: facts, rejected: 0, faults: new Map(), blankLines: 0, lineMarks: 1, files, ...written };
}

/** A copy cannot change in between, and its name holds nothing that DuckDB takes for a pattern. */
export async function copyParquet(file: string, folder: string): Promise<string> {
  const copy = path.join(folder, 'source.parquet');
  await copyFile(file, copy);
  return copy;
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

/** SQL for the text that a cell of the column becomes. */
export function textSql({ column_name: name, column_type: type }: ParquetColumn): string {
  const value = identifier(name);
  if (type === 'TIMESTAMP WITH TIME ZONE') return `strftime(${value}, '%Y-%m-%dT%H:%M:%S.%fZ')`;
  return `(${value}::varchar)`;
}
