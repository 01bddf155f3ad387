import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { DuckdbPool } from '#store';
import { fileReading } from '../check/file-reading.ts';
import { namesByPlace } from '../check/form-columns.ts';
import type { Contract } from '../contract.ts';
import { ContractError } from '../errors.ts';
import type { Form } from '../format/form.ts';
import { ByteWriter } from '../scan/byte-writer.ts';
import { KNOWN_DELIMITERS } from '../scan/delimiters.ts';
import { fieldsOf } from '../scan/fields.ts';
import { formatOf } from '../scan/format.ts';
import { defaultRecordForm, type RecordForm, recordFormOf } from '../scan/record-form.ts';
import { scanFile } from '../scan/scan-file.ts';
import { type ScanRecordsOptions, scanRecords } from '../scan/scan-records.ts';
import { UndecodableError } from '../scan/undecodable-error.ts';
import { Corruption } from './corruption.ts';
import type { Injector } from './injector.ts';
import { INJECTORS } from './injectors/index.ts';
import { writeInForm } from './write-in-form.ts';

/** Which file to damage, how, and where the copy goes. */
export interface CorruptFileOptions {
  /** The file to copy; it is never changed. */
  readonly path: string;
  /**
   * Path of the corrupted copy, which is CSV as the contract's `format` says, in UTF-8 (with a byte order mark where the format has another
   * encoding), compressed when its name ends in `.gz`; the injected errors are listed next to it, in `<out>.truth.jsonl`.
   */
  readonly out: string;
  /** What a row is, so that each error breaks a rule of it. */
  readonly contract: Contract;
  /** The DuckDB that reads the file: `openDuckdbPool()`. */
  readonly duckdb: DuckdbPool;
  /** Encoding of files without a byte order mark, by its name on the web; that of the contract's `format` unless set. */
  readonly encoding?: string;
  /** What separates the cells of a CSV file; that of the contract's `format`, or found by its first line, unless set. */
  readonly delimiter?: string;
  /** The same seed puts the same errors into the same file. */
  readonly seed: number;
  /** Share of rows that get an error, 0 to 1; at least one row unless it is 0. */
  readonly share: number;
  /**
   * Kinds of errors, see `ERROR_KINDS`. Each error of a cell or row is chosen among them; every named error of the
   * whole file is injected. Each kind must suit the file. By default all suitable kinds of cells and rows.
   */
  readonly kinds?: readonly string[];
  /** Stops the work. */
  readonly signal?: AbortSignal;
  /** Called repeatedly with the share of the work done, 0 to 1. */
  readonly onProgress?: (share: number) => void;
}

/** What was done to the copy. */
export interface CorruptFile {
  /** How many rows the copy has. */
  readonly rows: number;
  /** How many errors were injected; the truth file has a line for each. */
  readonly errors: number;
  /** Path of the list of all errors, one `InjectedError` as JSON a line. */
  readonly truth: string;
}

/** Every kind of error, and whether it breaks a cell, a row or the file. */
export const ERROR_KINDS: readonly { readonly kind: string; readonly level: Injector['level'] }[] = INJECTORS.map(
  ({ kind, level }) => ({ kind, level }),
);

/**
 * Copies a file and injects errors, the same for the same seed, and records which error is where. Other records of CSV
 * are unchanged, including broken ones; of JSON and Parquet the copy has the cells that a check reads, written as the contract's
 * `format` says.
 *
 * @throws ContractError `file_unreadable` when the file cannot be read as a table, `corrupt_failed` when the errors cannot be injected.
 */
export async function corruptFile(given: CorruptFileOptions): Promise<CorruptFile> {
  const { out, share } = given;
  if (!(share >= 0 && share <= 1)) {
    throw new ContractError('corrupt_failed', `Expected a share of rows from 0 to 1; got ${share}.`);
  }
  const injectors = chosen(given);
  const truth = `${out}.truth.jsonl`;
  const writers = {
    out: new ByteWriter(`${out}.writing`, { isCompressed: /\.gz$/i.test(out) }),
    truth: new ByteWriter(`${truth}.writing`),
  };
  const folder = await mkdtemp(path.join(tmpdir(), 'weir-corrupt-'));
  const { delimiter: found, form } = await fileReading(given);
  // The copy of a file in the default form has a delimiter that a contract can name.
  const delimiter = KNOWN_DELIMITERS.find((known) => known === found) ?? given.contract.delimiter;
  const options = { ...given, form, contract: { ...given.contract, delimiter } };
  try {
    await discard(writers);
    const reading = await readingOf(options, folder);
    const made = await writeBroken(options, { reading, injectors, writers });
    await Promise.all([writers.out.close(), writers.truth.close()]);
    // Streamed, and reproducible from its seed after a loss of power, so `writeFileAtomically` is not needed.
    await rename(writers.truth.path, truth);
    await rename(writers.out.path, out);
    return { ...made, truth };
  } catch (error) {
    await Promise.all([writers.out.abandon(), writers.truth.abandon()]);
    await discard(writers);
    throw error instanceof UndecodableError ? unreadable(options, error.message, error) : error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Reading extends Omit<ScanRecordsOptions, 'onRecord' | 'onBlock' | 'onProgress'> {
  readonly records: RecordForm;
}

/** The CSV to corrupt: the file itself, or the rows of another format as CSV. */
async function readingOf(
  options: CorruptFileOptions & { readonly form: Form | undefined },
  folder: string,
): Promise<Reading> {
  const { contract, duckdb, encoding, form, signal } = options;
  const how = { path: options.path, delimiter: contract.delimiter, ...(signal ? { signal } : {}) };
  const format = await formatOf(options.path, options.path);
  // That of the contract's format is about CSV.
  const named = encoding ?? (format === 'csv' ? contract.format?.encoding : undefined);
  const source = named === undefined ? how : { ...how, encoding: named };
  const plain = defaultRecordForm(contract.delimiter);
  if (format === 'csv') {
    if (form === undefined) return { ...source, records: plain };
    return { ...source, ...inForm(form, contract) };
  }
  const scan = await scanFile(format, { scanOptions: { ...source, folder }, duckdb });
  if (scan.header === undefined) throw unreadable(options, 'The file is empty.');
  if (scan.rejected > 0)
    throw unreadable(options, `${scan.rejected} of its lines cannot be read, and CSV has no place for them.`);
  const { canonical } = scan.files;
  const unbounded = { ...how, recordBytesMax: Number.POSITIVE_INFINITY };
  if (form === undefined) return { ...unbounded, path: canonical, records: plain };
  const written = path.join(folder, 'in-form.csv');
  await writeInForm({ canonical, path: written, form, contract, signal });
  await rm(canonical);
  return { ...unbounded, path: written, encoding: 'utf-8', ...inForm(form, contract) };
}

/** How records of a form are read as they stand. */
function inForm(form: Form, contract: Contract) {
  const namesOf = (cells: number): readonly string[] => namesByPlace(contract, { cells });
  return { form, columns: { namesOf }, keepsText: true, records: recordFormOf(form) };
}

function unreadable({ path: file }: CorruptFileOptions, reason: string, cause?: unknown): ContractError {
  return new ContractError('file_unreadable', `${JSON.stringify(file)} cannot be corrupted. ${reason}`, { cause });
}

interface Writers {
  readonly out: ByteWriter;
  readonly truth: ByteWriter;
}

async function discard(writers: Writers): Promise<void> {
  await Promise.all([rm(writers.out.path, { force: true }), rm(writers.truth.path, { force: true })]);
}

interface Breaking {
  readonly reading: Reading;
  readonly injectors: readonly Injector[];
  readonly writers: Writers;
}

async function writeBroken(
  options: CorruptFileOptions,
  { reading, injectors, writers }: Breaking,
): Promise<Omit<CorruptFile, 'truth'>> {
  const { contract, seed, share, kinds } = options;
  const { records: form, ...scanning } = reading;
  const { rows, names } = await countRows(options, scanning);
  // The copy is in UTF-8, which a mark says where another encoding is expected.
  if (contract.format?.encoding !== undefined) writers.out.appendText('\ufeff');
  let told = 0;
  const corruption = new Corruption({
    ...{ contract, seed, injectors, rows, names, form, areAsked: kinds !== undefined },
    errors: share === 0 ? 0 : Math.min(rows, Math.max(1, Math.round(share * rows))),
    write: (record) => {
      writers.out.append(record);
      writers.out.appendText('\n');
    },
    tell: (error) => {
      told++;
      writers.truth.appendText(`${JSON.stringify(error)}\n`);
    },
  });
  const onBlock = async (): Promise<void> => {
    await writers.out.flush();
    await writers.truth.flush();
  };
  const onRecord = (bytes: Buffer, isSound: boolean): void => corruption.take(bytes, isSound);
  const onProgress = (done: number): void => options.onProgress?.(0.5 + done / 2);
  await scanRecords('csv', { ...scanning, onRecord, onBlock, onProgress });
  return { rows, errors: told };
}

/** How many rows there are, and the names of their columns. */
async function countRows(
  options: CorruptFileOptions,
  scanning: Omit<Reading, 'records'>,
): Promise<{ readonly rows: number; readonly names: readonly string[] }> {
  const { delimiter } = scanning;
  let records = 0;
  let names: readonly string[] = [];
  const onRecord = (bytes: Buffer): void => {
    if (records === 0) names = fieldsOf(bytes.toString('utf8', 0, bytes.length - 1), delimiter);
    records++;
  };
  const onProgress = (share: number): void => options.onProgress?.(share / 2);
  await scanRecords('csv', { ...scanning, keepsText: false, onRecord, onProgress });
  if (records === 0) throw unreadable(options, 'The file is empty.');
  return { rows: records - 1, names };
}

function chosen({ kinds }: CorruptFileOptions): readonly Injector[] {
  if (kinds === undefined) return INJECTORS.filter(({ level }) => level !== 'file');
  return kinds.map((kind) => {
    const injector = INJECTORS.find((known) => known.kind === kind);
    if (injector !== undefined) return injector;
    const known = INJECTORS.map((candidate) => candidate.kind).join(', ');
    throw new ContractError('corrupt_failed', `Expected kinds of errors among ${known}; got ${JSON.stringify(kind)}.`);
  });
}
