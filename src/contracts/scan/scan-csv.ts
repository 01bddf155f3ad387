import path from 'node:path';
import { ByteWriter } from './byte-writer.ts';
import { assertHeader } from './faults-in-words.ts';
import { fieldsOf, toRecord } from './fields.ts';
import type { FormColumns } from './form-scanner.ts';
import { LineMarkWriter } from './line-marks.ts';
import type { Fault, RecordPlace, RecordSink, RejectPlace } from './record-scanner.ts';
import { type RejectedRecord, RejectedWriter } from './rejected-writer.ts';
import { scanBlocks } from './scan-blocks.ts';
import { openSource, type SourceFacts, type SourceOptions } from './source.ts';

/** What the scanner found; `records` are those in `canonical`, without the header. */
export interface Scan {
  readonly source: SourceFacts;
  /** Names as spelled in the file; undefined when the file has no readable first line. */
  readonly header: readonly string[] | undefined;
  readonly records: number;
  readonly rejected: number;
  readonly faults: ReadonlyMap<Fault, number>;
  /** The first records of each fault. */
  readonly firstRejected: ReadonlyMap<Fault, readonly RejectedRecord[]>;
  readonly blankLines: number;
  readonly recordBytesLongest: number;
  readonly lineMarks: number;
  readonly files: ScanFiles;
}

export interface ScanFiles {
  /** UTF-8, LF, strictly quoted, every record as long as the header, which spells the names as `rename` gave them. */
  readonly canonical: string;
  readonly rejected: string;
  readonly lineMarks: string;
}

export interface ScanOptions extends SourceOptions {
  readonly path: string;
  /** An existing folder that the scan may fill. */
  readonly folder: string;
  /** What separates the cells of the canonical copy. */
  readonly delimiter: string;
  /** What separates those of a CSV file; the same unless set. */
  readonly fileDelimiter?: string;
  /** Of a file that is not in the default form. */
  readonly columns?: FormColumns;
  readonly recordBytesMax?: number | undefined;
  readonly rename?: (header: readonly string[]) => readonly string[];
}

const LF = 10;

/** Reads a CSV file once: its structure, its digest, and a canonical copy that a strict reader cannot misread. */
export async function scanCsv(options: ScanOptions): Promise<Scan> {
  const { folder, delimiter, form, columns, recordBytesMax } = options;
  // In another form the scanner writes the delimiter that is asked for.
  const fileDelimiter = form === undefined ? (options.fileDelimiter ?? delimiter) : delimiter;
  const files = {
    canonical: path.join(folder, 'canonical.csv'),
    rejected: path.join(folder, 'rejected.jsonl'),
    lineMarks: path.join(folder, 'line-marks'),
  };
  const writers = {
    canonical: new ByteWriter(files.canonical),
    rejected: new ByteWriter(files.rejected, { bufferBytes: 4096 }),
    lineMarks: new ByteWriter(files.lineMarks, { bufferBytes: 4096 }),
  };
  const source = openSource(options.path, options);
  const sink = new CanonicalSink({
    ...writers,
    delimiters: { from: fileDelimiter, to: delimiter },
    rename: options.rename ?? ((names) => names),
  });
  try {
    const onBlock = async (): Promise<void> => {
      for (const writer of Object.values(writers)) await writer.flush();
    };
    await scanBlocks(source.blocks(), { delimiter: fileDelimiter, recordBytesMax, sink, onBlock, form, columns });
  } catch (error) {
    await Promise.all(Object.values(writers).map((writer) => writer.abandon()));
    throw error;
  }
  await Promise.all(Object.values(writers).map((writer) => writer.close()));
  const { header, faults, firstRejected, blankLines, recordBytesLongest } = sink;
  const rejected = [...faults.values()].reduce((sum, count) => sum + count, 0);
  const found = {
    ...{ header, faults, firstRejected, blankLines, recordBytesLongest, rejected },
    lineMarks: sink.lineMarks.count,
  };
  return { source: source.facts(), ...found, records: sink.records, files };
}

/** Of the file, and of its canonical copy. */
interface Delimiters {
  readonly from: string;
  readonly to: string;
}

class CanonicalSink implements RecordSink {
  readonly #out: ByteWriter;
  readonly #rejected: RejectedWriter;
  readonly #delimiters: Delimiters;
  readonly #rename: (names: readonly string[]) => readonly string[];
  readonly lineMarks: LineMarkWriter;
  readonly faults = new Map<Fault, number>();
  header: readonly string[] | undefined;
  records = 0;
  blankLines = 0;
  recordBytesLongest = 0;

  constructor(options: {
    readonly canonical: ByteWriter;
    readonly rejected: ByteWriter;
    readonly lineMarks: ByteWriter;
    readonly delimiters: Delimiters;
    readonly rename: (names: readonly string[]) => readonly string[];
  }) {
    this.#out = options.canonical;
    this.#rejected = new RejectedWriter(options.rejected);
    this.lineMarks = new LineMarkWriter(options.lineMarks);
    this.#delimiters = options.delimiters;
    this.#rename = options.rename;
  }

  get firstRejected(): Scan['firstRejected'] {
    return this.#rejected.firsts;
  }

  run(bytes: Buffer, place: { start: number; end: number; records: number; line: number; longest: number }): void {
    this.lineMarks.note(this.records, place.line);
    this.records += place.records;
    if (place.longest > this.recordBytesLongest) this.recordBytesLongest = place.longest;
    if (this.#isKept()) this.#out.append(bytes, place.start, place.end);
    else this.#rewrite(bytes, place);
  }

  record(bytes: Buffer, { start, end, line, regular }: RecordPlace): void {
    if (this.header === undefined) {
      this.#head(bytes.subarray(start, end));
      return;
    }
    this.lineMarks.note(this.records, line);
    this.records++;
    if (end - start > this.recordBytesLongest) this.recordBytesLongest = end - start;
    if (regular && end > start && this.#isKept()) {
      this.#out.append(bytes, start, end);
      this.#out.appendByte(LF);
    } else this.#write(bytes.toString('utf8', start, end));
  }

  /** Whether a regular record is canonical as it is. */
  #isKept(): boolean {
    return this.#delimiters.from === this.#delimiters.to;
  }

  /** Each record of a run is one line. */
  #rewrite(bytes: Buffer, { start, end }: { start: number; end: number }): void {
    for (let at = start; at < end; ) {
      const lf = bytes.indexOf(LF, at);
      this.#write(bytes.toString('utf8', at, lf));
      at = lf + 1;
    }
  }

  #write(record: string): void {
    const { from, to } = this.#delimiters;
    const written = `${toRecord(fieldsOf(record, from), to)}\n`;
    // A cell with the new delimiter is quoted, so a record may become longer.
    this.recordBytesLongest = Math.max(this.recordBytesLongest, Buffer.byteLength(written));
    this.#out.appendText(written);
  }

  reject(bytes: Buffer, place: RejectPlace): void {
    assertHeader(this.header !== undefined, place.fault);
    this.#rejected.add(bytes, place);
    if (place.complete) this.faults.set(place.fault, (this.faults.get(place.fault) ?? 0) + 1);
  }

  blank(): void {
    this.blankLines++;
  }

  #head(record: Buffer): void {
    this.header = fieldsOf(record.toString(), this.#delimiters.from);
    const names = this.#rename(this.header);
    this.#out.appendText(`${toRecord(names, this.#delimiters.to)}\n`);
  }
}
