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
  { into, ...table }: Table & { readonly into: string },
): Promise<void> {
  await writeTable(into, table, async (writer) => {
    for (const part of parts) await addPart(part, { writer, ...table });
  });
}

interface Table {
  readonly names: readonly string[];
  readonly delimiter: string;
}

interface Joining extends Table {
  readonly writer: ByteWriter;
}

/** Writes the header of a canonical file, and behind it what is added. */
export async function writeTable(
  into: string,
  { names, delimiter }: Table,
  add: (writer: ByteWriter) => Promise<void>,
): Promise<void> {
  const writer = new ByteWriter(into);
  try {
    writer.appendText(`${toRecord(names, delimiter)}\n`);
    await add(writer);
    await writer.close();
  } catch (error) {
    await writer.abandon();
    throw error;
  }
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
  await addRecords(narrowFile(part.folder), { writer, places: maybePlaces(part.names, names), delimiter });
}

/** Where the columns are among those of a part; undefined where they are its own. */
export const maybePlaces = (own: readonly string[], names: readonly string[]): readonly number[] | undefined =>
  isDeepStrictEqual(own, names) ? undefined : names.map((name) => own.indexOf(name));

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
