import { mkdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { DuckdbPool, SqlEngine, SqlWork } from '#store';
import type { CheckFileOptions } from '../check/check-file-options.ts';
import { type HeaderMatch, matchHeader } from '../check/match-header.ts';
import { contractOfFile } from '../check/open-rows.ts';
import type { OtherDataset } from '../check/other-datasets.ts';
import { hasCoercions } from '../coercions/coerced-columns.ts';
import type { Coerced } from '../coercions/coercion.ts';
import { sumOfCoerced } from '../coercions/coercion-counts.ts';
import type { Contract } from '../contract.ts';
import { ContractError } from '../errors.ts';
import { formatOf } from '../scan/format.ts';
import type { Fault } from '../scan/record-scanner.ts';
import type { RejectedRecord } from '../scan/rejected-writer.ts';
import type { Scan } from '../scan/scan-csv.ts';
import { digestOf } from '../scan/source.ts';
import { FILE, ROW } from '../spark/spark-dialect.ts';
import { numbersRows, viewGivenParquet } from './given-parquet.ts';
import { type RawPart, writeRawPart } from './raw-part.ts';
import { rawName, SOURCE } from './set-columns.ts';

/** A file of a set. */
export interface SetFile {
  readonly name: string;
  readonly path: string;
}

export interface OpenSetOptions
  extends Pick<
    CheckFileOptions,
    'contract' | 'contractFor' | 'mayLack' | 'encoding' | 'delimiter' | 'signal' | 'onProgress'
  > {
  readonly files: readonly SetFile[];
  readonly others: readonly OtherDataset[];
  readonly duckdb: DuckdbPool;
  /** A folder that the engine sees too. */
  readonly work: string;
}

/** A set whose rows are the view `weir_source` of an engine. */
export interface OpenedSet {
  readonly contract: Contract;
  readonly header: HeaderMatch;
  /** Faults of all files. */
  readonly structure: Pick<Scan, 'header' | 'faults' | 'firstRejected' | 'rejected'>;
  readonly coerced: Coerced | undefined;
  /** Of the list of the files with their digests. */
  readonly digest: string;
  readonly sizeBytes: number;
  /** What examples count in its files. */
  readonly at: 'line' | 'row';
  /** By file of the set, where its rows are in it; absent where they are counted as rows. */
  readonly lineMarks: readonly string[];
  readonly rejects: readonly { readonly name: string; readonly rejected: string }[];
  /** How statements over it are run. */
  readonly work: SqlWork;
}

/** The share of the work that reading is. */
const READ_SHARE = 0.4;

/** Makes a set of files the view `weir_source` of an engine. */
export async function openSet(engine: SqlEngine, options: OpenSetOptions): Promise<OpenedSet> {
  const { files, signal, onProgress } = options;
  const work: SqlWork = {
    ...(signal === undefined ? {} : { signal }),
    onProgress: (share) => onProgress?.(READ_SHARE + share * (1 - READ_SHARE)),
  };
  const formats = await Promise.all(files.map((file) => formatOf(file.path, file.name)));
  const isGiven =
    formats.every((format) => format === 'parquet') &&
    !hasCoercions(options.contract) &&
    (await numbersRows(
      engine,
      files.map((file) => file.path),
    ));
  return isGiven
    ? openGiven(engine, { ...options, sqlWork: work })
    : openScanned(engine, { ...options, sqlWork: work });
}

type Opening = OpenSetOptions & { readonly sqlWork: SqlWork };

async function openGiven(engine: SqlEngine, options: Opening): Promise<OpenedSet> {
  const { files, sqlWork } = options;
  const paths = files.map((file) => file.path);
  const { names } = await viewGivenParquet(engine, paths, sqlWork);
  const contract = contractOfFile(options, names);
  const facts = await Promise.all(
    files.map(async (file) => {
      const { size, mtimeMs } = await stat(file.path);
      return { name: file.name, identity: `${size} bytes of ${mtimeMs}`, sizeBytes: size };
    }),
  );
  return {
    ...{ contract, header: matchHeader(contract, names), coerced: undefined, at: 'row', lineMarks: [], rejects: [] },
    structure: { header: names, faults: new Map(), firstRejected: new Map(), rejected: 0 },
    ...(await listed(facts, options.work)),
    work: sqlWork,
  };
}

async function openScanned(engine: SqlEngine, options: Opening): Promise<OpenedSet> {
  const { files, work, onProgress, signal } = options;
  const parts: RawPart[] = [];
  for (const [index, file] of files.entries()) {
    const own = path.join(work, `part-${index}`);
    await mkdir(own);
    parts.push(await writeRawPart({ ...options, ...file, index, work: own, folder: own, ...(signal && { signal }) }));
    onProgress?.((READ_SHARE * parts.length) / files.length);
  }
  const { contract, header, at } = firstOf(parts, files);
  const paths = parts.flatMap(({ parquet }) => parquet ?? []);
  const columns = [FILE, ROW, ...header.names.map((_, position) => rawName(position))];
  await engine.viewParquet(SOURCE, { paths, columns });
  const facts = parts.map(({ scan: { source } }, index) => {
    return { name: files[index]?.name ?? '', identity: source.digest, sizeBytes: source.sizeBytes };
  });
  return {
    ...{ contract, header, at, structure: structureOf(parts) },
    coerced: sumOfCoerced(parts.map(({ coerced }) => coerced)),
    lineMarks: parts.map(({ scan }) => scan.files.lineMarks),
    rejects: parts.flatMap(({ scan }, index) =>
      scan.rejected === 0 ? [] : [{ name: files[index]?.name ?? '', rejected: scan.files.rejected }],
    ),
    ...(await listed(facts, work)),
    work: options.sqlWork,
  };
}

/** The first file with a header, whose columns all files have. */
function firstOf(parts: readonly RawPart[], files: readonly SetFile[]): RawPart {
  const first = parts.find(({ parquet }) => parquet !== undefined);
  if (first === undefined) {
    throw new ContractError('engine_unsuited', `Expected files with rows in the set; all ${files.length} are empty.`);
  }
  const namesOf = ({ header }: RawPart): string => header.names.map((name) => JSON.stringify(name)).join(', ');
  const odd = parts.findIndex((part) => part.parquet !== undefined && namesOf(part) !== namesOf(first));
  const other = parts[odd];
  if (other === undefined) return first;
  throw new ContractError(
    'engine_unsuited',
    `Expected the same columns in all files of the set, in the same order: ${namesOf(first)} as in ${files[parts.indexOf(first)]?.name}; ${files[odd]?.name} has ${namesOf(other)}. Check the set without --engine spark, or make its files alike.`,
  );
}

function structureOf(parts: readonly RawPart[]): OpenedSet['structure'] {
  const scans = parts.map(({ scan }) => scan);
  const faults = new Map<Fault, number>();
  const firstRejected = new Map<Fault, readonly RejectedRecord[]>();
  for (const scan of scans) {
    for (const [fault, count] of scan.faults) faults.set(fault, (faults.get(fault) ?? 0) + count);
    for (const [fault, records] of scan.firstRejected) if (!firstRejected.has(fault)) firstRejected.set(fault, records);
  }
  const header = scans.find((scan) => scan.header !== undefined)?.header;
  return { header, faults, firstRejected, rejected: scans.reduce((sum, { rejected }) => sum + rejected, 0) };
}

interface FileFacts {
  readonly name: string;
  readonly identity: string;
  readonly sizeBytes: number;
}

/** The digest of a list of files, which is that of the set. */
async function listed(files: readonly FileFacts[], work: string): Promise<{ digest: string; sizeBytes: number }> {
  const list = path.join(work, 'files');
  await writeFile(list, files.map(({ name, identity }) => `${name}\t${identity}\n`).join(''));
  const { digest } = await digestOf(list);
  return { digest, sizeBytes: files.reduce((sum, file) => sum + file.sizeBytes, 0) };
}
