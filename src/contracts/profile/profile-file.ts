import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Duckdb, DuckdbPool } from '#store';
import { type FileReading, fileReading } from '../check/file-reading.ts';
import { namesByPlace } from '../check/form-columns.ts';
import { matchHeader } from '../check/match-header.ts';
import { GROUP_COLUMNS, groupsOf } from '../column-groups.ts';
import type { Contract } from '../contract.ts';
import { ContractError } from '../errors.ts';
import type { FoundFormat } from '../find-format/find-format.ts';
import { maybeOutOfMemory } from '../out-of-memory.ts';
import { KNOWN_DELIMITERS } from '../scan/delimiters.ts';
import { type Format, formatOf } from '../scan/format.ts';
import { scanFile } from '../scan/scan-file.ts';
import { withParquet } from '../scan/scan-parquet.ts';
import { UndecodableError } from '../scan/undecodable-error.ts';
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

/** As many as a contract can have. */
const COLUMNS_MAX = 10_000;

/**
 * Summarises a file: CSV or TSV, plain or gzip; Parquet and NDJSON by their names. Every readable row counts, also
 * those that a contract would reject.
 *
 * @throws ContractError `file_unreadable` when there is no plain file, or nothing in it that can be read; `file_too_large`
 * when it needs more memory than the limit of DuckDB.
 */
export async function profileFile(options: ProfileFileOptions): Promise<Profile> {
  const { signal, duckdb } = options;
  const folder = path.join(options.folder ?? tmpdir(), `.weir-profile-${randomBytes(8).toString('hex')}`);
  await mkdir(folder, { recursive: true });
  try {
    const format = await formatOf(options.path, options.name ?? options.path);
    if (format === 'parquet') {
      const { contract } = options;
      return await withParquet({ ...options, folder }, async (connection, copy) =>
        summarise(connection, { options, source: await sourceOfParquet(connection, { copy, contract }) }),
      );
    }
    const reading = await readingOf(options);
    if (format === 'csv' && reading.form === undefined) {
      const profile = await maybeInOnePass({ ...options, folder }, reading);
      if (profile !== undefined) return profile;
    }
    const source = await readTexts(format, { ...options, folder, reading });
    return await duckdb.use((connection) => summarise(connection, { options, source }), signal ? { signal } : {});
  } catch (error) {
    const memory = maybeOutOfMemory(error);
    if (memory !== undefined) throw tooLarge(options, memory, error);
    if (error instanceof UndecodableError) throw unfit(options, error.message, error);
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function readingOf({ found, ...options }: ProfileFileOptions): Promise<FileReading> {
  return fileReading({ ...options, ...(found && { delimiter: found.delimiter, format: found.format }) });
}

/** Undefined where DuckDB must: it has a disk, and reads all kinds. */
async function maybeInOnePass(
  options: ProfileFileOptions & { readonly folder: string },
  { delimiter, encoding }: FileReading,
): Promise<Profile | undefined> {
  const { contract, provesUnique = false, name = path.basename(options.path) } = options;
  const given = { ...options, contract, provesUnique, name, delimiter, encoding };
  const profile = await profileInOnePass(given);
  if (profile === 'empty') throw unfit(options, 'the file is empty');
  if (profile === 'unsuited') return undefined;
  if (profile.columns.length > COLUMNS_MAX) throw tooWide(options, profile.columns.length);
  return profile;
}

async function readTexts(
  format: Format,
  options: ProfileFileOptions & { readonly folder: string; readonly reading: FileReading },
): Promise<ProfileSource> {
  const { contract, duckdb, found } = options;
  const { delimiter: fileDelimiter, ...reading } = options.reading;
  // A canonical copy has a delimiter of one byte.
  const delimiter = KNOWN_DELIMITERS.find((known) => known === fileDelimiter) ?? contract?.delimiter ?? ',';
  const columns =
    contract === undefined
      ? found && { kindsOf: () => found.kinds }
      : {
          namesOf: (cells: number) => namesByPlace(contract, { cells }),
          kindsOf: (header: readonly string[]) =>
            matchHeader(contract, header).names.map((name) => contract.columns[name]?.kind),
        };
  const onProgress = (share: number): void => options.onProgress?.(share * READ_SHARE);
  const scan = await scanFile(format, {
    scanOptions: { ...options, ...reading, delimiter, fileDelimiter, ...(columns && { columns }), onProgress },
    duckdb,
  });
  if (scan.header === undefined) throw unfit(options, 'the file is empty');
  return sourceOfTexts(scan, contract, delimiter);
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
