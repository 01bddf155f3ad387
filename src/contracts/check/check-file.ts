import path from 'node:path';
import type { Violation } from '../check-result.ts';
import { maybeOutOfMemory } from '../out-of-memory.ts';
import { digestOf } from '../scan/source.ts';
import { UndecodableError } from '../scan/undecodable-error.ts';
import { checkCopy } from './check-copy.ts';
import type { CheckFileOptions } from './check-file-options.ts';
import { maybeCheckInPasses } from './check-in-passes.ts';
import type { CheckOutcome, FoundParts } from './check-outcome.ts';
import { type Checking, withRows } from './open-rows.ts';
import { readOtherDatasets } from './other-datasets.ts';
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
    const found = await evaluate({ ...options, others, work, onProgress: rising(options.onProgress) });
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

async function evaluate(given: Checking): Promise<FoundParts> {
  try {
    return await withRows(given, async (options, format) => {
      const found = format === 'csv' ? await maybeCheckInPasses(options) : undefined;
      return found ?? (await checkCopy({ ...options, source: undefined }, format));
    });
  } catch (error) {
    const reason = maybeUnreadable(error);
    if (reason === undefined) throw error;
    return unreadable(given, reason);
  }
}

/** Why the rows of a file cannot be read with certainty; undefined for any other error. */
export function maybeUnreadable(error: unknown): string | undefined {
  if (error instanceof UndecodableError) return error.message;
  const memory = maybeOutOfMemory(error);
  return memory && `the file takes too much memory to check: ${memory}`;
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
