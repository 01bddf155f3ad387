import { open, rename } from 'node:fs/promises';
import type { CellCoercer } from '../coercions/cell-coercer.ts';
import { ByteWriter } from '../scan/byte-writer.ts';
import { canonicalBlocks, endOfRecord } from '../scan/canonical-records.ts';
import { fieldsOf, toRecord } from '../scan/fields.ts';

export interface CoerceRecordsOptions {
  readonly delimiter: string;
  /** By the places of the columns. */
  readonly coercers: readonly (CellCoercer | undefined)[];
}

/**
 * Changes the cells of a canonical file as its columns allow, in place; returns the bytes of its longest record. For files
 * whose records come from JSON or Parquet: those of CSV are changed while they are read.
 */
export async function coerceRecords(file: string, { delimiter, coercers }: CoerceRecordsOptions): Promise<number> {
  const changed = `${file}.coerced`;
  const out = new ByteWriter(changed);
  const handle = await open(file);
  let longest = 0;
  let isHeader = true;
  try {
    for await (const block of canonicalBlocks(handle)) {
      for (let at = 0; at < block.length; ) {
        const end = endOfRecord(block, at);
        const record = block.toString('utf8', at, end - 1);
        const text = isHeader ? record : coercedRecord(record, { delimiter, coercers });
        longest = Math.max(longest, Buffer.byteLength(text));
        out.appendText(`${text}\n`);
        isHeader = false;
        at = end;
      }
      await out.flush();
    }
    await out.close();
  } catch (error) {
    await out.abandon();
    throw error;
  } finally {
    await handle.close();
  }
  await rename(changed, file);
  return longest;
}

function coercedRecord(record: string, { delimiter, coercers }: CoerceRecordsOptions): string {
  const fields = fieldsOf(record, delimiter);
  const changed = fields.map((field, place) => {
    const coercer = field === '' ? undefined : coercers[place];
    if (coercer === undefined) return field;
    const bytes = Buffer.from(field);
    return coercer.maybeText(bytes, 0, bytes.length) ?? field;
  });
  return toRecord(changed, delimiter);
}
