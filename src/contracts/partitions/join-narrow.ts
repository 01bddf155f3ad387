import { open } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { narrowFile } from '../check/pass.ts';
import { ByteWriter } from '../scan/byte-writer.ts';
import { canonicalBlocks, endOfRecord } from '../scan/canonical-records.ts';
import { fieldsOf, toRecord } from '../scan/fields.ts';

export interface NarrowPart {
  readonly folder: string;
  readonly rows: number;
  /** The columns of its narrow file; undefined where it has none. */
  readonly names: readonly string[] | undefined;
}

/**
 * Joins what SQL reads of the parts into one file, in their order. Where a part has other columns, or in another order, its
 * records are written anew.
 */
export async function joinNarrow(
  parts: readonly NarrowPart[],
  { into, names, delimiter }: { readonly into: string; readonly names: readonly string[]; readonly delimiter: string },
): Promise<void> {
  const writer = new ByteWriter(into);
  try {
    writer.appendText(`${toRecord(names, delimiter)}\n`);
    for (const part of parts) await addPart(part, { writer, names, delimiter });
    await writer.close();
  } catch (error) {
    await writer.abandon();
    throw error;
  }
}

interface Joining {
  readonly writer: ByteWriter;
  readonly names: readonly string[];
  readonly delimiter: string;
}

async function addPart(part: NarrowPart, { writer, names, delimiter }: Joining): Promise<void> {
  if (part.rows === 0) return;
  if (part.names === undefined) {
    const empty = `${toRecord(
      names.map(() => ''),
      delimiter,
    )}\n`;
    for (let row = 0; row < part.rows; row++) {
      writer.appendText(empty);
      await writer.flush();
    }
    return;
  }
  const own = part.names;
  const places = isDeepStrictEqual(own, names) ? undefined : names.map((name) => own.indexOf(name));
  await addRecords(narrowFile(part.folder), { writer, places, delimiter });
}

/** Adds the records of a canonical file behind its header, with their cells at these places where they are given. */
export async function addRecords(
  path: string,
  {
    writer,
    places,
    delimiter,
  }: { readonly writer: ByteWriter; readonly places: readonly number[] | undefined; readonly delimiter: string },
): Promise<void> {
  const file = await open(path);
  let isFirst = true;
  try {
    for await (const block of canonicalBlocks(file)) {
      const from = isFirst ? endOfRecord(block, 0) : 0;
      isFirst = false;
      if (places === undefined) writer.append(block, from);
      else addMoved(block, { from, places, writer, delimiter });
      await writer.flush();
    }
  } finally {
    await file.close();
  }
}

function addMoved(
  block: Buffer,
  {
    from,
    places,
    writer,
    delimiter,
  }: Omit<Joining, 'names'> & { readonly from: number; readonly places: readonly number[] },
): void {
  for (let at = from; at < block.length; ) {
    const end = endOfRecord(block, at);
    const cells = fieldsOf(block.toString('utf8', at, end - 1), delimiter);
    writer.appendText(
      `${toRecord(
        places.map((place) => cells[place] ?? ''),
        delimiter,
      )}\n`,
    );
    at = end;
  }
}
