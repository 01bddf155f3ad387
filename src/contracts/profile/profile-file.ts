import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Duckdb, DuckdbPool } from '#store';
import type { ColumnKind, Contract } from '../contract.ts';
import { ContractError } from '../errors.ts';
import { maybeOutOfMemory } from '../out-of-memory.ts';
import type { Encoding } from '../scan/decode.ts';
import { type Format, formatOf } from '../scan/format.ts';
import { scanFile } from '../scan/scan-file.ts';
import { withParquet } from '../scan/scan-parquet.ts';
import { UndecodableError } from '../scan/undecodable-error.ts';
import {
  countsSql,
  type DetailedColumn,
  DISTINCT_EXACT_MAX,
  detailsSql,
  factsSql,
  fewSql,
  guessSql,
  maybeKind,
  maybeMisfitSql,
  TYPED,
  type TypedColumn,
  typedRowsSql,
} from './compile-profile.ts';
import { boundsOf, type FoundNumbers, type FoundQuantiles, isHuge, numberSummary } from './number-summary.ts';
import { type ColumnProfile, type NumberSummary, PROFILE_VERSION, type Profile } from './profile.ts';
import { type ProfileSource, sourceOfParquet, sourceOfTexts } from './profile-source.ts';

export interface ProfileFileOptions {
  readonly path: string;
  readonly duckdb: DuckdbPool;
  /** Kinds and delimiter are taken from it; without one kinds are guessed. */
  readonly contract?: Contract;
  /** Without a contract; `,` unless said. */
  readonly delimiter?: Contract['delimiter'];
  /** Counts the different values of columns where all seem different, however many: a second for a million texts. */
  readonly provesUnique?: boolean;
  readonly name?: string;
  readonly encoding?: Encoding;
  /** For temporary files; the system's unless said. */
  readonly folder?: string;
  readonly signal?: AbortSignal;
  /** Told again and again which share of the work is done, 0 to 1. */
  readonly onProgress?: (share: number) => void;
}

/** Shares of the work at which reading ends, and at which the table of typed columns is made. */
const READ_SHARE = 0.2;
const TYPED_SHARE = 0.7;

const COLUMNS_MAX = 2000;
/** An estimate of as many different values as cells is hardly ever below this share of them. */
const SEEMS_UNIQUE_SHARE = 0.85;
/** A statement with a subquery for each of very many columns takes longer to plan than to run. */
const DETAILED_AT_ONCE = 50;

/**
 * Summarises a file: CSV or TSV, plain or gzip; Parquet and NDJSON by their names. Every readable row counts, also those a
 * contract would refuse.
 *
 * @throws ContractError `file_unreadable` when there is no plain file, or nothing in it that can be read; `file_too_large`
 * when it takes more memory than DuckDB may have.
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
    const source = await readTexts(format, { ...options, folder });
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

async function readTexts(
  format: Format,
  options: ProfileFileOptions & { readonly folder: string },
): Promise<ProfileSource> {
  const { contract, duckdb } = options;
  const delimiter = contract?.delimiter ?? options.delimiter ?? ',';
  const onProgress = (share: number): void => options.onProgress?.(share * READ_SHARE);
  const scan = await scanFile(format, { scanOptions: { ...options, delimiter, onProgress }, duckdb });
  if (scan.header === undefined) throw unfit(options, 'the file is empty');
  return sourceOfTexts(scan, contract, delimiter);
}

function unfit({ path: file }: ProfileFileOptions, reason: string, cause?: unknown): ContractError {
  return new ContractError('file_unreadable', `${JSON.stringify(file)} cannot be profiled: ${reason}`, { cause });
}

function tooLarge({ path: file }: ProfileFileOptions, reason: string, cause: unknown): ContractError {
  const message = `${JSON.stringify(file)} takes too much memory to profile: ${reason}`;
  return new ContractError('file_too_large', message, { cause });
}

type Answer = Readonly<Record<string, number | null>>;
type Texts = Readonly<Record<string, string>>;

async function summarise(
  connection: Duckdb,
  { options, source }: { readonly options: ProfileFileOptions; readonly source: ProfileSource },
): Promise<Profile> {
  if (source.columns.length > COLUMNS_MAX)
    throw unfit(options, `it has ${source.columns.length} columns; ${COLUMNS_MAX} at most`);
  const columns = await makeTyped(connection, { source, contract: options.contract });
  options.onProgress?.(TYPED_SHARE);
  const [first = {}] = await connection.all<Answer>(fewSql(columns));
  const seemsFew = columns.map((_, index) => (first[`d${index}`] ?? 0) <= DISTINCT_EXACT_MAX);
  const [answer = {}] = await connection.all<Texts>(factsSql(columns, { isFew: (index) => seemsFew[index] === true }));
  // The texts here and below are what our own SQL put together, field by field.
  const facts = columns.map((_, index) => JSON.parse(answer[`p${index}`] ?? '{}') as Facts);
  const asked = columns.map(({ kind }, index) => askedOf(facts[index]!, { index, kind, options, rows: source.rows }));
  const details = await detailsOf(connection, asked, source);
  const found = facts.map((fact, index) => ({ ...fact, ...details[index] }));
  const numbers = await numbersOf(connection, found);
  await connection.run(`drop ${source.rowNumber === undefined ? 'table' : 'view'} ${TYPED}`);
  const { rows, rejected } = source;
  const { digest, sizeBytes } = await source.facts;
  return {
    version: PROFILE_VERSION,
    file: options.name ?? path.basename(options.path),
    digest,
    sizeBytes,
    rows,
    rejected,
    columns: columns.map((column, index) =>
      columnProfile(column, { found: found[index]!, rows, numbers: numbers.get(index) }),
    ),
    correlations: correlationsOf(columns, answer.correlations ?? '[]'),
  };
}

function askedOf(
  { distinct, numbers, nulls }: Facts,
  { index, kind, options, rows }: { index: number; kind: ColumnKind; options: ProfileFileOptions; rows: number },
): DetailedColumn {
  const cells = rows - nulls;
  const isListed = (distinct ?? 0) <= DISTINCT_EXACT_MAX;
  const isCounted = options.provesUnique === true && (distinct ?? 0) >= cells * SEEMS_UNIQUE_SHARE;
  return {
    index,
    kind,
    values: isListed ? 'listed' : isCounted ? 'counted' : undefined,
    numbers: numbers ? { cells, isHuge: isHuge(numbers) } : undefined,
  };
}

/** Makes the typed table; a guess that the rest of the file proves wrong is made again, of the whole file. */
async function makeTyped(
  connection: Duckdb,
  { source, contract }: { readonly source: ProfileSource; readonly contract: Contract | undefined },
): Promise<readonly TypedColumn[]> {
  const declared = source.columns.map(({ name }) => contract?.columns[name]?.kind);
  const kindsOf = async (positions: readonly number[], isWhole: boolean) => {
    if (positions.length === 0) return new Map<number, TypedColumn['kind'] | undefined>();
    const [guess = {}] = await connection.all<Answer>(guessSql({ source, positions, isWhole }));
    return new Map(positions.map((position) => [position, maybeKind(guess, position)]));
  };
  const columnsWith = (kinds: ReadonlyMap<number, TypedColumn['kind'] | undefined>): readonly TypedColumn[] =>
    source.columns.map((column, index) => {
      const known = declared[index];
      const kind = known ?? kinds.get(index) ?? column.native?.kind ?? 'text';
      // A file that has types for its values needs no proof, but for whole numbers beyond what a double can tell apart.
      const isGuessed = known === undefined && (column.native?.kind ?? 'integer') === 'integer';
      return { ...column, kind, isGuessed };
    });
  const guessed = source.columns.flatMap(({ native }, index) =>
    declared[index] === undefined && native === undefined ? [index] : [],
  );
  const kinds = await kindsOf(guessed, false);
  const columns = columnsWith(kinds);
  await connection.run(typedRowsSql(columns, source));
  const misfitSql = maybeMisfitSql(columns);
  const [misfits = {}] =
    misfitSql === undefined ? [] : await connection.all<Readonly<Record<string, boolean | null>>>(misfitSql);
  // A column that is empty at the beginning was taken for text, which fits everything and tells little.
  const wrong = columns.flatMap((_, index) =>
    misfits[`x${index}`] === true || (guessed.includes(index) && kinds.get(index) === undefined) ? [index] : [],
  );
  if (wrong.length === 0) return columns;
  const better = columnsWith(new Map([...kinds, ...(await kindsOf(wrong, true))]));
  if (better.every(({ kind }, index) => kind === columns[index]?.kind)) return columns;
  await connection.run(typedRowsSql(better, source));
  return better;
}

/** What is asked of columns once it is known what they hold. */
async function detailsOf(
  connection: Duckdb,
  columns: readonly DetailedColumn[],
  source: ProfileSource,
): Promise<readonly Details[]> {
  const details: Details[] = [];
  for (let from = 0; from < columns.length; from += DETAILED_AT_ONCE) {
    const some = columns.slice(from, from + DETAILED_AT_ONCE);
    const [answer = {}] = await connection.all<Texts>(detailsSql(some, source));
    details.push(...some.map(({ index }) => JSON.parse(answer[`p${index}`] ?? '{}') as Details));
  }
  return details;
}

/** Summaries of the columns of numbers, by their index. */
async function numbersOf(
  connection: Duckdb,
  found: readonly (Facts & Details)[],
): Promise<ReadonlyMap<number, NumberSummary>> {
  const asked = found.flatMap((column, index) => {
    const { numbers, quantiles, huge } = column;
    if (!numbers || quantiles === undefined) return [];
    const about = { numbers, quantiles, ...(huge === undefined ? {} : { huge }), values: maybeValues(column) };
    return [{ index, about, bounds: boundsOf(about) }];
  });
  const summaries = new Map<number, NumberSummary>();
  for (let from = 0; from < asked.length; from += DETAILED_AT_ONCE) {
    const some = asked.slice(from, from + DETAILED_AT_ONCE);
    const [answer = {}] = await connection.all<Texts>(
      countsSql(some.map(({ index, bounds: { uppers } }) => ({ index, uppers }))),
    );
    for (const { index, about, bounds } of some) {
      const counts = JSON.parse(answer[`p${index}`] ?? '[]') as readonly number[];
      summaries.set(index, numberSummary(about, bounds, counts));
    }
  }
  return summaries;
}

/** All different numbers, when all are listed. */
function maybeValues({ few }: Details): readonly number[] | undefined {
  if (!few?.top || few.top.length < few.distinct) return undefined;
  return few.top.map(({ value }) => Number(value));
}

interface Facts {
  readonly nulls: number;
  readonly misfits?: number;
  /** An estimate; absent of columns that are counted exactly. */
  readonly distinct?: number;
  readonly numbers?: FoundNumbers | null;
  readonly lengths?: ColumnProfile['lengths'] | null;
  readonly moments?: ColumnProfile['moments'] | null;
}

interface Details {
  readonly few?: { readonly distinct: number; readonly top: ColumnProfile['top'] | null };
  /** Counted, where that was asked for. */
  readonly counted?: number;
  readonly quantiles?: FoundQuantiles;
  readonly huge?: { readonly mean: number; readonly deviation: number | null };
}

function columnProfile(
  { name, kind, header }: TypedColumn,
  { found, rows, numbers }: { found: Facts & Details; rows: number; numbers: NumberSummary | undefined },
): ColumnProfile {
  const { nulls, misfits = 0, lengths, moments, few } = found;
  const exact = few?.distinct ?? found.counted;
  return {
    name,
    ...(header === name ? {} : { header }),
    kind,
    nulls,
    ...(misfits === 0 ? {} : { misfits }),
    distinct: exact ?? Math.min(found.distinct ?? 0, rows - nulls),
    distinctIsExact: exact !== undefined,
    ...(numbers ? { numbers } : {}),
    ...(lengths ? { lengths } : {}),
    ...(moments ? { moments } : {}),
    ...(few?.top && few.distinct <= DISTINCT_EXACT_MAX ? { top: few.top } : {}),
  };
}

function correlationsOf(columns: readonly TypedColumn[], json: string): Profile['correlations'] {
  // As above: made by our own SQL.
  const pairs = JSON.parse(json) as readonly { a: number; b: number; value: number | null }[];
  return pairs
    .flatMap(({ a, b, value }) =>
      value === null || Number.isNaN(value)
        ? []
        : [{ a: columns[a]?.name ?? '', b: columns[b]?.name ?? '', value: Math.min(1, Math.max(-1, value)) }],
    )
    .sort((one, other) => Math.abs(other.value) - Math.abs(one.value));
}
