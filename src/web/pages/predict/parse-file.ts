import type { ContractAnswer } from '#api';
import { delimiterByNames } from '#contracts/browser';
import { columnsByName } from '../../columns.ts';
import { type ConvertedTable, convertTable } from '../../csv/convert.ts';
import { formReading } from '../../csv/form-reading.ts';
import { readTable } from '../../csv/read-table.ts';

export interface ParsedFile {
  readonly name: string;
  readonly table: ConvertedTable;
}

/** Reads a CSV file in the browser and converts its rows by the contract. */
export async function parseFile(
  file: File,
  { columns, delimiter, format, rules }: Pick<ContractAnswer, 'columns' | 'delimiter' | 'format' | 'rules'>,
): Promise<ParsedFile> {
  const named = { columns: columnsByName(columns), delimiter };
  const table = await readTable(file, {
    whenTooLarge: 'Put it into the raw-data folder instead, or send it in parts.',
    whenEmpty: 'The template shows what a file looks like.',
    // A file whose form is known has the delimiter that is known with it.
    delimiterOf: (line) => (format === undefined ? delimiterByNames(named, line) : delimiter),
    ...formReading(columns, format),
  });
  return { name: file.name, table: convertTable(table, columns, rules) };
}
