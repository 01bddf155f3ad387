import { ByteWriter } from '../scan/byte-writer.ts';
import { toField } from '../scan/fields.ts';
import { scanRecords } from '../scan/scan-records.ts';

export interface AddRowIdsOptions {
  readonly into: string;
  /** Name of the new column, which comes first. */
  readonly column: string;
  readonly delimiter: string;
  /** What ids start with; the row's place among the readable rows follows, from 1. */
  readonly prefix: string;
  /** A longer record is left out; 4 MiB unless set. */
  readonly recordBytesMax?: number;
}

/** Copies a CSV file with a column of ids before the others, without what is no row. */
export async function addRowIds(file: string, options: AddRowIdsOptions): Promise<void> {
  const { into, column, delimiter, prefix, recordBytesMax } = options;
  const writer = new ByteWriter(into);
  let records = 0;
  const onRecord = (bytes: Buffer, isSound: boolean): void => {
    if (!isSound) return;
    writer.appendText(`${toField(records === 0 ? column : `${prefix}-${records}`, delimiter)}${delimiter}`);
    writer.append(bytes);
    records += 1;
  };
  try {
    await scanRecords('csv', {
      ...{ path: file, delimiter, onRecord, onBlock: () => writer.flush() },
      ...(recordBytesMax === undefined ? {} : { recordBytesMax }),
    });
  } catch (error) {
    await writer.abandon();
    throw error;
  }
  await writer.close();
}
