import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Duckdb, DuckdbPool } from '#store';
import type { CheckResult, Violation } from '../check-result.ts';
import type { Contract } from '../contract.ts';
import { ContractError } from '../errors.ts';
import { type Scan, scanCsv } from '../scan/scan-csv.ts';
import { type Encoding, UndecodableError } from '../scan/source.ts';
import { literal } from '../sql.ts';
import { type CompiledCheck, compileCheck, FLAGGED_TABLE, ROWS_TABLE } from './compile.ts';
import { criticalityOf, verdictOf } from './criticality.ts';
import { type HeaderMatch, headerViolations, matchHeader } from './header.ts';
import { reasonOf, splitRows } from './split-rows.ts';
import { structureViolations } from './structure.ts';
import { summaryOf } from './summary.ts';

export interface CheckFileOptions {
  /** The file to check; it is read once and never changed. */
  readonly path: string;
  readonly contract: Contract;
  /** Where the parts are written; made when it is not there. */
  readonly folder: string;
  readonly duckdb: DuckdbPool;
  /** What reports call the file; the name in `path` unless said. */
  readonly name?: string;
  /** Of files without a byte order mark; UTF-8 unless said. */
  readonly encoding?: Encoding;
  /** A record longer than this many bytes is rejected; 4 MiB unless said. */
  readonly recordBytesMax?: number;
  readonly signal?: AbortSignal;
}

/** What a check found, and the files it left in its folder; a file that would be empty is absent. */
export interface CheckOutcome {
  readonly result: CheckResult;
  readonly files: {
    /** Good rows under the contract's column names, their text as it was. */
    readonly good?: string;
    /** Bad rows: `line` in the checked file, their text as it was, and `violations`: all their reasons. */
    readonly bad?: string;
    /** Records that are no rows, one JSON object a line: `line`, `offset`, `reason`, `text` when it is text, `base64`. */
    readonly rejected?: string;
  };
}

export interface CheckEffects {
  readonly nowMs: () => number;
}

const WORLD: CheckEffects = { nowMs: () => performance.now() };

/**
 * Checks a CSV file against its contract and parts it into good, bad and rejected rows. Every row that goes in comes out
 * once; when the count does not add up the verdict is `quarantined` and no part is given.
 *
 * @throws ContractError `file_unreadable` when there is no plain file, `check_failed` when the contract's SQL does not run.
 */
export async function checkFile(options: CheckFileOptions, effects: CheckEffects = WORLD): Promise<CheckOutcome> {
  const startedMs = effects.nowMs();
  await mkdir(options.folder, { recursive: true });
  const work = path.join(options.folder, `.check-${randomBytes(8).toString('hex')}`);
  await mkdir(work);
  try {
    const found = await evaluate(options, work);
    const files = await publish(found.parts, options.folder);
    return { result: { ...found.result, durationMs: effects.nowMs() - startedMs }, files };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

type Found = { readonly result: Omit<CheckResult, 'durationMs'>; readonly parts: CheckOutcome['files'] };

async function evaluate(options: CheckFileOptions, work: string): Promise<Found> {
  const { contract, duckdb, signal } = options;
  let header: HeaderMatch | undefined;
  const rename = (names: readonly string[]): readonly string[] => {
    header = matchHeader(contract, names);
    return header.names;
  };
  const scanned = await scanCsv({ ...options, folder: work, delimiter: contract.delimiter, rename }).catch(
    (error: unknown) => {
      if (error instanceof UndecodableError) return error;
      throw error;
    },
  );
  if (scanned instanceof UndecodableError) return unreadable(options, scanned.message);
  const match = header ?? matchHeader(contract, []);
  return duckdb.use((connection) => judge({ options, work, scan: scanned, header: match, connection }), {
    ...(signal ? { signal } : {}),
  });
}

interface Judgement {
  readonly options: CheckFileOptions;
  readonly work: string;
  readonly scan: Scan;
  readonly header: HeaderMatch;
  readonly connection: Duckdb;
}

async function judge(judgement: Judgement): Promise<Found> {
  const { options, scan, header, connection, work } = judgement;
  const { contract } = options;
  const rowsIn = scan.records + scan.rejected;
  const compiled = compileCheck(contract, {
    header,
    file: scan.files.canonical,
    recordBytesLongest: scan.recordBytesLongest,
  });
  const counts = scan.header === undefined ? {} : await countIn(connection, { compiled, contract });
  const tables = scan.header === undefined ? [] : await tableViolations(connection, { compiled, rows: scan.records });
  const wholeFile = [...headerViolations(contract, header, scan.records), ...tables];
  const everyRow = wholeFile.filter(({ severity }) => severity === 'fail').map(reasonOf);
  const violations = [
    ...structureViolations(scan, rowsIn),
    ...wholeFile,
    ...compiled.flags.flatMap(({ expectation: { name, ...about }, bit }) =>
      violationOf({ expectation: name, ...about }, { rows: counts[`v${bit}`] ?? 0, rowsIn }),
    ),
  ];
  const badByThemselves = counts.bad ?? 0;
  const parts = await partsOf({ ...judgement, compiled, everyRow, badByThemselves });
  const rows = { in: rowsIn, good: parts.good, bad: parts.bad, rejected: scan.rejected };
  await connection.run(`drop table if exists ${FLAGGED_TABLE}; drop table if exists ${ROWS_TABLE}`);
  const isComplete = rows.good + rows.bad === scan.records && (counts.rows ?? 0) === scan.records;
  if (!isComplete) {
    return unreadable(
      options,
      `the count does not add up: ${scan.records} records, ${counts.rows ?? 0} read, ${rows.good} good, ${rows.bad} bad`,
    );
  }
  const facts = { rows, violations, verdict: verdictOf(violations) };
  const criticality = criticalityOf(facts, contract.criticality);
  const result = {
    contract: contract.name,
    file: options.name ?? path.basename(options.path),
    digest: scan.source.digest,
    sizeBytes: scan.source.sizeBytes,
    ...facts,
    ...(criticality === undefined ? {} : { criticality }),
    expectations: evaluated({ compiled, counts, tables, rows: scan.records }),
    columns: columnFacts(compiled, counts),
    summary: summaryOf(facts),
  };
  const has = { good: rows.good > 0, bad: rows.bad > 0, rejected: rows.rejected > 0 };
  return {
    result,
    parts: {
      ...(has.good ? { good: path.join(work, 'good.csv') } : {}),
      ...(has.bad ? { bad: path.join(work, 'bad.csv') } : {}),
      ...(has.rejected ? { rejected: scan.files.rejected } : {}),
    },
  };
}

type Counts = Readonly<Record<string, number | null>>;

async function countIn(
  connection: Duckdb,
  { compiled, contract }: { compiled: CompiledCheck; contract: Contract },
): Promise<Counts> {
  const settings = `set TimeZone = 'UTC'; set preserve_insertion_order = true`;
  try {
    await connection.run(`${settings}; ${compiled.createRows}; ${compiled.createFlagged}; ${compiled.createHeader}`);
    const [counts] = await connection.all<Counts>(compiled.count);
    return counts ?? {};
  } catch (cause) {
    throw failed(`The expectations of contract "${contract.name}" do not run.`, cause);
  }
}

function failed(what: string, cause: unknown): ContractError {
  const reason = cause instanceof Error ? cause.message.split('\n', 1)[0] : String(cause);
  return new ContractError('check_failed', `${what} DuckDB says: ${reason}`, { cause });
}

async function tableViolations(
  connection: Duckdb,
  { compiled, rows }: { compiled: CompiledCheck; rows: number },
): Promise<readonly Violation[]> {
  const violations: Violation[] = [];
  for (const { expectation, sql } of compiled.tables) {
    const [answer] = await connection
      .all<{ ok: boolean | null; observed: string | number | boolean | null }>(sql)
      .catch((cause: unknown) => {
        throw failed(`The expectation "${expectation.name}" does not run.`, cause);
      });
    if (answer?.ok === true) continue;
    const observed = answer?.observed ?? 'nothing';
    const sentence = `${expectation.sentence}; found ${typeof observed === 'number' ? Number(observed.toPrecision(6)) : observed}`;
    violations.push(
      ...violationOf({ ...expectation, expectation: expectation.name, sentence }, { rows, rowsIn: rows }, true),
    );
  }
  return violations;
}

type Described = Pick<Violation, 'expectation' | 'column' | 'category' | 'severity' | 'sentence'>;

function violationOf(
  { expectation, column, category, severity, sentence }: { [K in keyof Described]: Described[K] },
  { rows, rowsIn }: { rows: number; rowsIn: number },
  isWhole = false,
): readonly Violation[] {
  if (rows === 0 && !isWhole) return [];
  const share = rowsIn === 0 ? 0 : rows / rowsIn;
  return [{ expectation, ...(column === undefined ? {} : { column }), category, severity, rows, share, sentence }];
}

async function partsOf(
  options: Judgement & { compiled: CompiledCheck; everyRow: readonly string[]; badByThemselves: number },
): Promise<{ good: number; bad: number }> {
  const { scan, connection, compiled, everyRow, badByThemselves, work } = options;
  const good = path.join(work, 'good.csv');
  if (badByThemselves === 0 && everyRow.length === 0) {
    await rename(scan.files.canonical, good);
    return { good: scan.records, bad: 0 };
  }
  const badRows = path.join(work, 'bad-rows');
  if (badByThemselves > 0)
    await connection.run(`copy (${compiled.badRows}) to ${literal(badRows)} (format csv, header false)`);
  const { signal, contract } = options.options;
  return splitRows({
    ...scan.files,
    badRows: badByThemselves > 0 ? badRows : undefined,
    flags: compiled.flags,
    everyRow,
    good,
    bad: path.join(work, 'bad.csv'),
    delimiter: contract.delimiter,
    ...(signal ? { signal } : {}),
  });
}

function evaluated(options: {
  compiled: CompiledCheck;
  counts: Counts;
  tables: readonly Violation[];
  rows: number;
}): CheckResult['expectations'] {
  const { compiled, counts, tables, rows } = options;
  const described = (expectation: CompiledCheck['flags'][number]['expectation'], violating: number) => ({
    expectation: expectation.name,
    ...(expectation.column === undefined ? {} : { column: expectation.column }),
    sentence: expectation.sentence,
    severity: expectation.severity,
    rows: violating,
  });
  const failedTables = new Set(tables.map(({ expectation, column }) => `${expectation} ${column ?? ''}`));
  return [
    ...compiled.flags.map(({ expectation, bit }) => described(expectation, counts[`v${bit}`] ?? 0)),
    ...compiled.tables.map(({ expectation }) =>
      described(expectation, failedTables.has(`${expectation.name} ${expectation.column ?? ''}`) ? rows : 0),
    ),
  ];
}

function columnFacts(compiled: CompiledCheck, counts: Counts): CheckResult['columns'] {
  return compiled.columns.map(({ name, index, hasMean, wrongType }) => {
    const mean = hasMean ? (counts[`a${index}`] ?? undefined) : undefined;
    const wrong = wrongType === undefined ? 0 : (counts[`v${wrongType}`] ?? 0);
    const nulls = (counts[`n${index}`] ?? 0) - wrong;
    return { name, nulls, ...(mean === undefined ? {} : { mean }) };
  });
}

/** The verdict on a file that is to be kept whole, because its rows cannot be told or told again. */
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
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(options.path)) hash.update(chunk);
  const result = {
    contract: options.contract.name,
    file: options.name ?? path.basename(options.path),
    digest: hash.digest('hex'),
    sizeBytes: (await stat(options.path)).size,
    ...facts,
    criticality: 'high',
    expectations: [],
    columns: [],
    summary: summaryOf(facts),
  } as const;
  return { result, parts: {} };
}

/** Moves finished parts out of the work folder; what an earlier check left under these names is replaced or removed. */
async function publish(parts: CheckOutcome['files'], folder: string): Promise<CheckOutcome['files']> {
  const published: Record<string, string> = {};
  for (const [part, name] of [
    ['good', 'good.csv'],
    ['bad', 'bad.csv'],
    ['rejected', 'rejected.jsonl'],
  ] as const) {
    const from = parts[part];
    const to = path.join(folder, name);
    if (from === undefined) await rm(to, { force: true });
    else {
      await rename(from, to);
      published[part] = to;
    }
  }
  return published;
}
