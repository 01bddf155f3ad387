import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Contract } from '../contract.ts';
import { openSource, type Source } from '../scan/source.ts';
import { threadsOf } from '../sweep/block-threads.ts';
import { readHeader } from '../sweep/header.ts';
import { KeysTooLargeError } from '../sweep/keys-too-large-error.ts';
import { type Sweep, sweep } from '../sweep/sweep.ts';
import type { CheckFileOptions } from './check-file-options.ts';
import type { FoundParts } from './check-outcome.ts';
import { criticalityOf, verdictOf } from './criticality.ts';
import { columnFacts, evaluated, rowViolations } from './evaluate.ts';
import { examplesOf } from './examples.ts';
import { goodPart } from './good-part.ts';
import { headerViolations } from './header-violations.ts';
import { type HeaderMatch, matchHeader } from './match-header.ts';
import { maybeSweepPlan, type PlannedSweep } from './plan-sweep.ts';
import { reasonOf } from './split-rows.ts';
import { structureViolations } from './structure.ts';
import { summaryOf } from './summary.ts';

/** Smaller files are read before a thread has started. */
const THREADED_BYTES_MIN = 16 * 2 ** 20;

export interface OnePassOptions extends Omit<CheckFileOptions, 'contract' | 'contractFor' | 'duckdb'> {
  /** The contract for a file whose columns have these names. */
  readonly contractOf: (names: readonly string[]) => Contract;
  /** What separates the cells of the file. */
  readonly separator: string;
  readonly work: string;
}

/**
 * Checks a CSV file while it is read, and parts its rows in the same pass; undefined when its contract asks for more than
 * one pass can tell.
 */
export async function maybeCheckInOnePass(options: OnePassOptions): Promise<FoundParts | undefined> {
  const { separator, recordBytesMax, contractOf, work } = options;
  const progress = new Progress(options.onProgress);
  const source = openSource(options.path, { ...options, onProgress: (share) => progress.read(share) });
  const blocks = source.blocks();
  try {
    const header = await readHeader(blocks, { delimiter: separator, recordBytesMax });
    const contract = contractOf(header.names ?? []);
    const match = matchHeader(contract, header.names ?? []);
    if (header.names === undefined || isMissingIds(contract, match)) return undefined;
    const plan = maybeSweepPlan(contract, {
      ...{ header: match, delimiters: { from: separator, to: contract.delimiter } },
      ...{ recordBytesMax, hasReturns: header.hasReturn },
    });
    if (plan === undefined) return undefined;
    const wholeFile = headerViolations(contract, match, 0);
    const found = await sweep({
      ...{ plan, blocks, header, names: match.names, delimiter: contract.delimiter, folder: work },
      keepsLines: options.keepsLines === true,
      everyRow: wholeFile.filter(({ severity }) => severity === 'fail').map(reasonOf),
      threads: (await stat(options.path)).size < THREADED_BYTES_MIN ? 0 : threadsOf(),
      signal: options.signal,
      onBlock: () => progress.write(),
    });
    return await outcomeOf(found, { ...options, plan, contract, match, source, names: header.names });
  } catch (error) {
    if (!(error instanceof KeysTooLargeError)) throw error;
    // DuckDB compares them on disk, once the file is read again.
    for (const name of await readdir(work)) await rm(path.join(work, name));
    return undefined;
  } finally {
    await blocks.return();
  }
}

/** A share of the work is done when its bytes are read and their rows are written; both count the same. */
class Progress {
  readonly #onProgress: ((share: number) => void) | undefined;
  #read = 0;
  #written = 0;

  constructor(onProgress: ((share: number) => void) | undefined) {
    this.#onProgress = onProgress;
  }

  read(share: number): void {
    this.#read = share;
    this.#tell();
  }

  /** All that was read is written. */
  write(): void {
    this.#written = this.#read;
    this.#tell();
  }

  #tell(): void {
    this.#onProgress?.((this.#read + this.#written) / 2);
  }
}

/** Whether rows get ids, which begin with the digest of the whole file. */
function isMissingIds(contract: Contract, { missing }: HeaderMatch): boolean {
  return missing.some((name) => {
    const column = contract.columns[name];
    return column?.kind === 'text' && column.generated === true;
  });
}

interface Swept extends OnePassOptions {
  readonly plan: PlannedSweep;
  readonly contract: Contract;
  readonly match: HeaderMatch;
  readonly source: Source;
  readonly names: readonly string[];
}

async function outcomeOf(found: Sweep, swept: Swept): Promise<FoundParts> {
  const { plan, contract, match, source, names, work } = swept;
  const rowsIn = found.rows.good + found.rows.bad + found.rows.rejected;
  const evaluation = { flags: plan.flags, columns: plan.columns, counts: countsOf(found, plan), tables: [] };
  const { digest, sizeBytes } = source.facts();
  const examples = examplesOf(plan.flags, { samples: found.samples, contract, header: match, at: 'line' });
  const violations = [
    ...structureViolations({ header: names, ...found }, { rowsIn, contract }),
    ...headerViolations(contract, match, found.records),
    ...rowViolations(evaluation, { rowsIn, examples }),
  ];
  const facts = { rows: { in: rowsIn, ...found.rows }, violations, verdict: verdictOf(violations) };
  const criticality = criticalityOf(facts, contract.criticality);
  const unchecked = contract.unchecked ?? [];
  const result = {
    ...{ contract: contract.name, file: swept.name ?? path.basename(swept.path), digest, sizeBytes, ...facts },
    ...(criticality === undefined ? {} : { criticality }),
    expectations: evaluated(evaluation, found.records),
    columns: columnFacts(evaluation, contract),
    ...(unchecked.length === 0 ? {} : { unchecked }),
    summary: summaryOf({ ...facts, unchecked }),
  };
  const has = { good: found.rows.good > 0, bad: found.rows.bad > 0, rejected: found.rows.rejected > 0 };
  return {
    result,
    parts: {
      ...(has.good ? { good: await goodPart(contract, { header: match, work }) } : {}),
      ...(has.good && swept.keepsLines === true ? { lines: found.files.lines } : {}),
      ...(has.bad ? { bad: found.files.bad } : {}),
      ...(has.rejected ? { rejected: found.files.rejected } : {}),
    },
  };
}

/** The counts as statements of DuckDB give them. */
function countsOf({ counts, columns, records }: Sweep, plan: PlannedSweep): Readonly<Record<string, number | null>> {
  const named: [string, number | null][] = [['rows', records]];
  for (const [bit, count] of counts.entries()) named.push([`v${bit}`, count]);
  for (const [index, nulls] of columns.nulls.entries()) {
    const summands = columns.summands[index] ?? 0;
    named.push([`n${index}`, nulls]);
    if (plan.columns[index]?.hasMean)
      named.push([`a${index}`, summands === 0 ? null : (columns.sum[index] ?? 0) / summands]);
  }
  return Object.fromEntries(named);
}
