import { ByteWriter } from '../scan/byte-writer.ts';
import { fieldsOf, toRecord } from '../scan/fields.ts';
import { scanRecords } from '../scan/scan-records.ts';

/** Copies a CSV file with only the columns at these positions. */
export async function keepColumns(
  file: string,
  {
    into,
    positions,
    delimiter,
  }: { readonly into: string; readonly positions: readonly number[]; readonly delimiter: string },
): Promise<void> {
  const writer = new ByteWriter(into);
  const onRecord = (bytes: Buffer): void => {
    const fields = fieldsOf(bytes.toString('utf8', 0, bytes.length - 1), delimiter);
    const kept = positions.map((position) => fields[position] ?? '');
    writer.appendText(`${toRecord(kept, delimiter)}\n`);
  };
  try {
    // Canonical text has no faults, however long a record is.
    const recordBytesMax = Number.POSITIVE_INFINITY;
    await scanRecords('csv', { path: file, delimiter, recordBytesMax, onRecord, onBlock: () => writer.flush() });
  } catch (error) {
    await writer.abandon();
    throw error;
  }
  await writer.close();
}
