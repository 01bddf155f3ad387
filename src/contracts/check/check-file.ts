import { rename } from 'node:fs/promises';
import path from 'node:path';
import type { Violation, ViolationExample } from '../check-result.ts';
import { CellCoercer } from '../coercions/cell-coercer.ts';
import { coercedColumns, hasCoercions } from '../coercions/coerced-columns.ts';
import type { Coerced } from '../coercions/coercion.ts';
import { CoercionCounts } from '../coercions/coercion-counts.ts';
import { GROUP_COLUMNS } from '../column-groups.ts';
import type { Contract } from '../contract.ts';
import { withoutColumns } from '../define-contract.ts';
import { convertsValues } from '../format/form.ts';
import { maybeOutOfMemory } from '../out-of-memory.ts';
import { formatOf } from '../scan/format.ts';
import type { Scan } from '../scan/scan-csv.ts';
import { scanFile } from '../scan/scan-file.ts';
import { digestOf, openSource } from '../scan/source.ts';
import { UndecodableError } from '../scan/undecodable-error.ts';
import type { CheckFileOptions } from './check-file-options.ts';
import { maybeCheckInOnePass } from './check-in-one-pass.ts';
import type { CheckOutcome, FoundParts } from './check-outcome.ts';
import { coerceRecords } from './coerce-records.ts';
import { criticalityOf, verdictOf } from './criticality.ts';
import { columnFacts, type Evaluation, evaluated, evaluateNothing, rowViolations } from './evaluate.ts';
import { findExamples } from './examples.ts';
import { fileReading } from './file-reading.ts';
import { badRowsOf, hasBadRows } from './flagged-rows.ts';
import { namesByPlace } from './form-columns.ts';
import { withGeneratedIds } from './generated-ids.ts';
import { goodPart } from './good-part.ts';
import { headerViolations } from './header-violations.ts';
import { judgeRows } from './judge-rows.ts';
import { type HeaderMatch, matchHeader } from './match-header.ts';
import { type OtherDataset, readOtherDatasets } from './other-datasets.ts';
import { planGroups } from './plan-groups.ts';
import { publish } from './publish.ts';
import { restoreTexts } from './restore-texts.ts';
import { rising } from './rising.ts';
import { reasonOf, splitRows } from './split-rows.ts';
import { structureViolations } from './structure.ts';
import { summaryOf } from './summary.ts';
import { makeWorkFolder, removeWorkFolder } from './work-folder.ts';

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
    const others = await readOtherDatasets(options, work);
    const found = await evaluate({ ...options, others, onProgress: rising(options.onProgress) }, work);
    const references = others.map(({ dataset, digest, rows }) => ({ dataset, digest, rows }));
    const result = {
      ...found.result,
      ...(references.length === 0 ? {} : { references }),
      durationMs: effects.nowMs() - startedMs,
    };
    const files = await publish(found.parts, { work, folder: options.folder, result });
    return { result, files };
  } finally {
    await removeWorkFolder(work);
  }
}

interface Checking extends CheckFileOptions {
  readonly others: readonly OtherDataset[];
}

async function evaluate(given: Checking, work: string): Promise<FoundParts> {
  const { duckdb } = given;
  let options = given;
  let header: HeaderMatch | undefined;
  const rename = (names: readonly string[]): readonly string[] => {
    options = { ...given, contract: present(given, names) };
    header = matchHeader(options.contract, names);
    return header.names;
  };
  const onProgress = (share: number): void => options.onProgress?.(share * READ_SHARE);
  let size = '';
  const { delimiter, format: written } = given.contract;
  // The first line tells how the file is read, and the rest of it follows in the same reading.
  const { encoding = written?.encoding, signal } = given;
  const source = openSource(given.path, { encoding, ...(signal && { signal }) });
  let coercers: readonly (CellCoercer | undefined)[] = [];
  try {
    const format = await formatOf(options.path, options.name ?? options.path);
    const at = format === 'parquet' ? 'row' : 'line';
    const { delimiter: fileDelimiter, ...reading } =
      format === 'csv' ? await fileReading({ ...given, source }) : { delimiter, form: undefined };
    const namesOf = (cells: number) => namesByPlace(given.contract, { cells, mayLack: given.mayLack });
    if (format === 'csv') {
      const { form } = reading;
      // What encloses cells decides where lines end.
      const opened = form === undefined ? source : openSource(given.path, { ...given, ...reading });
      const one = { ...given, ...reading, source: opened, work, separator: fileDelimiter, namesOf };
      const found = await maybeCheckInOnePass({ ...one, contractOf: (names) => present(given, names) });
      if (found !== undefined) return found;
    }
    const columns = {
      namesOf,
      kindsOf: () => header?.names.map((name) => options.contract.columns[name]?.kind) ?? [],
      coercersOf: () => {
        coercers = coercersOf(options.contract, header?.names ?? []);
        return coercers;
      },
    };
    const scanOptions = { ...given, ...reading, folder: work, delimiter, fileDelimiter, columns, rename, onProgress };
    let scanned = await scanFile(format, { scanOptions, duckdb });
    if (reading.form === undefined && format !== 'csv' && hasCoercions(options.contract)) {
      coercers = coercersOf(options.contract, header?.names ?? []);
      const longest = await coerceRecords(scanned.files.canonical, { delimiter, coercers });
      scanned = { ...scanned, recordBytesLongest: Math.max(scanned.recordBytesLongest, longest) };
    }
    const found = { scan: scanned, header: header ?? matchHeader(options.contract, []) };
    const { scan, header: match } = await withGeneratedIds(found, { contract: options.contract, work });
    size = ` (columns: ${match.names.length}, rows: ${scan.records})`;
    const coerced = coercedBy(coercers, header?.names ?? []);
    const checked = await checkScanned({ options, at, work, scan, header: match, coerced });
    if (reading.form === undefined || !convertsValues(reading.form)) return checked;
    const { violations } = checked.result;
    const texts = { scanning: scanOptions, digest: scan.source.digest, ...match };
    const restored = await restoreTexts({ violations, bad: checked.parts.bad }, texts);
    return { ...checked, result: { ...checked.result, violations: restored.violations } };
  } catch (error) {
    const memory = maybeOutOfMemory(error);
    if (memory !== undefined) return unreadable(options, `the file${size} takes too much memory to check: ${memory}`);
    if (error instanceof UndecodableError) return unreadable(options, error.message);
    throw error;
  } finally {
    await source.close();
  }
}

function coercersOf(contract: Contract, names: readonly string[]): readonly (CellCoercer | undefined)[] {
  return coercedColumns(contract, names).map((column) => column && new CellCoercer(column));
}

function coercedBy(coercers: readonly (CellCoercer | undefined)[], names: readonly string[]): Coerced | undefined {
  const counts = new CoercionCounts();
  for (const [index, coercer] of coercers.entries())
    if (coercer !== undefined) counts.addPlaced([names[index] ?? ''], coercer.counts);
  return counts.maybeCoerced();
}

/** The contract of a file with these names, without the columns that it lacks and may lack. */
function present(given: CheckFileOptions, names: readonly string[]): Contract {
  const { mayLack = [], contractFor } = given;
  const contract = contractFor === undefined ? given.contract : contractFor(names);
  const { missing } = matchHeader(contract, names);
  const lacking = missing.filter((name) => {
    const { role: own, optional = false } = contract.columns[name] ?? {};
    return optional || mayLack.some((role) => role === own);
  });
  return lacking.length === 0 ? contract : withoutColumns(contract, new Set(lacking));
}

interface ScannedFile {
  readonly options: Checking;
  /** What the places of rows are counted in. */
  readonly at: ViolationExample['at'];
  readonly work: string;
  readonly scan: Scan;
  readonly header: HeaderMatch;
  readonly coerced: Coerced | undefined;
}

async function checkScanned(scanned: ScannedFile): Promise<FoundParts> {
  const { options, scan, header, work, coerced } = scanned;
  const { contract } = options;
  const rowsIn = scan.records + scan.rejected;
  const evaluation =
    scan.header === undefined
      ? evaluateNothing(planGroups(contract, { header, groupColumns: GROUP_COLUMNS }))
      : await judgeRows({
          ...{ contract, header, scan, work, duckdb: options.duckdb, groupColumns: options.groupColumns },
          others: options.others,
          signal: options.signal,
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
    ...rowViolations(evaluation, { rowsIn, examples, contract }),
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
    ...(coerced === undefined ? {} : { coerced }),
    ...(unchecked.length === 0 ? {} : { unchecked }),
    summary: summaryOf({ ...facts, unchecked, coerced }),
  };
  const has = { good: rows.good > 0, bad: rows.bad > 0, rejected: rows.rejected > 0 };
  return {
    result,
    parts: {
      ...(has.good ? { good: await goodPart(options.contract, { header, work }) } : {}),
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

/** The result for a file that is kept whole, because its rows cannot be read with certainty. */
async function unreadable(options: CheckFileOptions, reason: string): Promise<FoundParts> {
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
