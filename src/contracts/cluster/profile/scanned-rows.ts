import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { type DuckdbPool, duckdbEngine, type SqlEngine } from '#store';
import { coerceRecords } from '../../check/coerce-records.ts';
import { readCsv } from '../../check/compile.ts';
import type { Contract } from '../../contract.ts';
import { withoutFormat } from '../../define-contract.ts';
import type { DatasetPartition } from '../../partitions/check-partitions-options.ts';
import { digestOfParts } from '../../partitions/digest-of-parts.ts';
import { JOINED_DELIMITER, scanPartition } from '../../partitions/join-partitions.ts';
import { askedColumns, coercersOf } from '../../profile/asked-columns.ts';
import type { Scan } from '../../scan/scan-csv.ts';
import { UndecodableError } from '../../scan/undecodable-error.ts';
import { FILE, ROW } from '../../spark/spark-dialect.ts';
import { rawName, SOURCE } from '../set-columns.ts';
import { grouped } from './grouped.ts';

export interface ScanRowsOptions {
  readonly partitions: readonly DatasetPartition[];
  readonly contract?: Contract;
  readonly encoding?: string;
  readonly delimiter?: string;
  readonly duckdb: DuckdbPool;
  readonly signal?: AbortSignal;
  readonly onProgress: (share: number) => void;
}

/** The rows of all files, as the view `weir_source` of an engine; there is no view where there are no rows. */
export interface ScannedRows {
  /** Names of the columns of all files, in the order in which they were met first. */
  readonly header: readonly string[];
  readonly rows: number;
  readonly rejected: number;
  readonly digest: string;
  readonly sizeBytes: number;
}

/**
 * Reads the rows of all files, so that no record is lost, and writes them as Parquet for an engine. A column that a file lacks
 * is empty there. One file at a time is copied.
 *
 * @throws UndecodableError when a file cannot be read with certainty, or none has a header.
 */
export async function scanRows(
  engine: SqlEngine,
  { partitions, onProgress, ...options }: ScanRowsOptions & { readonly work: string },
): Promise<ScannedRows> {
  const parts: ScannedPart[] = [];
  for (const [index, partition] of partitions.entries()) {
    parts.push(await scanPart(partition, { ...options, index }));
    onProgress((index + 1) / partitions.length);
  }
  const header = [...new Set(parts.flatMap((part) => part.header))];
  if (header.length === 0) throw new UndecodableError('no file has even a header');
  const filled = parts.filter(({ rows }) => rows > 0);
  if (filled.length > 0) await viewParts(engine, filled, header);
  const sum = (of: (part: ScannedPart) => number): number => parts.reduce((total, part) => total + of(part), 0);
  return {
    header,
    rows: sum(({ rows }) => rows),
    rejected: sum(({ rejected }) => rejected),
    digest: digestOfParts(parts.map(({ digest }) => digest)),
    sizeBytes: sum(({ sizeBytes }) => sizeBytes),
  };
}

interface ScannedPart {
  readonly parquet: string;
  readonly header: readonly string[];
  readonly rows: number;
  readonly rejected: number;
  readonly digest: string;
  readonly sizeBytes: number;
}

type PartOptions = Omit<ScanRowsOptions, 'partitions' | 'onProgress'> & {
  /** A folder that the engine sees too. */
  readonly work: string;
  readonly index: number;
};

async function scanPart(partition: DatasetPartition, options: PartOptions): Promise<ScannedPart> {
  const folder = path.join(options.work, `copy-${options.index}`);
  const parquet = path.join(options.work, `rows-${options.index}.parquet`);
  await mkdir(folder);
  const scan = await scanPartition(partition, { ...options, folder });
  const { header = [], records: rows, rejected } = scan;
  if (rows > 0) await writeRows(scan, { ...options, header, parquet });
  await rm(folder, { recursive: true });
  return { parquet, header, rows, rejected, digest: scan.source.digest, sizeBytes: scan.source.sizeBytes };
}

interface WriteOptions extends PartOptions {
  readonly header: readonly string[];
  readonly parquet: string;
}

async function writeRows(
  { files, recordBytesLongest: longest }: Scan,
  { contract, header, parquet, index, duckdb, signal }: WriteOptions,
): Promise<void> {
  const delimiter = JOINED_DELIMITER;
  // Cells are in the default form once they are copied.
  const coercers = coercersOf(askedColumns(contract && withoutFormat(contract)), header);
  const isCoerced = coercers.some((coercer) => coercer !== undefined);
  const recordBytesLongest = isCoerced ? await coerceRecords(files.canonical, { delimiter, coercers }) : longest;
  const rows = readCsv({ delimiter }, { header: { names: header }, file: files.canonical, recordBytesLongest });
  const query = `select ${index} as ${FILE}, row_number() over () - 1 as ${ROW}, * from ${rows}`;
  const using = signal === undefined ? {} : { signal };
  await duckdb.use((connection) => duckdbEngine(connection).writeParquet(query, parquet), using);
}

/** A view of the files of each list of columns, and of all of them together. */
async function viewParts(engine: SqlEngine, parts: readonly ScannedPart[], header: readonly string[]): Promise<void> {
  const alike = grouped(parts, (part) => JSON.stringify(part.header));
  const views: string[] = [];
  for (const some of alike.values()) {
    const [{ header: own }] = some as [ScannedPart];
    const columns = header.map((name, place) => {
      const at = own.indexOf(name);
      return `${at < 0 ? 'cast(null as string)' : rawName(at)} as ${rawName(place)}`;
    });
    const view = `weir_rows_${views.length}`;
    const paths = some.map(({ parquet }) => parquet);
    await engine.viewParquet(view, { paths, columns: [FILE, ROW, ...columns] });
    views.push(`select * from ${view}`);
  }
  await engine.run(`create or replace temp view ${SOURCE} as ${views.join(' union all ')}`);
}
