import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Violation } from '../check-result.ts';
import { coercedColumns } from '../coercions/coerced-columns.ts';
import { CoercionCounts } from '../coercions/coercion-counts.ts';
import type { Contract } from '../contract.ts';
import { convertsValues, type Form, isDefaultBehindHeader } from '../format/form.ts';
import type { FormColumns } from '../scan/form-scanner.ts';
import { openSource, type Source } from '../scan/source.ts';
import { UndecodableError } from '../scan/undecodable-error.ts';
import { threadsFor } from '../sweep/block-threads.ts';
import type { FormPlan } from '../sweep/form-blocks.ts';
import { readHeader } from '../sweep/header.ts';
import { KeysTooLargeError } from '../sweep/keys-too-large-error.ts';
import { RowFiles } from '../sweep/row-files.ts';
import { type Sweep, sweep } from '../sweep/sweep.ts';
import type { CheckFileOptions } from './check-file-options.ts';
import type { FoundParts } from './check-outcome.ts';
import { criticalityOf, verdictOf } from './criticality.ts';
import { columnFacts, evaluated, rowViolations, type TableAnswer } from './evaluate.ts';
import { examplesOf } from './examples.ts';
import { type Flag, isFailing, settled } from './flags.ts';
import { goodPart } from './good-part.ts';
import { headerViolations } from './header-violations.ts';
import { type HeaderMatch, matchHeader } from './match-header.ts';
import type { OtherDataset } from './other-datasets.ts';
import { countsOf, maybeAnswers } from './pass-counts.ts';
import { type PlannedSweep, planSweep } from './plan-sweep.ts';
import { Remembered } from './remembered.ts';
import { reasonOf } from './split-rows.ts';
import { structureViolations } from './structure.ts';
import { summaryOf } from './summary.ts';

export interface OnePassOptions extends Omit<CheckFileOptions, 'contract' | 'contractFor' | 'duckdb'> {
  /** The contract for a file whose columns have these names. */
  readonly contractOf: (names: readonly string[]) => Contract;
  /** What separates the cells of the file. */
  readonly separator: string;
  /** The file, of which nothing but the first line was read. */
  readonly source: Source;
  /** Of a file that is not in the default form, whose columns may be named by their places. */
  readonly form: Form | undefined;
  readonly namesOf: FormColumns['namesOf'];
  readonly work: string;
  readonly others: readonly OtherDataset[];
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
  const source = openSource(options.path, options);
  const second = await maybePass({ ...options, source, progress, late: first.foundLate });
  if (second?.source.facts().digest === first.source.facts().digest) return outcomeOf(second);
  throw new UndecodableError('The file changed while it was read: its second reading is not its first.');
}

const plans = new Remembered<PlannedSweep>();

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
  const { source, recordBytesMax, contractOf, work, progress, late, form, namesOf } = options;
  const blocks = source.blocks((share) => progress.read(share));
  try {
    const header = await readHeader(blocks, { delimiter: options.separator, recordBytesMax, form, namesOf });
    const contract = contractOf(header.names ?? []);
    const match = matchHeader(contract, header.names ?? []);
    if (header.names === undefined || isMissingIds(contract, match)) return undefined;
    const { delimiter } = contract;
    const isForm = form !== undefined && !isDefaultBehindHeader(form);
    // Blocks of another form are written with the delimiter of the contract before anything looks at them.
    const from = isForm ? delimiter : options.separator;
    const planning = {
      delimiters: { from, to: delimiter },
      ...{ recordBytesMax, hasReturns: header.hasReturn && !isForm },
    };
    const planned = plans.get(contract, [header.names, planning], () => {
      return planSweep(contract, { header: match, ...planning });
    });
    const plan = {
      ...planned,
      bits: planned.bits.map((bit, index) => (late.bits.has(index) ? { ...bit, isFailing: true } : bit)),
      form: isForm ? formPlanOf(form, { contract, match, header: header.names }) : undefined,
    };
    if (plan.asked.conditions.length + plan.asked.tables.length > 0) return undefined;
    const everyRow = [...failingReasons(headerViolations(contract, match, 0)), ...late.reasons];
    const files = new RowFiles({
      ...{ folder: work, names: match.names, delimiter, bits: plan.bits, everyRow },
      keepsBadValues: isForm && convertsValues(form) && plan.kernel.keys.length > 0,
      keepsLines: options.keepsLines === true,
    });
    const rejects = path.join(work, 'rejected.jsonl');
    const found = await sweep({
      ...{ plan, blocks, header, sink: files, delimiter, rejects, isEachBad: everyRow.length > 0 },
      threads: threadsFor(source.sizeBytes),
      signal: options.signal,
      onBlock: () => progress.write(),
    });
    const tables = maybeAnswers(found, { plan, contract, others: options.others });
    if (tables === undefined) return undoneIn(work);
    const flags = settled(plan.flags, { rows: found.records, violating: ({ bit }) => found.counts[bit] ?? 0 });
    const foundLate = {
      reasons: failingReasons(tables.flatMap(({ violation }) => violation ?? [])),
      bits: missedTolerances(flags, found.counts),
    };
    return {
      ...options,
      plan,
      flags,
      contract,
      match,
      source,
      names: header.names,
      found,
      files,
      rejects,
      tables,
      foundLate,
    };
  } catch (error) {
    if (!(error instanceof KeysTooLargeError)) throw error;
    // DuckDB compares them on disk, once the file is read again.
    return undoneIn(work);
  } finally {
    await blocks.return();
  }
}

function formPlanOf(
  form: Form,
  {
    contract,
    match,
    header,
  }: { readonly contract: Contract; readonly match: HeaderMatch; readonly header: readonly string[] },
): FormPlan {
  const kinds = match.names.map((name) => contract.columns[name]?.kind);
  return { form, header, kinds, coerced: coercedColumns(contract, match.names) };
}

/** The bits of expectations that tolerate some rows, and that more rows violate. */
function missedTolerances(flags: readonly Flag[], counts: Uint32Array): ReadonlySet<number> {
  const missed = flags.filter((flag) => flag.expectation.atLeast !== undefined && isFailing(flag));
  return new Set(missed.map(({ bit }) => bit).filter((bit) => (counts[bit] ?? 0) > 0));
}

function failingReasons(violations: readonly Violation[]): readonly string[] {
  return violations.filter(({ severity }) => severity === 'fail').map(reasonOf);
}

async function undoneIn(work: string): Promise<undefined> {
  await emptyFolder(work);
  return undefined;
}

/** Removes what a pass wrote; other datasets have folders of their own. */
async function emptyFolder(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true });
  for (const entry of entries) if (entry.isFile()) await rm(path.join(folder, entry.name));
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

interface Swept extends PassOptions {
  readonly plan: PlannedSweep;
  readonly contract: Contract;
  readonly match: HeaderMatch;
  readonly source: Source;
  readonly names: readonly string[];
  readonly found: Sweep;
  readonly files: RowFiles;
  readonly rejects: string;
  readonly tables: readonly TableAnswer[];
  /** The flags of the plan, once it is known which are tolerated. */
  readonly flags: readonly Flag[];
  readonly foundLate: Late;
}

async function outcomeOf(swept: Swept): Promise<FoundParts> {
  const { found, files, rejects, tables, plan, flags, contract, match, source, names, work } = swept;
  const { good, bad, paths } = files;
  const rows = { in: good + bad + found.rejected, good, bad, rejected: found.rejected };
  const rowsIn = rows.in;
  const evaluation = { flags, columns: plan.columns, counts: countsOf(found, plan), tables, failures: found.failures };
  const { digest, sizeBytes } = source.facts();
  const examples = examplesOf(flags, { samples: found.samples, contract, header: match, at: 'line' });
  const violations = [
    ...structureViolations({ header: names, ...found }, { rowsIn, contract }),
    ...headerViolations(contract, match, found.records),
    ...tables.flatMap(({ violation }) => violation ?? []),
    ...rowViolations(evaluation, { rowsIn, examples, contract }),
  ];
  const facts = { rows, violations, verdict: verdictOf(violations) };
  const changed = new CoercionCounts();
  changed.addPlaced(match.names, found.coerced);
  const coerced = changed.maybeCoerced();
  const criticality = criticalityOf(facts, contract.criticality);
  const unchecked = contract.unchecked ?? [];
  const result = {
    ...{ contract: contract.name, file: swept.name ?? path.basename(swept.path), digest, sizeBytes, ...facts },
    ...(criticality === undefined ? {} : { criticality }),
    expectations: evaluated(evaluation, found.records),
    columns: columnFacts(evaluation, contract),
    ...(coerced === undefined ? {} : { coerced }),
    ...(unchecked.length === 0 ? {} : { unchecked }),
    summary: summaryOf({ ...facts, unchecked, coerced }),
  };
  const has = { good: good > 0, bad: bad > 0, rejected: rows.rejected > 0 };
  return {
    result,
    parts: {
      ...(has.good ? { good: await goodPart(contract, { header: match, work }) } : {}),
      ...(has.good && swept.keepsLines === true ? { lines: paths.lines } : {}),
      ...(has.bad ? { bad: paths.bad } : {}),
      ...(has.rejected ? { rejected: rejects } : {}),
    },
  };
}
