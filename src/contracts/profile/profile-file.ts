import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Duckdb, DuckdbPool } from '#store';
import { readCsv } from '../check/compile.ts';
import { type HeaderMatch, matchHeader } from '../check/header.ts';
import type { Contract } from '../contract.ts';
import { ContractError } from '../errors.ts';
import { type Scan, scanCsv } from '../scan/scan-csv.ts';
import { type Encoding, UndecodableError } from '../scan/source.ts';
import {
  DISTINCT_EXACT_MAX,
  guessKind,
  guessSql,
  HISTOGRAM_PARTS,
  type ProfiledColumn,
  profileSql,
  RAW_TABLE,
  rawTableSql,
  TYPED_TABLE,
  typedTableSql,
} from './compile-profile.ts';
import type { ColumnProfile, NumberSummary, Profile } from './profile.ts';

export interface ProfileFileOptions {
  readonly path: string;
  readonly duckdb: DuckdbPool;
  /** Kinds and delimiter are taken from it; without one kinds are guessed. */
  readonly contract?: Contract;
  /** Without a contract; `,` unless said. */
  readonly delimiter?: Contract['delimiter'];
  readonly name?: string;
  readonly encoding?: Encoding;
  /** For temporary files; the system's unless said. */
  readonly folder?: string;
  readonly signal?: AbortSignal;
}

/** More rows than this get estimated quantiles. */
const ROWS_LARGE = 1_000_000;
const COLUMNS_MAX = 2000;

/** Summarises a CSV file. Every readable row counts, also those a contract would refuse. */
export async function profileFile(options: ProfileFileOptions): Promise<Profile> {
  const { contract, signal, duckdb } = options;
  const folder = path.join(options.folder ?? tmpdir(), `.weir-profile-${randomBytes(8).toString('hex')}`);
  await mkdir(folder, { recursive: true });
  try {
    const delimiter = contract?.delimiter ?? options.delimiter ?? ',';
    const scan = await scanCsv({ ...options, folder, delimiter });
    if (scan.header === undefined) throw unfit(options, 'the file is empty');
    if (scan.header.length > COLUMNS_MAX)
      throw unfit(options, `it has ${scan.header.length} columns; ${COLUMNS_MAX} at most`);
    return await duckdb.use(
      (connection) => summarise(connection, { options, scan, delimiter }),
      signal ? { signal } : {},
    );
  } catch (error) {
    if (error instanceof UndecodableError) throw unfit(options, error.message, error);
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function unfit({ path: file }: ProfileFileOptions, reason: string, cause?: unknown): ContractError {
  return new ContractError('file_unreadable', `${JSON.stringify(file)} cannot be profiled: ${reason}`, { cause });
}

type Answer = Readonly<Record<string, number | null>>;

async function summarise(
  connection: Duckdb,
  { options, scan, delimiter }: { options: ProfileFileOptions; scan: Scan; delimiter: Contract['delimiter'] },
): Promise<Profile> {
  const names = namesOf(scan.header ?? []);
  const header = headerOf(options.contract, names);
  const source = readCsv(
    { delimiter },
    { header, file: scan.files.canonical, recordBytesLongest: scan.recordBytesLongest },
  );
  await connection.run(
    rawTableSql(
      source,
      names.map((_, index) => index),
    ),
  );
  const [guess = {}] = await connection.all<Answer>(guessSql(names.length));
  const columns = header.names.map((name, index): ProfiledColumn => {
    const declared = options.contract?.columns[name];
    const kind = declared?.kind ?? guessKind(guess, index);
    return { name, kind, isFew: (guess[`d${index}`] ?? 0) <= DISTINCT_EXACT_MAX };
  });
  await connection.run(`${typedTableSql(columns)}; drop table ${RAW_TABLE}`);
  const [answer = {}] = await connection.all<Readonly<Record<string, string>>>(
    profileSql(columns, { isLarge: scan.records > ROWS_LARGE }),
  );
  await connection.run(`drop table ${TYPED_TABLE}`);
  const { digest, sizeBytes } = scan.source;
  return {
    file: options.name ?? path.basename(options.path),
    digest,
    sizeBytes,
    rows: scan.records,
    rejected: scan.rejected,
    columns: columns.map((column, index) => columnProfile(column, answer[`p${index}`] ?? '{}')),
    correlations: correlationsOf(columns, answer.correlations ?? '[]'),
  };
}

function headerOf(contract: Contract | undefined, names: readonly string[]): HeaderMatch {
  if (contract !== undefined) return matchHeader(contract, names);
  const none = { missing: [], extra: [], repeated: [], respelled: [], delimiterHint: undefined };
  return { names, positions: new Map(), ...none };
}

/** Names to call columns by, also where the file gives none or the same one twice. */
function namesOf(header: readonly string[]): readonly string[] {
  const seen = new Map<string, number>();
  return header.map((given, index) => {
    const name = given.trim() === '' ? `column ${index + 1}` : given;
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    return times === 1 ? name : `${name} (${times})`;
  });
}

interface RawColumn {
  readonly nulls: number;
  readonly distinct: number;
  readonly numbers?: (Omit<NumberSummary, 'histogram'> & { readonly parts: unknown }) | null;
  readonly lengths?: ColumnProfile['lengths'] | null;
  readonly moments?: ColumnProfile['moments'] | null;
  readonly top?: ColumnProfile['top'] | null;
}

function columnProfile({ name, kind, isFew }: ProfiledColumn, json: string): ColumnProfile {
  // The text is what our own SQL put together, field by field.
  const { nulls, distinct, numbers, lengths, moments, top } = JSON.parse(json) as RawColumn;
  return {
    name,
    kind,
    nulls,
    distinct,
    distinctIsExact: isFew,
    ...(numbers ? { numbers: numberSummary(numbers) } : {}),
    ...(lengths ? { lengths } : {}),
    ...(moments ? { moments } : {}),
    ...(top ? { top } : {}),
  };
}

function numberSummary({ parts, ...summary }: NonNullable<RawColumn['numbers']>): NumberSummary {
  const histogram = new Array<number>(HISTOGRAM_PARTS).fill(0);
  // DuckDB writes a map as an object or as pairs, depending on its version.
  const pairs = Array.isArray(parts)
    ? parts.map(({ key, value }: { key: number; value: number }) => [key, value])
    : Object.entries(parts ?? {});
  for (const [part, rows] of pairs) histogram[Number(part)] = Number(rows);
  return { ...summary, histogram };
}

function correlationsOf(columns: readonly ProfiledColumn[], json: string): Profile['correlations'] {
  // As above: made by our own SQL.
  const pairs = JSON.parse(json) as readonly { a: number; b: number; value: number | null }[];
  return pairs
    .flatMap(({ a, b, value }) =>
      value === null || Number.isNaN(value) ? [] : [{ a: columns[a]?.name ?? '', b: columns[b]?.name ?? '', value }],
    )
    .sort((one, other) => Math.abs(other.value) - Math.abs(one.value));
}
