import path from 'node:path';
import type { SqlEngine, SqlWork } from '#store';
import { withWorkFolder } from '../../check/work-folder.ts';
import { groupsOf } from '../../column-groups.ts';
import type { ColumnKind } from '../../contract.ts';
import { ContractError } from '../../errors.ts';
import type { ProfiledColumn } from '../../profile/column-profile.ts';
import { correlatedPairs, type Guess, maybeKind } from '../../profile/compile-profile.ts';
import { strongestFirst } from '../../profile/pass/summarise.ts';
import { PROFILE_VERSION, type Profile } from '../../profile/profile.ts';
import { namedColumns } from '../../profile/profile-source.ts';
import { UndecodableError } from '../../scan/undecodable-error.ts';
import { correlationsQuery, kindsQuery, VALUES, valuesQuery } from './profile-sql.ts';
import { type ScannedRows, type ScanRowsOptions, scanRows } from './scanned-rows.ts';
import { summariseColumns } from './summarise-columns.ts';

export interface EngineProfileOptions extends Omit<ScanRowsOptions, 'onProgress'> {
  /** What the profile calls the set. */
  readonly name: string;
  /** A folder for unfinished work, at a path that is the same for the engine. */
  readonly folder: string;
  /** Called with the folder of unfinished work, when it is there. */
  readonly onWork?: (work: string) => Promise<void>;
  readonly onProgress?: (share: number) => void;
}

/** The shares of the work after which the rows are handed over, and their values are written. */
const READ_SHARE = 0.4;
const TYPED_SHARE = 0.6;
/** Pairs of columns in one statement; a server plans more of them longer than it computes them. */
const PAIRS_AT_ONCE = 120;

/**
 * Summarises a set of files on an engine as the one file with all their rows. Their rows are read by the scanner here, so that
 * no record is lost; values are written once where the engine is, and queried there.
 *
 * @throws ContractError `file_unreadable` for a file that cannot be read.
 */
export async function profileOnEngine(engine: SqlEngine, options: EngineProfileOptions): Promise<Profile> {
  const { name, onProgress, signal } = options;
  try {
    return await withWorkFolder(options.folder, async (work) => {
      await options.onWork?.(work);
      const scanned = await scanRows(engine, {
        ...options,
        work,
        onProgress: (share) => onProgress?.(share * READ_SHARE),
      });
      const sqlWork: SqlWork = signal === undefined ? {} : { signal };
      const found = await summarise(engine, scanned, { ...options, work, sqlWork });
      const { digest, sizeBytes, rows, rejected } = scanned;
      onProgress?.(1);
      return { version: PROFILE_VERSION, file: name, digest, sizeBytes, rows, rejected, ...found };
    });
  } catch (error) {
    if (!(error instanceof UndecodableError)) throw error;
    const message = `${JSON.stringify(name)} cannot be profiled: ${error.message}`;
    throw new ContractError('file_unreadable', message, { cause: error });
  }
}

interface Working extends EngineProfileOptions {
  readonly work: string;
  readonly sqlWork: SqlWork;
}

async function summarise(
  engine: SqlEngine,
  { header, rows }: ScannedRows,
  { contract, work, sqlWork, onProgress }: Working,
): Promise<Pick<Profile, 'columns' | 'correlations'>> {
  const named = namedColumns(contract, header);
  const declared = named.map(({ name }) => contract?.columns[name]?.kind);
  const columns = await withKinds(engine, { named, declared, rows, work: sqlWork });
  if (rows > 0) {
    const values = path.join(work, 'values');
    const shareOf = (share: number): number => READ_SHARE + share * (TYPED_SHARE - READ_SHARE);
    await engine.writeParquet(valuesQuery(columns.map(({ kind }) => kind)), values, {
      ...sqlWork,
      onProgress: (share) => onProgress?.(shareOf(share)),
    });
    await engine.viewParquet(VALUES, { paths: [values], columns: ['*'] });
  }
  const onShare = (share: number): void => onProgress?.(TYPED_SHARE + share * (1 - TYPED_SHARE));
  const profiles = await summariseColumns(engine, { columns, rows, work: sqlWork, onProgress: onShare });
  return { columns: profiles, correlations: rows === 0 ? [] : await correlationsOf(engine, columns, sqlWork) };
}

interface Kinds {
  readonly named: readonly Pick<ProfiledColumn, 'name' | 'header'>[];
  /** Of the columns that a contract names. */
  readonly declared: readonly (ColumnKind | undefined)[];
  readonly rows: number;
  readonly work: SqlWork;
}

/** Columns with their kinds: that of the contract, or else the narrowest that every filled cell is written as. */
async function withKinds(
  engine: SqlEngine,
  { named, declared, rows, work }: Kinds,
): Promise<readonly ProfiledColumn[]> {
  const kinds = [...declared];
  const asked = rows === 0 ? [] : declared.flatMap((kind, index) => (kind === undefined ? [index] : []));
  if (asked.length > 0)
    for (const guess of await engine.all<Guess>(kindsQuery(asked), work))
      kinds[asked[guess.place ?? 0] ?? 0] = maybeKind(guess);
  return named.map((column, index) => ({ ...column, kind: kinds[index] ?? 'text' }));
}

async function correlationsOf(
  engine: SqlEngine,
  columns: readonly ProfiledColumn[],
  work: SqlWork,
): Promise<Profile['correlations']> {
  const found: { readonly a: string; readonly b: string; readonly value: number | undefined }[] = [];
  for (const pairs of groupsOf(correlatedPairs(columns), PAIRS_AT_ONCE)) {
    if (pairs.length === 0) continue;
    const [answer = {}] = await engine.all<Readonly<Record<string, number | null>>>(correlationsQuery(pairs), work);
    for (const [at, [a, b]] of pairs.entries()) {
      const value = answer[`r${at}`] ?? Number.NaN;
      const inRange = Number.isFinite(value) ? Math.min(1, Math.max(-1, value)) : undefined;
      found.push({ a: columns[a]?.name ?? '', b: columns[b]?.name ?? '', value: inRange });
    }
  }
  return strongestFirst(found);
}
