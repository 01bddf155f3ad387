import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Duckdb, DuckdbPool } from '#store';
import type { Contract } from '../contract.ts';
import { ContractError } from '../errors.ts';
import type { Encoding } from '../scan/decode.ts';
import { type Format, formatOf } from '../scan/format.ts';
import { scanFile } from '../scan/scan-file.ts';
import { withParquet } from '../scan/scan-parquet.ts';
import { UndecodableError } from '../scan/undecodable-error.ts';
import {
  type DetailedColumn,
  DISTINCT_EXACT_MAX,
  detailsSql,
  factsSql,
  fewSql,
  guessSql,
  HISTOGRAM_PARTS,
  maybeKind,
  maybeMisfitSql,
  TYPED,
  type TypedColumn,
  typedRowsSql,
} from './compile-profile.ts';
import type { ColumnProfile, NumberSummary, Profile } from './profile.ts';
import { type ProfileSource, sourceOfParquet, sourceOfTexts } from './profile-source.ts';

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
  /** Told again and again which share of the work is done, 0 to 1. */
  readonly onProgress?: (share: number) => void;
}

/** Shares of the work at which reading ends, and at which the table of typed columns is made. */
const READ_SHARE = 0.2;
const TYPED_SHARE = 0.7;

const COLUMNS_MAX = 2000;
/** A statement with a subquery for each of very many columns takes longer to plan than to run. */
const DETAILED_AT_ONCE = 50;

/**
 * Summarises a file: CSV or TSV, plain or gzip; Parquet and NDJSON by their names. Every readable row counts, also those a
 * contract would refuse.
 *
 * @throws ContractError `file_unreadable` when there is no plain file, or nothing in it that can be read.
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
  const details = await detailsOf(connection, { facts, source });
  await connection.run(`drop ${source.rowNumber === undefined ? 'table' : 'view'} ${TYPED}`);
  const { rows, rejected } = source;
  const { digest, sizeBytes } = await source.facts;
  return {
    file: options.name ?? path.basename(options.path),
    digest,
    sizeBytes,
    rows,
    rejected,
    columns: columns.map((column, index) => columnProfile(column, { ...facts[index]!, ...details[index] })),
    correlations: correlationsOf(columns, answer.correlations ?? '[]'),
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

/** What is asked of columns once their bounds and the number of their values are known. */
async function detailsOf(
  connection: Duckdb,
  { facts, source }: { readonly facts: readonly Facts[]; readonly source: ProfileSource },
): Promise<readonly (Details | undefined)[]> {
  const asked = facts.map(
    ({ distinct, numbers }, index): DetailedColumn => ({
      index,
      isFew: (distinct ?? 0) <= DISTINCT_EXACT_MAX,
      bounds: numbers ?? undefined,
    }),
  );
  const details: (Details | undefined)[] = [];
  for (let from = 0; from < asked.length; from += DETAILED_AT_ONCE) {
    const some = asked.slice(from, from + DETAILED_AT_ONCE);
    const [answer = {}] = await connection.all<Texts>(detailsSql(some, source));
    for (const { index } of some) {
      const text = answer[`p${index}`];
      details.push(text === undefined ? undefined : (JSON.parse(text) as Details));
    }
  }
  return details;
}

interface Facts {
  readonly nulls: number;
  /** An estimate; absent of columns that are counted exactly. */
  readonly distinct?: number;
  readonly numbers?: Omit<NumberSummary, 'histogram' | 'quantiles'> | null;
  readonly lengths?: ColumnProfile['lengths'] | null;
  readonly moments?: ColumnProfile['moments'] | null;
}

interface Details {
  readonly few?: { readonly distinct: number; readonly top: ColumnProfile['top'] | null };
  readonly parts?: readonly { readonly part: number; readonly rows: number }[];
  readonly quantiles?: readonly number[];
}

function columnProfile({ name, kind }: TypedColumn, found: Facts & Details): ColumnProfile {
  const { nulls, distinct, numbers, lengths, moments, few, parts = [], quantiles = [] } = found;
  return {
    name,
    kind,
    nulls,
    distinct: few?.distinct ?? distinct ?? 0,
    distinctIsExact: few !== undefined,
    ...(numbers ? { numbers: { ...numbers, quantiles, histogram: histogramOf(parts) } } : {}),
    ...(lengths ? { lengths } : {}),
    ...(moments ? { moments } : {}),
    ...(few?.top && few.distinct <= DISTINCT_EXACT_MAX ? { top: few.top } : {}),
  };
}

function histogramOf(parts: NonNullable<Details['parts']>): readonly number[] {
  const histogram = new Array<number>(HISTOGRAM_PARTS).fill(0);
  for (const { part, rows } of parts) histogram[part] = rows;
  return histogram;
}

function correlationsOf(columns: readonly TypedColumn[], json: string): Profile['correlations'] {
  // As above: made by our own SQL.
  const pairs = JSON.parse(json) as readonly { a: number; b: number; value: number | null }[];
  return pairs
    .flatMap(({ a, b, value }) =>
      value === null || Number.isNaN(value) ? [] : [{ a: columns[a]?.name ?? '', b: columns[b]?.name ?? '', value }],
    )
    .sort((one, other) => Math.abs(other.value) - Math.abs(one.value));
}
