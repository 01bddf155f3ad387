import { ByteWriter } from '../scan/byte-writer.ts';
import { toField } from '../scan/fields.ts';
import { scanRecords } from '../scan/scan-records.ts';

export interface AddRowIdsOptions {
  readonly into: string;
  /** Name of the new column, which comes first. */
  readonly column: string;
  readonly delimiter: string;
  /** The id of a row, by its place among the readable rows, from 1. */
  readonly idOf: (place: number) => string;
}

/** Copies a CSV file with a column of ids before the others, without what is no row. Resolves to the number of rows. */
export async function addRowIds(file: string, options: AddRowIdsOptions): Promise<number> {
  const { into, column, delimiter, idOf } = options;
  const writer = new ByteWriter(into);
  let records = 0;
  const onRecord = (bytes: Buffer, isSound: boolean): void => {
    if (!isSound) return;
    writer.appendText(`${toField(records === 0 ? column : idOf(records), delimiter)}${delimiter}`);
    writer.append(bytes);
    records += 1;
  };
  try {
    await scanRecords('csv', { path: file, delimiter, onRecord, onBlock: () => writer.flush() });
  } catch (error) {
    await writer.abandon();
    throw error;
  }
  await writer.close();
  return Math.max(0, records - 1);
}
