import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Violation } from '../check-result.ts';
import type { Contract } from '../contract.ts';
import { openSource, type Source } from '../scan/source.ts';
import { UndecodableError } from '../scan/undecodable-error.ts';
import { threadsOf } from '../sweep/block-threads.ts';
import { readHeader } from '../sweep/header.ts';
import { KeysTooLargeError } from '../sweep/keys-too-large-error.ts';
import { type Sweep, sweep } from '../sweep/sweep.ts';
import type { CheckFileOptions } from './check-file-options.ts';
import type { FoundParts } from './check-outcome.ts';
import { criticalityOf, verdictOf } from './criticality.ts';
import { answerOf, columnFacts, evaluated, rowViolations, type TableAnswer } from './evaluate.ts';
import { examplesOf } from './examples.ts';
import { type Flag, isFailing, settled } from './flags.ts';
import { goodPart } from './good-part.ts';
import { headerViolations } from './header-violations.ts';
import { type HeaderMatch, matchHeader } from './match-header.ts';
import { mayReveal } from './may-reveal.ts';
import { type PlannedSweep, planSweep } from './plan-sweep.ts';
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
 * one pass can tell. When the file as a whole turns out to fail, it is read once more, as no row is good then.
 *
 * @throws UndecodableError when the first line cannot be read, or the file changes between two readings.
 */
export async function maybeCheckInOnePass(options: OnePassOptions): Promise<FoundParts | undefined> {
  const progress = new Progress(options.onProgress);
  const first = await maybePass({ ...options, progress, late: NOTHING });
  if (first === undefined || !isLate(first.foundLate)) return first && outcomeOf(first);
  await emptyFolder(options.work);
  const second = await maybePass({ ...options, progress, late: first.foundLate });
  if (second?.source.facts().digest === first.source.facts().digest) return outcomeOf(second);
  throw new UndecodableError('The file changed while it was read: its second reading is not its first.');
}

interface PassOptions extends OnePassOptions {
  readonly progress: Progress;
  /** What an earlier pass found out at its end. */
  readonly late: Late;
}

/** What is known at the end of a pass, and decides which of its rows are good. */
interface Late {
  /** Why none is. */
  readonly reasons: readonly string[];
  /** Of expectations that tolerate fewer rows than violate them. */
  readonly bits: ReadonlySet<number>;
}

const NOTHING: Late = { reasons: [], bits: new Set() };

const isLate = ({ reasons, bits }: Late): boolean => reasons.length + bits.size > 0;

async function maybePass(options: PassOptions): Promise<Swept | undefined> {
  const { separator, recordBytesMax, contractOf, work, progress, late } = options;
  const source = openSource(options.path, { ...options, onProgress: (share) => progress.read(share) });
  const blocks = source.blocks();
  try {
    const header = await readHeader(blocks, { delimiter: separator, recordBytesMax });
    const contract = contractOf(header.names ?? []);
    const match = matchHeader(contract, header.names ?? []);
    if (header.names === undefined || isMissingIds(contract, match)) return undefined;
    const planned = planSweep(contract, {
      ...{ header: match, delimiters: { from: separator, to: contract.delimiter } },
      ...{ recordBytesMax, hasReturns: header.hasReturn },
    });
    const plan = {
      ...planned,
      bits: planned.bits.map((bit, index) => (late.bits.has(index) ? { ...bit, isFailing: true } : bit)),
    };
    if (plan.asked.conditions.length + plan.asked.tables.length > 0) return undefined;
    const found = await sweep({
      ...{ plan, blocks, header, names: match.names, delimiter: contract.delimiter, folder: work },
      keepsLines: options.keepsLines === true,
      everyRow: [...failingReasons(headerViolations(contract, match, 0)), ...late.reasons],
      threads: (await stat(options.path)).size < THREADED_BYTES_MIN ? 0 : threadsOf(),
      signal: options.signal,
      onBlock: () => progress.write(),
    });
    const tables = maybeAnswers(found, { plan, contract });
    if (tables === undefined) return undoneIn(work);
    const flags = settled(plan.flags, { rows: found.records, violating: ({ bit }) => found.counts[bit] ?? 0 });
    const foundLate = {
      reasons: failingReasons(tables.flatMap(({ violation }) => violation ?? [])),
      bits: missedTolerances(flags, found.counts),
    };
    return { ...options, plan, flags, contract, match, source, names: header.names, found, tables, foundLate };
  } catch (error) {
    if (!(error instanceof KeysTooLargeError)) throw error;
    // DuckDB compares them on disk, once the file is read again.
    return undoneIn(work);
  } finally {
    await blocks.return();
  }
}

/** The bits of expectations that tolerate some rows, and that more rows violate. */
function missedTolerances(flags: readonly Flag[], counts: Uint32Array): ReadonlySet<number> {
  const missed = flags.filter((flag) => flag.expectation.atLeast !== undefined && isFailing(flag));
  return new Set(missed.map(({ bit }) => bit).filter((bit) => (counts[bit] ?? 0) > 0));
}

function failingReasons(violations: readonly Violation[]): readonly string[] {
  return violations.filter(({ severity }) => severity === 'fail').map(reasonOf);
}

/** The answers of the expectations of the whole file; undefined when some cannot be told from counts. */
function maybeAnswers(
  found: Sweep,
  { plan, contract }: { readonly plan: PlannedSweep; readonly contract: Contract },
): readonly TableAnswer[] | undefined {
  const answers: TableAnswer[] = [];
  for (const { expectation, place, answer } of plan.tables) {
    const given = answer(found);
    if (given === undefined) return undefined;
    const told = { ok: given.isMet, observed: given.observed ?? 'nothing' };
    const isHidden = mayReveal(expectation, contract);
    answers.push({ expectation, place, ...answerOf(expectation, { found: told, rows: found.records, isHidden }) });
  }
  return answers;
}

async function undoneIn(work: string): Promise<undefined> {
  await emptyFolder(work);
  return undefined;
}

async function emptyFolder(folder: string): Promise<void> {
  for (const name of await readdir(folder)) await rm(path.join(folder, name));
}

/** A share of the work is done when its bytes are read and their rows are written; both count the same. */
class Progress {
  readonly #onProgress: ((share: number) => void) | undefined;
  #read = 0;
  #written = 0;
  #told = 0;

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
    const share = (this.#read + this.#written) / 2;
    // A second reading begins at the beginning.
    if (share < this.#told) return;
    this.#told = share;
    this.#onProgress?.(share);
  }
}

/** Whether rows get ids, which begin with the digest of the whole file. */
function isMissingIds(contract: Contract, { missing }: HeaderMatch): boolean {
  return missing.some((name) => {
    const column = contract.columns[name];
    return column?.kind === 'text' && column.generated === true;
  });
}

interface Swept extends PassOptions {
  readonly plan: PlannedSweep;
  readonly contract: Contract;
  readonly match: HeaderMatch;
  readonly source: Source;
  readonly names: readonly string[];
  readonly found: Sweep;
  readonly tables: readonly TableAnswer[];
  /** The flags of the plan, once it is known which are tolerated. */
  readonly flags: readonly Flag[];
  readonly foundLate: Late;
}

async function outcomeOf(swept: Swept): Promise<FoundParts> {
  const { found, tables, plan, flags, contract, match, source, names, work } = swept;
  const rowsIn = found.rows.good + found.rows.bad + found.rows.rejected;
  const evaluation = { flags, columns: plan.columns, counts: countsOf(found, plan), tables };
  const { digest, sizeBytes } = source.facts();
  const examples = examplesOf(flags, { samples: found.samples, contract, header: match, at: 'line' });
  const violations = [
    ...structureViolations({ header: names, ...found }, { rowsIn, contract }),
    ...headerViolations(contract, match, found.records),
    ...tables.flatMap(({ violation }) => violation ?? []),
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
