import { UndecodableError } from './undecodable-error.ts';

/*
 * Where the one file of a zip is, by its central directory (APPNOTE 6.3.10 of PKWARE, sections 4.3 and 4.5.3). What
 * operating systems add, such as `__MACOSX/`, and folders are no files of it. Names are only shown, and never places.
 */

/** Reads bytes of a file from a place on; fewer at its end. A negative place counts from the end. */
export type ReadAt = (place: number, length: number) => Promise<Uint8Array>;

export interface ZipEntry {
  /** Where its bytes begin and end in the zip. */
  readonly start: number;
  readonly end: number;
  /** Compressed; else its bytes stand there as they are. */
  readonly isDeflated: boolean;
  /** What it must be when it is expanded: its bytes, and their CRC-32. */
  readonly sizeBytes: number;
  readonly checksum: number;
}

const END_BYTES = 22;
const COMMENT_BYTES_MAX = 65_535;
const END_MARK = 0x06054b50;
const LARGE_END_MARK = 0x06064b50;
const LARGE_END_BYTES = 56;
/** Before the end of a zip that is larger than 4 GB stands where its other end is. */
const LOCATOR_MARK = 0x07064b50;
const LOCATOR_BYTES = 20;
const ENTRY_MARK = 0x02014b50;
const LOCAL_MARK = 0x04034b50;
const ENTRY_BYTES = 46;
const LOCAL_BYTES = 30;
/** Instead of a number that stands in the extra fields, since zips have been larger than 4 GB. */
const ELSEWHERE = 0xffffffff;
const LARGE_FIELD = 1;
const ENCRYPTED = 1;
const DIRECTORY_BYTES_MAX = 1 << 20;
const NAMES_MAX = 3;
const NAME_LENGTH_MAX = 60;

/** Finds the one file of a zip. */
export async function zipEntryOf(readAt: ReadAt): Promise<ZipEntry> {
  const { size, place } = await directoryOf(readAt);
  if (size > DIRECTORY_BYTES_MAX) throw unfit('it has very many files; one is expected');
  const entries = entriesOf(await readAt(place, size)).filter(({ name }) => !/^__MACOSX\/|\/$/.test(name));
  const [entry, ...more] = entries;
  if (entry === undefined) throw unfit(size === 0 ? 'it is empty' : 'it has no file, or its list of files is damaged');
  if (more.length > 0) {
    const names = entries.slice(0, NAMES_MAX).map(({ name }) => shown(name));
    throw unfit(`it has ${entries.length} files (${names.join(', ')} …); one is expected`);
  }
  if ((entry.flags & ENCRYPTED) !== 0) throw unfit('its file is encrypted');
  if (entry.method !== 0 && entry.method !== 8)
    throw unfit(`its file is compressed by method ${entry.method}; deflate is expected`);
  const local = await readAt(entry.place, LOCAL_BYTES);
  if (local.length < LOCAL_BYTES || viewOf(local).getUint32(0, true) !== LOCAL_MARK)
    throw unfit('its file is not where its list says');
  const start = entry.place + LOCAL_BYTES + viewOf(local).getUint16(26, true) + viewOf(local).getUint16(28, true);
  const { packedBytes, sizeBytes, checksum } = entry;
  return { start, end: start + packedBytes, isDeflated: entry.method === 8, sizeBytes, checksum };
}

/** What is wrong with an entry once it is expanded; undefined for nothing. */
export function maybeDamage(entry: ZipEntry, found: { readonly sizeBytes: number; readonly checksum: number }) {
  if (found.sizeBytes !== entry.sizeBytes)
    return unfit(`its file has ${found.sizeBytes} bytes where its list says ${entry.sizeBytes}`);
  return found.checksum === entry.checksum ? undefined : unfit('the checksum of its file is wrong: it was damaged');
}

/** Where the list of files is, and how large. */
async function directoryOf(readAt: ReadAt): Promise<{ readonly size: number; readonly place: number }> {
  const bytes = await readAt(-(END_BYTES + COMMENT_BYTES_MAX), END_BYTES + COMMENT_BYTES_MAX);
  const tail = viewOf(bytes);
  const at = lastMark(tail);
  if (at < 0) throw unfit('its list of files is missing, as when it was not copied to its end');
  const [size, place] = [tail.getUint32(at + 12, true), tail.getUint32(at + 16, true)];
  if (size !== ELSEWHERE && place !== ELSEWHERE) return { size, place };
  const locator = at - LOCATOR_BYTES;
  if (locator < 0 || tail.getUint32(locator, true) !== LOCATOR_MARK)
    throw unfit('it does not say where its list of files is, beyond 4 GB');
  const end = viewOf(await readAt(Number(tail.getBigUint64(locator + 8, true)), LARGE_END_BYTES));
  if (end.byteLength < LARGE_END_BYTES || end.getUint32(0, true) !== LARGE_END_MARK)
    throw unfit('its list of files is not where its end says');
  return { size: Number(end.getBigUint64(40, true)), place: Number(end.getBigUint64(48, true)) };
}

function lastMark(tail: DataView): number {
  for (let at = tail.byteLength - END_BYTES; at >= 0; at--) if (tail.getUint32(at, true) === END_MARK) return at;
  return -1;
}

interface Listed {
  readonly name: string;
  readonly flags: number;
  readonly method: number;
  readonly checksum: number;
  readonly packedBytes: number;
  readonly sizeBytes: number;
  readonly place: number;
}

function entriesOf(bytes: Uint8Array): readonly Listed[] {
  const directory = viewOf(bytes);
  const entries: Listed[] = [];
  for (let at = 0; at + ENTRY_BYTES <= bytes.length && directory.getUint32(at, true) === ENTRY_MARK; ) {
    const [nameBytes = 0, extraBytes = 0, commentBytes = 0] = [28, 30, 32].map((field) =>
      directory.getUint16(at + field, true),
    );
    const nameEnd = at + ENTRY_BYTES + nameBytes;
    const extra = bytes.subarray(nameEnd, nameEnd + extraBytes);
    entries.push({
      name: new TextDecoder().decode(bytes.subarray(at + ENTRY_BYTES, nameEnd)),
      flags: directory.getUint16(at + 8, true),
      method: directory.getUint16(at + 10, true),
      checksum: directory.getUint32(at + 16, true),
      ...numbersOf(directory, { at, extra: viewOf(extra) }),
    });
    at = nameEnd + extraBytes + commentBytes;
  }
  return entries;
}

/** Sizes and place of an entry, which stand in a field of their own where they are beyond 4 GB. */
function numbersOf(
  directory: DataView,
  { at, extra }: { readonly at: number; readonly extra: DataView },
): Pick<Listed, 'packedBytes' | 'sizeBytes' | 'place'> {
  const [packed, plain, place] = [20, 24, 42].map((field) => directory.getUint32(at + field, true));
  let field = 0;
  while (field + 4 <= extra.byteLength && extra.getUint16(field, true) !== LARGE_FIELD)
    field += 4 + extra.getUint16(field + 2, true);
  let next = field + 4;
  const large = (value = 0): number => {
    if (value !== ELSEWHERE) return value;
    if (next + 8 > extra.byteLength) throw unfit('a size beyond 4 GB is missing');
    next += 8;
    return Number(extra.getBigUint64(next - 8, true));
  };
  // In this order, and only those that are needed.
  const sizeBytes = large(plain);
  return { sizeBytes, packedBytes: large(packed), place: large(place) };
}

/** A name as it may stand in a sentence. */
function shown(name: string): string {
  const printable = name.replaceAll(/\p{C}/gu, '?');
  return printable.length <= NAME_LENGTH_MAX ? printable : `${printable.slice(0, NAME_LENGTH_MAX)}…`;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function unfit(reason: string): UndecodableError {
  return new UndecodableError(`The file is a zip that cannot be read: ${reason}.`);
}
