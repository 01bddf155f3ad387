import path from 'node:path';
import type { Violation } from '../check-result.ts';
import type { Contract } from '../contract.ts';
import { withoutColumns } from '../define-contract.ts';
import { maybeOutOfMemory } from '../out-of-memory.ts';
import { formatOf } from '../scan/format.ts';
import { digestOf, openSource } from '../scan/source.ts';
import { UndecodableError } from '../scan/undecodable-error.ts';
import { checkCopy } from './check-copy.ts';
import type { CheckFileOptions } from './check-file-options.ts';
import { maybeCheckInPasses } from './check-in-passes.ts';
import type { CheckOutcome, FoundParts } from './check-outcome.ts';
import { fileReading } from './file-reading.ts';
import { namesByPlace } from './form-columns.ts';
import { matchHeader } from './match-header.ts';
import { readOtherDatasets } from './other-datasets.ts';
import type { PassOptions } from './pass.ts';
import { publish } from './publish.ts';
import { rising } from './rising.ts';
import { summaryOf } from './summary.ts';
import { withWorkFolder } from './work-folder.ts';

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
  return withWorkFolder(options.folder, async (work) => {
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
  });
}

type Checking = CheckFileOptions & Pick<PassOptions, 'others'>;

async function evaluate(given: Checking, work: string): Promise<FoundParts> {
  const { delimiter, format: written } = given.contract;
  // The first line tells how the file is read, and the rest of it follows in the same reading.
  const { encoding = written?.encoding, signal } = given;
  const source = openSource(given.path, { encoding, ...(signal && { signal }) });
  try {
    const format = await formatOf(given.path, given.name ?? given.path);
    const { delimiter: separator, ...reading } =
      format === 'csv' ? await fileReading({ ...given, source }) : { delimiter, form: undefined };
    const namesOf = (cells: number) => namesByPlace(given.contract, { cells, mayLack: given.mayLack });
    const contractOf = (names: readonly string[]): Contract => present(given, names);
    const options = { ...given, ...reading, work, separator, namesOf, contractOf, at: AT[format] };
    // What encloses cells decides where lines end.
    const opened = reading.form === undefined ? source : openSource(given.path, { ...given, ...reading });
    const found = format === 'csv' ? await maybeCheckInPasses({ ...options, source: opened }) : undefined;
    return found ?? (await checkCopy(options, format));
  } catch (error) {
    if (error instanceof UndecodableError) return unreadable(given, error.message);
    const memory = maybeOutOfMemory(error);
    if (memory !== undefined) return unreadable(given, `the file takes too much memory to check: ${memory}`);
    throw error;
  } finally {
    await source.close();
  }
}

/** What the places of rows are counted in. */
const AT = { csv: 'line', ndjson: 'line', 'json-array': 'line', parquet: 'row' } as const;

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
