import path from 'node:path';
import type { Contract } from '#contracts';
import type { DuckdbPool } from '#store';
import { CompressedFile } from './compressed-file.ts';
import { csvHeader, featuresOf, parquetSql, type ResultLine, toCsvLine, toJsonLine } from './result-columns.ts';

export interface ResultFilesOptions {
  /** Where they are written. */
  readonly folder: string;
  readonly contract: Contract;
  readonly duckdb: DuckdbPool;
  readonly signal: AbortSignal;
}

/** The result of a job in each format. A page of lines is written before the next one is taken. */
export class ResultFiles {
  readonly #options: ResultFilesOptions;
  readonly #features: readonly string[];
  readonly #csv: CompressedFile;
  readonly #ndjson: CompressedFile;

  private constructor(options: ResultFilesOptions) {
    this.#options = options;
    this.#features = featuresOf(options.contract);
    this.#csv = new CompressedFile(path.join(options.folder, 'result.csv.gz'));
    this.#ndjson = new CompressedFile(path.join(options.folder, 'result.ndjson.gz'));
  }

  static async open(options: ResultFilesOptions): Promise<ResultFiles> {
    const files = new ResultFiles(options);
    await files.#csv.write(csvHeader(files.#features));
    return files;
  }

  async write(lines: readonly ResultLine[]): Promise<void> {
    if (lines.length === 0) return;
    await this.#csv.write(lines.map((line) => toCsvLine(line, this.#features)).join(''));
    await this.#ndjson.write(lines.map(toJsonLine).join(''));
  }

  /** Ends the files, and makes the Parquet file of them. */
  async close(): Promise<{ readonly csv: string; readonly ndjson: string; readonly parquet: string }> {
    const { contract, duckdb, folder, signal } = this.#options;
    await this.#csv.close();
    await this.#ndjson.close();
    const parquet = path.join(folder, 'result.parquet');
    const sql = parquetSql(contract, { from: this.#ndjson.path, to: parquet });
    await duckdb.use((connection) => connection.run(sql), { signal });
    return { csv: this.#csv.path, ndjson: this.#ndjson.path, parquet };
  }

  async abandon(): Promise<void> {
    await this.#csv.abandon();
    await this.#ndjson.abandon();
  }
}
