import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileReading } from '../check/file-reading.ts';
import type { Contract } from '../contract.ts';
import { formatOf } from '../scan/format.ts';
import type { Scan } from '../scan/scan-csv.ts';
import { scanFile } from '../scan/scan-file.ts';
import { UndecodableError } from '../scan/undecodable-error.ts';
import type { CheckPartitionsOptions, DatasetPartition } from './check-partitions-options.ts';
import { inPartition } from './in-partition.ts';
import { addRecords, maybePlaces, writeTable } from './join-narrow.ts';

export interface JoinPartitionsOptions
  extends Pick<CheckPartitionsOptions, 'partitions' | 'duckdb' | 'encoding' | 'delimiter' | 'signal' | 'onProgress'> {
  readonly contract?: Contract | undefined;
  /** The file of all rows, as canonical CSV with commas. */
  readonly into: string;
  /** A folder for copies of single files. */
  readonly folder: string;
}

/** What the files of a dataset are together. */
export interface JoinedPartitions {
  readonly rejected: number;
  /** Of each file, in their order. */
  readonly digests: readonly string[];
  readonly sizeBytes: number;
}

/** Of the canonical copies of single files, and of the file of all rows. */
export const JOINED_DELIMITER = ',';

/**
 * Joins the rows of all files into one, in their order. A column that some files lack is empty there.
 *
 * @throws UndecodableError when a file cannot be read with certainty, or none has a header.
 */
export async function joinPartitions(options: JoinPartitionsOptions): Promise<JoinedPartitions> {
  const scans: Scan[] = [];
  for (const [index, partition] of options.partitions.entries()) {
    const folder = path.join(options.folder, String(index));
    await mkdir(folder, { recursive: true });
    scans.push(await scanPartition(partition, { ...options, folder }));
    options.onProgress?.((index + 1) / options.partitions.length);
  }
  const names = [...new Set(scans.flatMap(({ header = [] }) => header))];
  if (names.length === 0) throw new UndecodableError('no file has even a header');
  await writeTable(options.into, { names, delimiter: JOINED_DELIMITER }, async (writer) => {
    for (const { header, files } of scans) {
      if (header === undefined) continue;
      await addRecords(files.canonical, { writer, places: maybePlaces(header, names), delimiter: JOINED_DELIMITER });
      await rm(path.dirname(files.canonical), { recursive: true });
    }
  });
  const sum = (of: (scan: Scan) => number) => scans.reduce((total, scan) => total + of(scan), 0);
  return {
    rejected: sum(({ rejected }) => rejected),
    digests: scans.map(({ source }) => source.digest),
    sizeBytes: sum(({ source }) => source.sizeBytes),
  };
}

/** Reads a file into a canonical copy in the folder. */
export async function scanPartition(
  partition: DatasetPartition,
  { folder, contract, duckdb, encoding, delimiter, signal }: Omit<JoinPartitionsOptions, 'partitions' | 'into'>,
): Promise<Scan> {
  const kindsOf = (header: readonly string[]) => header.map((column) => contract?.columns[column]?.kind);
  return inPartition(partition, async (file) => {
    const format = await formatOf(file, partition.name);
    const { delimiter: fileDelimiter, ...reading } =
      format === 'csv'
        ? await fileReading({ path: file, contract, delimiter, encoding })
        : { delimiter: JOINED_DELIMITER };
    const scanOptions = {
      ...{ path: file, folder, delimiter: JOINED_DELIMITER, fileDelimiter, columns: { kindsOf } },
      ...(encoding === undefined ? {} : { encoding }),
      ...reading,
      ...(signal && { signal }),
    };
    return scanFile(format, { scanOptions, duckdb });
  });
}
