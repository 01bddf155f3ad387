import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Duckdb, DuckdbPool } from '#store';
import type { CheckResult, Violation, ViolationExample } from '../check-result.ts';
import { GROUP_COLUMNS } from '../column-groups.ts';
import type { Contract, Role } from '../contract.ts';
import { withoutColumns } from '../define-contract.ts';
import { maybeOutOfMemory } from '../out-of-memory.ts';
import type { Delimiter } from '../scan/delimiters.ts';
import type { Encoding } from '../scan/encoding.ts';
import { formatOf } from '../scan/format.ts';
import type { Scan } from '../scan/scan-csv.ts';
import { scanFile } from '../scan/scan-file.ts';
import { digestOf } from '../scan/source.ts';
import { UndecodableError } from '../scan/undecodable-error.ts';
import type { CheckOutcome } from './check-outcome.ts';
import { criticalityOf, verdictOf } from './criticality.ts';
import { columnFacts, type Evaluation, evaluated, evaluateNothing, evaluatePlan, rowViolations } from './evaluate.ts';
import { findExamples } from './examples.ts';
import { fileDelimiter } from './file-delimiter.ts';
import { badRowsOf, hasBadRows } from './flagged-rows.ts';
import { withGeneratedIds } from './generated-ids.ts';
import { headerViolations } from './header-violations.ts';
import { keepColumns } from './keep-columns.ts';
import { type HeaderMatch, matchHeader } from './match-header.ts';
import { planGroups } from './plan-groups.ts';
import { publish } from './publish.ts';
import { reasonOf, splitRows } from './split-rows.ts';
import { structureViolations } from './structure.ts';
import { summaryOf } from './summary.ts';
import { makeWorkFolder } from './work-folder.ts';

/** What to check, against what, and where the parts go. */
export interface CheckFileOptions {
  /** The file to check; it is read once and never changed. */
  readonly path: string;
  /** What the file must be. */
  readonly contract: Contract;
  /**
   * The contract for a file whose columns have these names, where the names decide it; `contract` unless set, whose
   * delimiter it has.
   */
  readonly contractFor?: (names: readonly string[]) => Contract;
  /**
   * Roles whose columns the file may lack; none unless set. A file that lacks such a column is checked without it, and
   * without the expectations that name it.
   */
  readonly mayLack?: readonly Role[];
  /**
   * Where the parts are written; created if missing. `check.json` with the result is written last: when it exists, all
   * parts do.
   */
  readonly folder: string;
  /** The DuckDB that reads the file: `openDuckdbPool()`. */
  readonly duckdb: DuckdbPool;
  /** Name of the file in reports; the name in `path` by default. */
  readonly name?: string;
  /** Encoding of files without a byte order mark; UTF-8 by default. */
  readonly encoding?: Encoding;
  /**
   * What separates the cells of a CSV file; unless set, the contract's delimiter, or another with which more names of its
   * first line are those of the contract.
   */
  readonly delimiter?: Delimiter;
  /** A record longer than this many bytes is rejected; 4 MiB by default. */
  readonly recordBytesMax?: number;
  /** How many columns are in one DuckDB query; 100 by default. It affects memory and time, never the result. */
  readonly groupColumns?: number;
  /** Whether `files.lines` tells the lines of the good rows; it does not unless set. */
  readonly keepsLines?: boolean;
  /** Stops the work; nothing is left in the folder then. */
  readonly signal?: AbortSignal;
  /** Called repeatedly with the share of the work done, 0 to 1, never decreasing. */
  readonly onProgress?: (share: number) => void;
}

/** The shares of the work at which reading ends and splitting starts, as measured with large files. */
const READ_SHARE = 0.25;
const JUDGED_SHARE = 0.8;

export interface CheckEffects {
  /** A clock, in milliseconds, for `durationMs`. */
  readonly nowMs: () => number;
}

const REAL_EFFECTS: CheckEffects = { nowMs: () => performance.now() };

/**
 * Checks a file (CSV or TSV, plain or gzip; Parquet and NDJSON by their names) against its contract and splits it into
 * good, bad and rejected rows. Every input row is in exactly one part; when the counts do not add up the verdict is
 * `quarantined` and there are no parts.
 *
 * @throws ContractError `file_unreadable` when there is no plain file, `check_failed` when the contract's SQL does not run.
 */
export async function checkFile(
  options: CheckFileOptions,
  effects: CheckEffects = REAL_EFFECTS,
): Promise<CheckOutcome> {
  const startedMs = effects.nowMs();
  const work = await makeWorkFolder(options.folder);
  try {
    const found = await evaluate(options, work);
    const result = { ...found.result, durationMs: effects.nowMs() - startedMs };
    const files = await publish(found.parts, { work, folder: options.folder, result });
    return { result, files };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

type Found = { readonly result: Omit<CheckResult, 'durationMs'>; readonly parts: CheckOutcome['files'] };

async function evaluate(given: CheckFileOptions, work: string): Promise<Found> {
  const { duckdb, signal } = given;
  let options = given;
  let header: HeaderMatch | undefined;
  const rename = (names: readonly string[]): readonly string[] => {
    options = { ...given, contract: present(given, names) };
    header = matchHeader(options.contract, names);
    return header.names;
  };
  const onProgress = (share: number): void => options.onProgress?.(share * READ_SHARE);
  let size = '';
  try {
    const format = await formatOf(options.path, options.name ?? options.path);
    const at = format === 'parquet' ? 'row' : 'line';
    const { delimiter } = given.contract;
    const separator = format === 'csv' ? await fileDelimiter(given) : delimiter;
    const scanOptions = { ...given, folder: work, delimiter, fileDelimiter: separator, rename, onProgress };
    const scanned = await scanFile(format, { scanOptions, duckdb });
    const found = { scan: scanned, header: header ?? matchHeader(options.contract, []) };
    const { scan, header: match } = await withGeneratedIds(found, { contract: options.contract, work });
    size = ` (columns: ${match.names.length}, rows: ${scan.records})`;
    return await duckdb.use((connection) => checkScanned({ options, at, work, scan, header: match, connection }), {
      ...(signal ? { signal } : {}),
    });
  } catch (error) {
    const memory = maybeOutOfMemory(error);
    if (memory !== undefined) return unreadable(options, `the file${size} takes too much memory to check: ${memory}`);
    if (error instanceof UndecodableError) return unreadable(options, error.message);
    throw error;
  }
}

/** The contract of a file with these names, without the columns that it lacks and may lack. */
function present(given: CheckFileOptions, names: readonly string[]): Contract {
  const { mayLack = [], contractFor } = given;
  const contract = contractFor === undefined ? given.contract : contractFor(names);
  const { missing } = matchHeader(contract, names);
  const lacking = missing.filter((name) => mayLack.some((role) => contract.columns[name]?.role === role));
  return lacking.length === 0 ? contract : withoutColumns(contract, new Set(lacking));
}

interface ScannedFile {
  readonly options: CheckFileOptions;
  /** What the places of rows are counted in. */
  readonly at: ViolationExample['at'];
  readonly work: string;
  readonly scan: Scan;
  readonly header: HeaderMatch;
  readonly connection: Duckdb;
}

async function checkScanned(scanned: ScannedFile): Promise<Found> {
  const { options, scan, header, connection, work } = scanned;
  const { contract } = options;
  const rowsIn = scan.records + scan.rejected;
  const plan = planGroups(contract, { header, groupColumns: options.groupColumns ?? GROUP_COLUMNS });
  const { recordBytesLongest, files } = scan;
  const evaluation =
    scan.header === undefined
      ? evaluateNothing(plan)
      : await evaluatePlan(connection, {
          ...{ plan, contract, header, work, recordBytesLongest },
          file: files.canonical,
          rows: scan.records,
          onProgress: (share) => options.onProgress?.(READ_SHARE + (JUDGED_SHARE - READ_SHARE) * share),
        });
  const { counts, tables } = evaluation;
  const wholeFile = [
    ...headerViolations(contract, header, scan.records),
    ...tables.flatMap(({ violation }) => violation ?? []),
  ];
  const everyRow = wholeFile.filter(({ severity }) => severity === 'fail').map(reasonOf);
  const examples = await findExamples(evaluation, {
    ...{ contract, header, files: scan.files, at: scanned.at },
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  const violations = [
    ...structureViolations(scan, { rowsIn, contract }),
    ...wholeFile,
    ...rowViolations(evaluation, { rowsIn, examples }),
  ];
  const parts = await partsOf({ ...scanned, evaluation, everyRow });
  const rows = { in: rowsIn, good: parts.good, bad: parts.bad, rejected: scan.rejected };
  const isComplete = rows.good + rows.bad === scan.records && (counts.rows ?? 0) === scan.records;
  if (!isComplete) {
    return unreadable(
      options,
      `the count does not add up: ${scan.records} records, ${counts.rows ?? 0} read, ${rows.good} good, ${rows.bad} bad`,
    );
  }
  const unchecked = [...(contract.unchecked ?? []), ...tables.flatMap((table) => table.unchecked ?? [])];
  const facts = { rows, violations, verdict: verdictOf(violations) };
  const criticality = criticalityOf(facts, contract.criticality);
  const result = {
    contract: contract.name,
    file: options.name ?? path.basename(options.path),
    digest: scan.source.digest,
    sizeBytes: scan.source.sizeBytes,
    ...facts,
    ...(criticality === undefined ? {} : { criticality }),
    expectations: evaluated(evaluation, scan.records),
    columns: columnFacts(evaluation, contract),
    ...(unchecked.length === 0 ? {} : { unchecked }),
    summary: summaryOf({ ...facts, unchecked }),
  };
  const has = { good: rows.good > 0, bad: rows.bad > 0, rejected: rows.rejected > 0 };
  return {
    result,
    parts: {
      ...(has.good ? { good: await goodPart(scanned) } : {}),
      ...(has.good && options.keepsLines === true ? { lines: parts.lines } : {}),
      ...(has.bad ? { bad: path.join(work, 'bad.csv') } : {}),
      ...(has.rejected ? { rejected: scan.files.rejected } : {}),
    },
  };
}

async function partsOf(
  options: ScannedFile & { readonly evaluation: Evaluation; readonly everyRow: readonly string[] },
): Promise<{ good: number; bad: number; lines: string }> {
  const { scan, evaluation, everyRow, work } = options;
  const good = path.join(work, 'good.csv');
  if (!hasBadRows(evaluation.flagged) && everyRow.length === 0) {
    await rename(scan.files.canonical, good);
    return { good: scan.records, bad: 0, lines: scan.files.lineMarks };
  }
  const { signal, contract, onProgress, keepsLines = false } = options.options;
  const lines = path.join(work, 'good-lines');
  const counts = await splitRows({
    ...scan.files,
    badRows: badRowsOf(evaluation.flagged, evaluation.flags),
    everyRow,
    good,
    bad: path.join(work, 'bad.csv'),
    ...(keepsLines ? { goodLines: lines } : {}),
    delimiter: contract.delimiter,
    onProgress: (rows) => onProgress?.(JUDGED_SHARE + (1 - JUDGED_SHARE) * (rows / Math.max(1, scan.records))),
    ...(signal ? { signal } : {}),
  });
  return { ...counts, lines };
}

/** The good rows, without the columns that a contract with evolution `discard` does not know. */
async function goodPart({ options, header, work }: ScannedFile): Promise<string> {
  const good = path.join(work, 'good.csv');
  const { evolution, columns, delimiter } = options.contract;
  if (evolution !== 'discard' || header.extra.length === 0) return good;
  const kept = header.names.flatMap((name, position) => (columns[name] === undefined ? [] : [position]));
  const narrow = path.join(work, 'good-discarded.csv');
  await keepColumns(good, { into: narrow, positions: kept, delimiter });
  return narrow;
}

/** The result for a file that is kept whole, because its rows cannot be read with certainty. */
async function unreadable(options: CheckFileOptions, reason: string): Promise<Found> {
  const violation: Violation = {
    expectation: 'readable',
    category: 'structure',
    severity: 'fail',
    rows: 0,
    share: 0,
    sentence: reason,
  };
  const facts = {
    rows: { in: 0, good: 0, bad: 0, rejected: 0 },
    verdict: 'quarantined',
    violations: [violation],
  } as const;
  const result = {
    contract: options.contract.name,
    file: options.name ?? path.basename(options.path),
    ...(await digestOf(options.path)),
    ...facts,
    criticality: 'high',
    expectations: [],
    columns: [],
    summary: summaryOf(facts),
  } as const;
  return { result, parts: {} };
}
