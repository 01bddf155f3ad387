import path from 'node:path';
import { duckdbEngine } from '#store';
import { copyRows } from '../check/check-copy.ts';
import type { CheckFileOptions } from '../check/check-file-options.ts';
import { readCsv } from '../check/compile.ts';
import type { HeaderMatch } from '../check/match-header.ts';
import { withRows } from '../check/open-rows.ts';
import type { OtherDataset } from '../check/other-datasets.ts';
import type { Coerced } from '../coercions/coercion.ts';
import type { Contract } from '../contract.ts';
import type { Scan } from '../scan/scan-csv.ts';
import { FILE, ROW } from '../spark/spark-dialect.ts';

/** A file of a set whose rows were read by the scanner, and written for an engine. */
export interface RawPart {
  readonly scan: Scan;
  readonly contract: Contract;
  readonly header: HeaderMatch;
  readonly coerced: Coerced | undefined;
  /** What the examples of its violations count. */
  readonly at: 'line' | 'row';
  /** Parquet of the texts of its rows, and their places; undefined of a file without a header. */
  readonly parquet: string | undefined;
}

interface PartOptions
  extends Pick<
    CheckFileOptions,
    'path' | 'name' | 'contract' | 'contractFor' | 'mayLack' | 'encoding' | 'delimiter' | 'duckdb' | 'folder'
  > {
  /** Its number among the files of the set. */
  readonly index: number;
  readonly others: readonly OtherDataset[];
  /** A folder of its own. */
  readonly work: string;
  readonly signal?: AbortSignal;
}

/** Reads a file of a set, so that no record is lost, and writes its rows as Parquet. */
export function writeRawPart(options: PartOptions): Promise<RawPart> {
  return withRows(options, async (reading, format) => {
    const { contract, header, scan, options: copied } = await copyRows(reading, format);
    const found = { scan, contract, header, at: reading.at, coerced: copied?.copy?.coerced };
    if (copied === undefined) return { ...found, parquet: undefined };
    const parquet = path.join(options.work, 'rows.parquet');
    const file = copied.copy?.scan.files.canonical ?? scan.files.canonical;
    const { recordBytesLongest } = copied.copy?.scan ?? scan;
    const rows = readCsv(contract, { header, file, recordBytesLongest });
    const query = `select ${options.index} as ${FILE}, row_number() over () - 1 as ${ROW}, * from ${rows}`;
    const using = options.signal === undefined ? {} : { signal: options.signal };
    await options.duckdb.use((connection) => duckdbEngine(connection).writeParquet(query, parquet), using);
    return { ...found, parquet };
  });
}
