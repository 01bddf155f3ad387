import { UndecodableError } from './undecodable-error.ts';

/*
 * Where the one file of a zip is, by its central directory (APPNOTE 6.3.10 of PKWARE, sections 4.3 and 4.5.3). What
 * operating systems add, such as `__MACOSX/`, and folders are no files of it.
 */

/** Reads bytes of a file from a place on; fewer at its end. A negative place counts from the end. */
export type ReadAt = (place: number, length: number) => Promise<Buffer>;

export interface ZipEntry {
  /** Where its bytes begin and end in the zip. */
  readonly start: number;
  readonly end: number;
  /** Compressed; else its bytes stand there as they are. */
  readonly isDeflated: boolean;
}

const END_BYTES = 22;
const COMMENT_BYTES_MAX = 65_535;
const END_MARK = 0x06054b50;
const ENTRY_MARK = 0x02014b50;
const LOCAL_MARK = 0x04034b50;
const ENTRY_BYTES = 46;
const LOCAL_BYTES = 30;
/** Instead of a number that stands in the extra fields, since zips have been larger than 4 GB. */
const ELSEWHERE = 0xffffffff;
const LARGE_FIELD = 1;
const ENCRYPTED = 1;
const DIRECTORY_BYTES_MAX = 1 << 20;

/** Finds the one file of a zip. */
export async function zipEntryOf(readAt: ReadAt): Promise<ZipEntry> {
  const tail = await readAt(-(END_BYTES + COMMENT_BYTES_MAX), END_BYTES + COMMENT_BYTES_MAX);
  const at = lastMark(tail);
  if (at < 0) throw unfit('its list of files is missing, as when it was not copied to its end');
  const [size, place] = [tail.readUInt32LE(at + 12), tail.readUInt32LE(at + 16)];
  if (size > DIRECTORY_BYTES_MAX) throw unfit('it has very many files; one is expected');
  if (place === ELSEWHERE) throw unfit('its list of files stands beyond 4 GB');
  const entries = entriesOf(await readAt(place, size)).filter(({ name }) => !/^__MACOSX\/|\/$/.test(name));
  const [entry, ...more] = entries;
  if (entry === undefined) throw unfit('it is empty');
  if (more.length > 0)
    throw unfit(
      `it has ${entries.length} files (${entries
        .slice(0, 3)
        .map(({ name }) => name)
        .join(', ')} …); one is expected`,
    );
  if ((entry.flags & ENCRYPTED) !== 0) throw unfit('its file is encrypted');
  if (entry.method !== 0 && entry.method !== 8)
    throw unfit(`its file is compressed by method ${entry.method}; deflate is expected`);
  const local = await readAt(entry.place, LOCAL_BYTES);
  if (local.length < LOCAL_BYTES || local.readUInt32LE(0) !== LOCAL_MARK)
    throw unfit('its file is not where its list says');
  const start = entry.place + LOCAL_BYTES + local.readUInt16LE(26) + local.readUInt16LE(28);
  return { start, end: start + entry.size, isDeflated: entry.method === 8 };
}

function lastMark(tail: Buffer): number {
  for (let at = tail.length - END_BYTES; at >= 0; at--) if (tail.readUInt32LE(at) === END_MARK) return at;
  return -1;
}

interface Listed {
  readonly name: string;
  readonly flags: number;
  readonly method: number;
  readonly size: number;
  readonly place: number;
}

function entriesOf(directory: Buffer): readonly Listed[] {
  const entries: Listed[] = [];
  for (let at = 0; at + ENTRY_BYTES <= directory.length && directory.readUInt32LE(at) === ENTRY_MARK; ) {
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((field) => directory.readUInt16LE(at + field));
    const nameEnd = at + ENTRY_BYTES + (nameBytes ?? 0);
    const extra = directory.subarray(nameEnd, nameEnd + (extraBytes ?? 0));
    entries.push({
      name: directory.toString('utf8', at + ENTRY_BYTES, nameEnd),
      flags: directory.readUInt16LE(at + 8),
      method: directory.readUInt16LE(at + 10),
      ...numbersOf(directory, { at, extra }),
    });
    at = nameEnd + (extraBytes ?? 0) + (commentBytes ?? 0);
  }
  return entries;
}

/** Size and place of an entry, which stand in a field of their own where they are beyond 4 GB. */
function numbersOf(
  directory: Buffer,
  { at, extra }: { readonly at: number; readonly extra: Buffer },
): Pick<Listed, 'size' | 'place'> {
  const [size, plain, place] = [20, 24, 42].map((field) => directory.readUInt32LE(at + field));
  let field = 0;
  while (field + 4 <= extra.length && extra.readUInt16LE(field) !== LARGE_FIELD)
    field += 4 + extra.readUInt16LE(field + 2);
  let next = field + 4;
  const large = (value = 0): number => {
    if (value !== ELSEWHERE) return value;
    if (next + 8 > extra.length) throw unfit('a size beyond 4 GB is missing');
    next += 8;
    return Number(extra.readBigUInt64LE(next - 8));
  };
  // In this order, and only those that are needed.
  large(plain);
  return { size: large(size), place: large(place) };
}

function unfit(reason: string): UndecodableError {
  return new UndecodableError(`The file is a zip that cannot be read: ${reason}.`);
}
