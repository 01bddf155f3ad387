import path from 'node:path';
import { ByteWriter } from './byte-writer.ts';
import { toRecord } from './fields.ts';
import { LineMarkWriter } from './line-marks.ts';
import type { Fault } from './record-scanner.ts';
import { RejectedWriter } from './rejected-writer.ts';
import { RECORD_BYTES_MAX, type Scan, type ScanOptions } from './scan-csv.ts';
import { openSource } from './source.ts';
import { UndecodableError } from './undecodable-error.ts';

const LF = 10;
/** Rows of very different fields are no table. */
const COLUMNS_MAX = 10_000;

type Line = { readonly bytes: Buffer; readonly line: number; readonly offset: number; readonly isTooLong: boolean };
type Fields = ReadonlyMap<string, string>;

/**
 * Writes a file of JSON objects, one a line, as canonical CSV: a column for each field that any object has, in the order
 * they first appear. Null and absent are empty; objects and lists within become their JSON text.
 */
export async function scanNdjson(options: ScanOptions): Promise<Scan> {
  const header = await fieldNames(options);
  const { folder, delimiter, rename = (names) => names } = options;
  const files = {
    canonical: path.join(folder, 'canonical.csv'),
    rejected: path.join(folder, 'rejected.jsonl'),
    lineMarks: path.join(folder, 'line-marks'),
  };
  const out = new ByteWriter(files.canonical);
  const marks = new ByteWriter(files.lineMarks, 4096);
  const rejects = new ByteWriter(files.rejected, 4096);
  const writers = [out, marks, rejects];
  const lineMarks = new LineMarkWriter(marks);
  const rejected = new RejectedWriter(rejects);
  const faults = new Map<Fault, number>();
  const found = { records: 0, recordBytesLongest: 0 };
  const onLine = (given: Line): void => {
    const fields = fieldsIn(given);
    if (typeof fields === 'string') {
      faults.set(fields, (faults.get(fields) ?? 0) + 1);
      rejected.add(given.bytes, { ...given, start: 0, end: given.bytes.length, fault: fields, complete: true });
      return;
    }
    const record = Buffer.from(
      `${toRecord(
        header.map((name) => fields.get(name) ?? ''),
        delimiter,
      )}\n`,
    );
    lineMarks.note(found.records, given.line);
    found.records++;
    found.recordBytesLongest = Math.max(found.recordBytesLongest, record.length);
    out.append(record);
  };
  if (header.length > 0) out.appendText(`${toRecord(rename(header), delimiter)}\n`);
  const source = openSource(options.path, options);
  try {
    const onBlock = async (): Promise<void> => {
      for (const writer of writers) await writer.flush();
    };
    await eachLine(source.blocks(), { recordBytesMax: options.recordBytesMax ?? RECORD_BYTES_MAX, onLine, onBlock });
  } catch (error) {
    await Promise.all(writers.map((writer) => writer.abandon()));
    throw error;
  }
  await Promise.all(writers.map((writer) => writer.close()));
  const rejections = [...faults.values()].reduce((sum, count) => sum + count, 0);
  const facts = { ...found, faults, rejected: rejections, blankLines: 0, lineMarks: lineMarks.count, files };
  return { source: source.facts(), header: header.length === 0 ? undefined : header, ...facts };
}

/** Names of all fields: known only at the end, so the file is read twice. */
async function fieldNames(options: ScanOptions): Promise<readonly string[]> {
  const names = new Set<string>();
  const onLine = (line: Line): void => {
    const fields = fieldsIn(line);
    if (typeof fields === 'string') return;
    for (const name of fields.keys()) names.add(name);
    if (names.size > COLUMNS_MAX)
      throw new UndecodableError(`The objects have more than ${COLUMNS_MAX} different fields.`);
  };
  const recordBytesMax = options.recordBytesMax ?? RECORD_BYTES_MAX;
  await eachLine(openSource(options.path, options).blocks(), { recordBytesMax, onLine });
  return [...names];
}

interface EachLineOptions {
  readonly recordBytesMax: number;
  readonly onLine: (line: Line) => void;
  readonly onBlock?: () => Promise<void>;
}

/** Lines that are not blank. Of one that is too long, the part that has been read is handed over at once. */
async function eachLine(blocks: AsyncGenerator<Buffer>, options: EachLineOptions): Promise<void> {
  const { recordBytesMax, onLine, onBlock } = options;
  let carried: Buffer = Buffer.alloc(0);
  let line = 1;
  let offset = 0;
  const hand = (bytes: Buffer): void => {
    if (bytes.toString('latin1').trim() !== '')
      onLine({ bytes, line, offset, isTooLong: bytes.length > recordBytesMax });
  };
  for await (const block of blocks) {
    const bytes = carried.length === 0 ? block : Buffer.concat([carried, block]);
    let at = 0;
    for (let end = bytes.indexOf(LF); end >= 0; end = bytes.indexOf(LF, at)) {
      hand(bytes.subarray(at, end));
      offset += end + 1 - at;
      at = end + 1;
      line++;
    }
    if (bytes.length - at > recordBytesMax * 16)
      throw new UndecodableError(`Line ${line} is far longer than a record may be.`);
    carried = Buffer.from(bytes.subarray(at));
    await onBlock?.();
  }
  if (carried.length > 0) hand(carried);
}

function fieldsIn({ bytes, isTooLong }: Line): Fields | Fault {
  if (isTooLong) return 'record-too-long';
  let value: unknown;
  try {
    // Fatal, so that a byte that is no UTF-8 is not replaced in silence.
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (error) {
    return error instanceof SyntaxError ? 'not-a-json-object' : 'invalid-utf-8';
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'not-a-json-object';
  const fields = new Map(Object.entries(value).map(([name, cell]) => [name, textOf(cell)]));
  const texts = [...fields.keys(), ...fields.values()];
  if (texts.some((text) => text.includes('\0'))) return 'nul-byte';
  return texts.some((text) => /\p{Surrogate}/u.test(text)) ? 'invalid-utf-8' : fields;
}

function textOf(cell: unknown): string {
  if (cell === null || cell === undefined) return '';
  return typeof cell === 'object' ? JSON.stringify(cell) : String(cell);
}
