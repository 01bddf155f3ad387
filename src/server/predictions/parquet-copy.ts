import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type DuckdbType, identifier, literal } from '#contracts';
import type { DuckdbPool } from '#store';

/** A column of a file, as DuckDB calls its type. */
export interface ParquetColumn {
  readonly name: string;
  readonly type: DuckdbType;
}

export interface ParquetCopy {
  readonly csv: AsyncIterable<Uint8Array>;
  /** The columns of the CSV in their order. A text that is no value of its type becomes empty. */
  readonly columns: readonly ParquetColumn[];
  readonly duckdb: DuckdbPool;
  readonly signal: AbortSignal;
}

const BEGINNING = Buffer.from('PAR1');

/** Rewrites a CSV stream as a Parquet file and streams that, through files that are removed in the end. */
export async function* parquetOf({ csv, columns, duckdb, signal }: ParquetCopy): AsyncGenerator<Uint8Array> {
  const folder = await mkdtemp(path.join(tmpdir(), 'weir-export-'));
  try {
    // What each such file begins with: the answer begins before its time limit, however long the rows take.
    yield BEGINNING;
    const [from, to] = [path.join(folder, 'rows.csv'), path.join(folder, 'rows.parquet')];
    await pipeline(Readable.from(csv, { objectMode: false }), createWriteStream(from), { signal });
    await duckdb.use((connection) => connection.run(copySql(columns, { from, to })), { signal });
    yield* createReadStream(to, { start: BEGINNING.length, signal });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function copySql(columns: readonly ParquetColumn[], { from, to }: { readonly from: string; readonly to: string }) {
  const texts = columns.map(({ name }) => `${literal(name)}: 'VARCHAR'`).join(', ');
  const selected = columns.map(({ name, type }) =>
    type === 'VARCHAR' ? identifier(name) : `try_cast(${identifier(name)} as ${type}) as ${identifier(name)}`,
  );
  // An empty cell is none, a quoted empty one an empty text, as PostgreSQL writes them.
  return `copy (select ${selected.join(', ')} from read_csv(${literal(from)}, auto_detect = false, header = true,
      delim = ',', quote = '"', escape = '"', nullstr = '', allow_quoted_nulls = false, columns = {${texts}}))
    to ${literal(to)} (format parquet, compression zstd)`;
}
