import type { DuckdbPool } from '#store';
import type { Format } from './format.ts';
import { scanJsonArray } from './json-array.ts';
import { scanJsonLines } from './json-lines.ts';
import { type Scan, type ScanOptions, scanCsv } from './scan-csv.ts';
import { scanNdjson } from './scan-ndjson.ts';
import { scanParquet } from './scan-parquet.ts';

/** Reads a file of any format once, and leaves a canonical CSV of its records. */
export function scanFile(
  format: Format,
  { scanOptions, duckdb }: { readonly scanOptions: ScanOptions; readonly duckdb: DuckdbPool },
): Promise<Scan> {
  switch (format) {
    case 'csv':
      return scanCsv(scanOptions);
    case 'ndjson':
      return scanNdjson(scanOptions, scanJsonLines);
    case 'json-array':
      return scanNdjson(scanOptions, scanJsonArray);
    case 'parquet':
      return scanParquet(duckdb, scanOptions);
    default:
      return format satisfies never;
  }
}
