import type { ContractColumn } from '#api';
import { type ConvertedTable, convertTable } from '../../csv/convert.ts';

/** Larger files belong in the raw-data folder, where the pipelines take them. */
const BYTES_MAX = 20 * 1024 * 1024;
const ROWS_MAX = 50_000;

export interface ParsedFile {
  readonly name: string;
  readonly table: ConvertedTable;
}

/** Reads a CSV file in the browser and converts its rows by the contract. */
export async function parseFile(file: File, columns: readonly ContractColumn[]): Promise<ParsedFile> {
  if (file.size > BYTES_MAX) {
    throw new Error(
      `Expected a file of at most 20 MB, got ${Math.ceil(file.size / 1024 / 1024)} MB. Put it into the raw-data folder instead, or send it in parts.`,
    );
  }
  const { default: Papa } = await import('papaparse');
  const { data, errors } = Papa.parse<string[]>(await file.text(), { skipEmptyLines: 'greedy' });
  const broken = errors.find(({ type }) => type === 'Quotes');
  if (broken !== undefined) {
    throw new Error(
      `Expected every quoted cell to be closed; after row ${(broken.row ?? 0) + 1} one is not: ${broken.message}. Correct the quotes and choose the file again.`,
    );
  }
  if (data.length < 2) {
    throw new Error(
      `Expected a header line and at least one row, got ${data.length === 0 ? 'an empty file' : 'one line'}. The template shows what a file looks like.`,
    );
  }
  if (data.length - 1 > ROWS_MAX) {
    throw new Error(
      `Expected at most ${ROWS_MAX} rows, got ${data.length - 1}. Put the file into the raw-data folder instead, or send it in parts.`,
    );
  }
  return { name: file.name, table: convertTable(data, columns) };
}
