import type { ContractColumn } from '#api';
import { type ConvertedTable, convertTable } from '../../csv/convert.ts';
import { readLines } from '../../csv/read-lines.ts';

export interface ParsedFile {
  readonly name: string;
  readonly table: ConvertedTable;
}

/** Reads a CSV file in the browser and converts its rows by the contract. */
export async function parseFile(file: File, columns: readonly ContractColumn[]): Promise<ParsedFile> {
  const lines = await readLines(file, {
    whenTooLarge: 'Put it into the raw-data folder instead, or send it in parts.',
    whenEmpty: 'The template shows what a file looks like.',
  });
  return { name: file.name, table: convertTable(lines, columns) };
}
