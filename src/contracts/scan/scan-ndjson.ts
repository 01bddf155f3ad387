import path from 'node:path';
import { ByteWriter } from './byte-writer.ts';
import { toRecord } from './fields.ts';
import { fieldsOfLine, type JsonLine, type scanJsonLines } from './json-lines.ts';
import { LineMarkWriter } from './line-marks.ts';
import { type Fault, RECORD_BYTES_MAX } from './record-scanner.ts';
import { RejectedWriter } from './rejected-writer.ts';
import type { Scan, ScanOptions } from './scan-csv.ts';
import { openSource } from './source.ts';
import { UndecodableError } from './undecodable-error.ts';

/** Rows with very different fields are no table. */
const COLUMNS_MAX = 10_000;

/**
 * Writes a file of JSON objects, as `scan` finds them, as canonical CSV: a column for each field that any object has, in the
 * order they first appear. Null and absent are empty; numbers, objects and lists keep their text.
 */
export async function scanNdjson(options: ScanOptions, scan: typeof scanJsonLines): Promise<Scan> {
  const header = await fieldNames(options, scan);
  const { folder, delimiter, rename = (names) => names } = options;
  const files = {
    canonical: path.join(folder, 'canonical.csv'),
    rejected: path.join(folder, 'rejected.jsonl'),
    lineMarks: path.join(folder, 'line-marks'),
  };
  const out = new ByteWriter(files.canonical);
  const marks = new ByteWriter(files.lineMarks, { bufferBytes: 4096 });
  const rejects = new ByteWriter(files.rejected, { bufferBytes: 4096 });
  const writers = [out, marks, rejects];
  const lineMarks = new LineMarkWriter(marks);
  const rejected = new RejectedWriter(rejects);
  const faults = new Map<Fault, number>();
  const found = { records: 0, recordBytesLongest: 0 };
  const known = new Set(header);
  const onLine = (given: JsonLine): void => {
    const fields = fieldsOfLine(given);
    if (typeof fields === 'string') {
      faults.set(fields, (faults.get(fields) ?? 0) + 1);
      rejected.add(given.bytes, { ...given, start: 0, end: given.bytes.length, fault: fields, complete: true });
      return;
    }
    if ([...fields.keys()].some((name) => !known.has(name)))
      throw new UndecodableError(
        'The file changed while it was read: its second reading has fields that its first has not.',
      );
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
    await scan(source.blocks(), {
      recordBytesMax: options.recordBytesMax ?? RECORD_BYTES_MAX,
      onLine,
      onBlock,
    });
  } catch (error) {
    await Promise.all(writers.map((writer) => writer.abandon()));
    throw error;
  }
  await Promise.all(writers.map((writer) => writer.close()));
  const rejections = [...faults.values()].reduce((sum, count) => sum + count, 0);
  const facts = {
    ...found,
    faults,
    firstRejected: rejected.firsts,
    rejected: rejections,
    blankLines: 0,
    lineMarks: lineMarks.count,
    files,
  };
  return { source: source.facts(), header: header.length === 0 ? undefined : header, ...facts };
}

/** Names of all fields: known only at the end, so the file is read twice. */
async function fieldNames(options: ScanOptions, scan: typeof scanJsonLines): Promise<readonly string[]> {
  const names = new Set<string>();
  const onLine = (line: JsonLine): void => {
    const fields = fieldsOfLine(line);
    if (typeof fields === 'string') return;
    for (const name of fields.keys()) names.add(name);
    if (names.size > COLUMNS_MAX)
      throw new UndecodableError(`The objects have more than ${COLUMNS_MAX} different fields.`);
  };
  const recordBytesMax = options.recordBytesMax ?? RECORD_BYTES_MAX;
  await scan(openSource(options.path, options).blocks(), { recordBytesMax, onLine });
  return [...names];
}
