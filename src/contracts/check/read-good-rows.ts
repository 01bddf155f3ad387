import { open } from 'node:fs/promises';
import type { Cell, DuckdbPool } from '#store';
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

/** Reads good rows as the contract types them, in the file's order, a page at a time. Columns the file lacks are null. */
export async function* readGoodRows(options: ReadGoodRowsOptions): AsyncGenerator<readonly TypedRow[], void, undefined> {
  const { file, contract, duckdb, pageRows, signal } = options;
  const header = matchHeader(contract, fieldsOf(await headerRecord(file), contract.delimiter));
  const columns = Object.entries(contract.columns).map(([name, { kind }]) => {
    const position = header.positions.get(name);
    const value = position === undefined ? 'null' : typedSql(kind, identifier(`weir_raw_${position}`));
    return `${value} as ${identifier(name)}`;
  });
  const source = readCsv(contract, { header, file, recordBytesLongest: RECORD_BYTES_MAX });
  // The pages are fetched by one holder of the connection, and handed over one by one.
  const pages = new PageQueue();
  const reading = duckdb
    .use(
      async (connection) => {
        await connection.run(`create temp table weir_good as select ${columns.join(', ')} from ${source}`);
        for (let first = 0; ; first += pageRows) {
          const rows = await connection.all<TypedRow>(
            `select * from weir_good where rowid >= ${first} and rowid < ${first + pageRows} order by rowid`,
          );
          if (rows.length === 0 || !(await pages.put(rows))) return;
        }
      },
      signal === undefined ? {} : { signal },
    )
    .finally(() => pages.end());
  try {
    yield* pages.taken();
  } finally {
    pages.end();
    await reading;
  }
}
