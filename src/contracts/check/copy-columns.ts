import type { Contract } from '../contract.ts';
import { ByteWriter } from '../scan/byte-writer.ts';
import { fieldsOf } from '../scan/fields.ts';
import { defaultRecordForm, recordFormOf } from '../scan/record-form.ts';
import { scanRecords } from '../scan/scan-records.ts';
import { fileReading } from './file-reading.ts';
import { namesByPlace } from './form-columns.ts';
import { matchHeader } from './match-header.ts';

export interface CopyColumnsOptions {
  readonly into: string;
  readonly contract: Contract;
  /** Which columns, by their names in the contract, or in the file where the contract does not know them. */
  readonly isKept: (name: string) => boolean;
}

/**
 * Copies columns of a CSV file without faults, which is written as the contract's `format` says; so is the copy, in UTF-8,
 * with a byte order mark where the format has another encoding.
 */
export async function copyColumns(file: string, { into, contract, isKept }: CopyColumnsOptions): Promise<void> {
  const { delimiter, form, ...how } = await fileReading({ path: file, contract });
  // Records of another form come with the texts of their cells in the default form.
  const given = form === undefined ? delimiter : contract.delimiter;
  const namesOf = (cells: number): readonly string[] => namesByPlace(contract, { cells });
  const records = form === undefined ? defaultRecordForm(delimiter) : recordFormOf(form);
  let positions: readonly number[] | undefined;
  const writer = new ByteWriter(into);
  if (contract.format?.encoding !== undefined) writer.appendText('\ufeff');
  const onRecord = (bytes: Buffer): void => {
    const fields = fieldsOf(bytes.toString('utf8', 0, bytes.length - 1), given);
    const isHeader = positions === undefined;
    positions ??= matchHeader(contract, fields).names.flatMap((name, position) => (isKept(name) ? [position] : []));
    const kept = positions.map((position) => fields[position] ?? '');
    const written = isHeader ? records.maybeHeader(kept) : records.toRecord(kept);
    // A file without a header row has nothing there.
    if (written !== undefined) writer.appendText(`${written}\n`);
  };
  try {
    const reading = { path: file, ...how, form, delimiter: given, columns: { namesOf } };
    await scanRecords('csv', { ...reading, onRecord, onBlock: () => writer.flush() });
  } catch (error) {
    await writer.abandon();
    throw error;
  }
  await writer.close();
}
