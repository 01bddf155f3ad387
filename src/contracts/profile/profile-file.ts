import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Duckdb, DuckdbPool } from '#store';
import { coerceRecords } from '../check/coerce-records.ts';
import { type FileReading, fileReading } from '../check/file-reading.ts';
import { hasCoercions } from '../coercions/coerced-columns.ts';
import { GROUP_COLUMNS, groupsOf } from '../column-groups.ts';
import type { Contract } from '../contract.ts';
import { ContractError } from '../errors.ts';
import type { FoundFormat } from '../find-format/find-format.ts';
import { maybeOutOfMemory } from '../out-of-memory.ts';
import { KNOWN_DELIMITERS } from '../scan/delimiters.ts';
import { type Format, formatOf } from '../scan/format.ts';
import { type Scan, scanCsv } from '../scan/scan-csv.ts';
import { scanFile } from '../scan/scan-file.ts';
import { withParquet } from '../scan/scan-parquet.ts';
import { UndecodableError } from '../scan/undecodable-error.ts';
import { type AskedColumns, askedColumns, coercersOf } from './asked-columns.ts';
import {
  correlatedColumns,
  correlatedPairs,
  correlationsSql,
  TYPED,
  type TypedColumn,
  typedRowsSql,
} from './compile-profile.ts';
import { makeTyped } from './make-typed.ts';
import { profileInOnePass } from './pass/profile-in-one-pass.ts';
import { type RowsFile, rowsOfCopy, rowsOfCsv } from './pass/rows-file.ts';
import { strongestFirst } from './pass/summarise.ts';
import { type ColumnProfile, PROFILE_VERSION, type Profile } from './profile.ts';
import { profileColumns } from './profile-columns.ts';
import { type ProfileSource, sourceOfParquet, sourceOfTexts } from './profile-source.ts';

/** What to profile, and how to read it. */
export interface ProfileFileOptions {
  /** The file to read; it is never changed. */
  readonly path: string;
  /** The DuckDB that reads the file: `openDuckdbPool()`. */
  readonly duckdb: DuckdbPool;
  /** Kinds come from it; without it they are guessed. */
  readonly contract?: Contract;
  /** What separates the cells of a CSV file; that of the contract's `format`, or found by its first line, unless set. */
  readonly delimiter?: string;
  /** How a CSV file is written, as `findFormat` found it, for a file without a contract. */
  readonly found?: FoundFormat;
  /**
   * Counts the distinct values of columns where all seem distinct, however many: a second for a million texts. False by
   * default.
   */
  readonly provesUnique?: boolean;
  /** What the profile calls the file; the name in `path` unless set. */
  readonly name?: string;
  /** Of files without a byte order mark; UTF-8 unless set. */
  readonly encoding?: string;
  /** How many columns are in one DuckDB query; 100 by default. It affects memory and time, never the result. */
  readonly groupColumns?: number;
  /**
   * Memory for the numbers of a file and for what different values are counted by, in bytes; 640 MiB unless set, as of five
   * million rows of 16 columns. A file that needs more is profiled by DuckDB, on disk; the result is the same.
   */
  readonly memoryBytesMax?: number;
  /** Folder for temporary files; the system's by default. */
  readonly folder?: string;
  /** Stops the work. */
  readonly signal?: AbortSignal;
  /** Called repeatedly with the share of the work done, 0 to 1. */
  readonly onProgress?: (share: number) => void;
}

/** The share of the work that is reading, and the share of the rest that creates the typed tables. */
const READ_SHARE = 0.2;
const TYPED_SHARE = 0.6;

const MEMORY_BYTES_MAX = 640 * 2 ** 20;

/** The share of the work that the copy of a file in another format is. */
const COPIED_SHARE = 0.8;

/** As many as a contract can have. */
const COLUMNS_MAX = 10_000;

/**
 * Summarises a file: CSV or TSV, plain or compressed; Parquet and NDJSON by their names. Every readable row counts, also
 * those that a contract would reject; cells are changed first where it lets them be.
 *
 * @throws ContractError `file_unreadable` when there is no plain file, or nothing in it that can be read; `file_too_large`
 * when it needs more memory than the limit of DuckDB.
 */
export async function profileFile(options: ProfileFileOptions): Promise<Profile> {
  const folder = path.join(options.folder ?? tmpdir(), `.weir-profile-${randomBytes(8).toString('hex')}`);
  await mkdir(folder, { recursive: true });
  try {
    const format = await formatOf(options.path, options.name ?? options.path);
    const { contract } = options;
    if (format === 'parquet' && (contract === undefined || !hasCoercions(contract)))
      return await withParquet({ ...options, folder }, async (connection, copy) =>
        summarise(connection, { options, source: await sourceOfParquet(connection, { copy, contract }) }),
      );
    return await (format === 'csv' ? profileCsv({ ...options, folder }) : profileCopy(format, { ...options, folder }));
  } catch (error) {
    const memory = maybeOutOfMemory(error);
    if (memory !== undefined) throw tooLarge(options, memory, error);
    if (error instanceof UndecodableError) throw unfit(options, error.message, error);
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface InFolder extends ProfileFileOptions {
  readonly folder: string;
}

async function profileCsv(options: InFolder): Promise<Profile> {
  const { found, contract } = options;
  const reading = await fileReading({ ...options, ...(found && { delimiter: found.delimiter, format: found.format }) });
  const columns = askedColumns(contract, found?.kinds);
  const writtenDelimiter = KNOWN_DELIMITERS.find((known) => known === reading.delimiter) ?? contract?.delimiter ?? ',';
  const file = rowsOfCsv({ ...options, ...reading, writtenDelimiter, columns });
  const profile = await maybeInOnePass(options, file);
  return profile ?? profileBySql(options, await copyOfCsv(options, { reading, columns, delimiter: writtenDelimiter }));
}

/** Undefined where DuckDB must: it has a disk, and reads all kinds. */
async function maybeInOnePass(options: InFolder, file: RowsFile): Promise<Profile | undefined> {
  const { contract, provesUnique = false, name = path.basename(options.path) } = options;
  const { memoryBytesMax = MEMORY_BYTES_MAX } = options;
  const profile = await profileInOnePass({ ...options, file, contract, provesUnique, name, memoryBytesMax });
  if (profile === 'empty') throw unfit(options, 'the file is empty');
  if (profile === 'unsuited') return undefined;
  if (profile.columns.length > COLUMNS_MAX) throw tooWide(options, profile.columns.length);
  return profile;
}

/** A canonical copy of a file's rows. */
interface Copy {
  readonly scan: Scan;
  readonly delimiter: Contract['delimiter'];
}

function profileBySql(options: InFolder, { scan, delimiter }: Copy): Promise<Profile> {
  const { duckdb, contract, signal } = options;
  const source = sourceOfTexts(scan, contract, delimiter);
  return duckdb.use((connection) => summarise(connection, { options, source }), signal ? { signal } : {});
}

interface CopyOptions {
  readonly reading: FileReading;
  readonly columns: AskedColumns;
  readonly delimiter: Contract['delimiter'];
}

/** What DuckDB reads of a CSV file that is more than one pass can hold. */
async function copyOfCsv(options: InFolder, { reading, columns, delimiter }: CopyOptions): Promise<Copy> {
  const { delimiter: fileDelimiter, ...written } = reading;
  const onProgress = (share: number): void => options.onProgress?.(share * READ_SHARE);
  const scan = await scanCsv({
    ...{ ...options, ...written, delimiter, fileDelimiter, onProgress },
    columns: {
      ...(columns.namesOf && { namesOf: columns.namesOf }),
      kindsOf: (header) => columns.kindsOf(header),
      coercersOf: (header) => coercersOf(columns, header),
    },
  });
  return { scan, delimiter };
}

/** Profiles the canonical copy of a file that is no CSV. */
async function profileCopy(format: Exclude<Format, 'csv'>, options: InFolder): Promise<Profile> {
  const { contract, duckdb } = options;
  const delimiter = contract?.delimiter ?? ',';
  const columns = askedColumns(contract);
  const onProgress = (share: number): void => options.onProgress?.(share * COPIED_SHARE);
  const { encoding = contract?.format?.encoding } = options;
  const scanOptions = { ...options, ...(encoding && { encoding }), delimiter, onProgress };
  const scan = await scanFile(format, { scanOptions, duckdb });
  const { header, files } = scan;
  if (header === undefined) throw unfit(options, 'the file is empty');
  const coercers = coercersOf(columns, header);
  if (coercers.some((coercer) => coercer !== undefined)) await coerceRecords(files.canonical, { delimiter, coercers });
  const later = {
    ...options,
    onProgress: (share: number) => options.onProgress?.(COPIED_SHARE + (1 - COPIED_SHARE) * share),
  };
  const profile = await maybeInOnePass(later, rowsOfCopy(scan, delimiter));
  return profile ?? profileBySql(later, { scan, delimiter });
}

function unfit({ path: file }: ProfileFileOptions, reason: string, cause?: unknown): ContractError {
  return new ContractError('file_unreadable', `${JSON.stringify(file)} cannot be profiled: ${reason}`, { cause });
}

function tooWide(options: ProfileFileOptions, columns: number): ContractError {
  return unfit(options, `it has ${columns} columns; ${COLUMNS_MAX} at most`);
}

function tooLarge({ path: file }: ProfileFileOptions, reason: string, cause: unknown): ContractError {
  const message = `${JSON.stringify(file)} takes too much memory to profile: ${reason}`;
  return new ContractError('file_too_large', message, { cause });
}

async function summarise(
  connection: Duckdb,
  { options, source }: { readonly options: ProfileFileOptions; readonly source: ProfileSource },
): Promise<Profile> {
  if (source.columns.length > COLUMNS_MAX) throw tooWide(options, source.columns.length);
  const { contract, provesUnique = false, groupColumns = GROUP_COLUMNS, onProgress } = options;
  const groups = groupsOf(source.columns, groupColumns);
  const typed: TypedColumn[] = [];
  const columns: ColumnProfile[] = [];
  for (const [at, group] of groups.entries()) {
    const shareDone = (share: number): number => READ_SHARE + ((1 - READ_SHARE) * (at + share)) / groups.length;
    const own = { ...source, columns: group };
    const made = await makeTyped(connection, { source: own, contract });
    onProgress?.(shareDone(TYPED_SHARE));
    typed.push(...made);
    columns.push(...(await profileColumns(connection, made, { source: own, provesUnique })));
    onProgress?.(shareDone(1));
  }
  const correlations = await correlationsOf(connection, { source, typed, isTyped: groups.length === 1 });
  await connection.run(`drop ${source.rowNumber === undefined ? 'table' : 'view'} ${TYPED}`);
  const { rows, rejected } = source;
  const { digest, sizeBytes } = await source.facts;
  const file = options.name ?? path.basename(options.path);
  return { version: PROFILE_VERSION, file, digest, sizeBytes, rows, rejected, columns, correlations };
}

interface CorrelationOptions {
  readonly source: ProfileSource;
  readonly typed: readonly TypedColumn[];
  /** The typed table holds all columns. */
  readonly isTyped: boolean;
}

async function correlationsOf(
  connection: Duckdb,
  { source, typed, isTyped }: CorrelationOptions,
): Promise<Profile['correlations']> {
  const columns = isTyped ? typed : correlatedColumns(typed);
  const pairs = correlatedPairs(columns);
  if (pairs.length === 0) return [];
  if (!isTyped) await connection.run(typedRowsSql(columns, source));
  const [answer] = await connection.all<{ readonly correlations: string }>(correlationsSql(pairs));
  // Built by our own SQL, one for each pair.
  const values = JSON.parse(answer?.correlations ?? '[]') as readonly (number | null)[];
  return strongestFirst(
    pairs.map(([a, b], at) => {
      const value = values[at] ?? undefined;
      const inRange = value === undefined ? value : Math.min(1, Math.max(-1, value));
      return { a: columns[a]?.name ?? '', b: columns[b]?.name ?? '', value: inRange };
    }),
  );
}
