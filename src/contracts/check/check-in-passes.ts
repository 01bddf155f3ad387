import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { UndecodableError } from '../scan/undecodable-error.ts';
import { KeysTooLargeError } from '../sweep/keys-too-large-error.ts';
import type { RowBit } from '../sweep/sweep-plan.ts';
import type { FoundParts } from './check-outcome.ts';
import { NOTHING_FOUND, type SqlEvaluation } from './evaluate.ts';
import { type Flag, isFailing, MASK_BITS, settled } from './flags.ts';
import { failingReasons } from './header-violations.ts';
import { judgeBySql } from './judge-by-sql.ts';
import { LateRows } from './late-rows.ts';
import { byPlace, type JudgedPass, outcomeOf } from './outcome-of.ts';
import { partAgain } from './part-again.ts';
import { bitsOf, type Late, maybePass, NOTHING_LATE, type Pass, type PassOptions } from './pass.ts';
import { maybeAnswers } from './pass-counts.ts';
import { reasonOf } from './reason-of.ts';

/**
 * Checks a file while it is read, and parts its rows in the same pass; undefined when it has no header, or rows lack their
 * ids. What only SQL decides is asked once the pass is over, of a file with only the columns that it reads. When it finds
 * something wrong with rows, or the file as a whole turns out to fail, the rows are parted in a second pass.
 *
 * @throws UndecodableError when the first line cannot be read, or the file changes between two readings.
 */
export async function maybeCheckInPasses(options: PassOptions): Promise<FoundParts | undefined> {
  const progress = new Progress(options.onProgress);
  const told = await maybeFirstPass(options, progress);
  if (told === undefined) return undefined;
  const { pass: first, isOfRowsOnly, tables } = told;
  const sql = await askSql(first, options, progress);
  const judged = { ...options, pass: first, tables, sql, flags: settledFlags(first) };
  const late = lateOf({ ...judged, counts: first.found.counts });
  if (!isLate(late)) {
    progress.end();
    return outcomeOf(judged);
  }
  progress.begin(SECOND_SHARE, 1);
  const { notes } = first.asked ?? {};
  const isOfRows = late.reasons.length + late.bits.size === 0;
  if (isOfRows && notes !== undefined) return outcomeOf(await partedAgain({ judged, notes, late }, options, progress));
  await removeFiles(options.work);
  const rows = new LateRows(sql.flagged, sql.flags);
  try {
    const running = { late: { ...late, rows }, isOfRowsOnly, isAsked: false };
    const pass = await maybePass({ ...options, source: undefined }, { ...running, ...progress.ofPass });
    if (pass?.facts.digest === first.facts.digest) return outcomeOf({ ...judged, pass });
  } finally {
    await rows.close();
  }
  throw new UndecodableError('The file changed while it was read: its second reading is not its first.');
}

/** Parts the rows of a pass once more, with what SQL found wrong with them. */
async function partedAgain(
  { judged, notes, late }: { readonly judged: JudgedPass; readonly notes: string; readonly late: Late },
  { work, signal }: PassOptions,
  progress: Progress,
): Promise<JudgedPass> {
  const { pass, sql, flags } = judged;
  const folder = path.join(work, 'parted');
  await mkdir(folder);
  const noted = { counts: {}, firstMask: 0, rows: notes };
  const violations = new LateRows([noted, ...sql.flagged], [...flags, ...sql.flags]);
  const { names } = pass.header;
  try {
    const parted = await partAgain({
      ...{ parted: pass.files, passBits: pass.plan.bits, bits: bitsOf(pass.plan, late), violations },
      ...{ folder, names, delimiter: pass.contract.delimiter, signal, onProgress: (share) => progress.tell(share) },
    });
    const replaced = [...Object.values(pass.files.paths), notes];
    await Promise.all(replaced.map((file) => rm(file, { force: true })));
    return { ...judged, ...parted };
  } finally {
    await violations.close();
  }
}

interface Told {
  readonly pass: Pass;
  readonly isOfRowsOnly: boolean;
  /** The answers that its counts give. */
  readonly tables: JudgedPass['tables'];
}

/** A pass that tells all that it should; where keys take too much memory or counts are not enough, of rows only. */
async function maybeFirstPass(options: PassOptions, progress: Progress): Promise<Told | undefined> {
  const running = { late: NOTHING_LATE, isAsked: true, ...progress.ofPass };
  const pass = await maybePass(options, { ...running, isOfRowsOnly: false }).catch((error: unknown) => {
    if (error instanceof KeysTooLargeError) return 'too-large' as const;
    throw error;
  });
  if (pass === undefined) return undefined;
  const tables = pass === 'too-large' ? undefined : maybeAnswers(pass.found, { ...pass, others: options.others });
  if (pass !== 'too-large' && tables !== undefined) return { pass, isOfRowsOnly: false, tables };
  await removeFiles(options.work);
  const ofRows = await maybePass({ ...options, source: undefined }, { ...running, isOfRowsOnly: true });
  return ofRows && { pass: ofRows, isOfRowsOnly: true, tables: [] };
}

/** What DuckDB says of the columns that it is asked about. */
async function askSql(pass: Pass, options: PassOptions, progress: Progress): Promise<SqlEvaluation> {
  const { asked, plan, found } = pass;
  if (asked === undefined) return NOTHING_FOUND;
  progress.begin(SQL_SHARE, SECOND_SHARE);
  const sql = await judgeBySql({
    ...{ contract: pass.contract, header: pass.header, plan: asked.plan, narrow: asked.narrow, file: asked.file },
    ...{ rows: found.records, recordBytesLongest: found.narrowLongest, work: options.work, others: options.others },
    proven: provenNumbers(pass),
    ...{ firstMask: Math.ceil(plan.bits.length / MASK_BITS), duckdb: options.duckdb, signal: options.signal },
    onProgress: (share) => progress.tell(share),
  });
  await rm(asked.file);
  return sql;
}

/** Columns of which the pass found that each cell is a number or empty. */
export function provenNumbers({
  plan,
  found,
}: {
  readonly plan: Pick<Pass['plan'], 'flags'>;
  readonly found: Pick<Pass['found'], 'counts'>;
}): ReadonlySet<string> {
  const names = plan.flags.flatMap(({ bit, expectation: { rule } }) => {
    const isOfNumbers = rule?.over === 'cell' && rule.test === 'kind' && rule.kind === 'number';
    return isOfNumbers && rule.where === undefined && found.counts[bit] === 0 ? [rule.column] : [];
  });
  return new Set(names);
}

/** The flags of a pass, once it is known which are tolerated. */
function settledFlags({ plan, found }: Pass): readonly Flag[] {
  return settled(plan.flags, { rows: found.records, violating: ({ bit }) => found.counts[bit] ?? 0 });
}

const isLate = ({ reasons, bits, rowBits }: Late): boolean => reasons.length + bits.size + rowBits.size > 0;

/** What is known once a pass is over, and what SQL said. */
export function lateOf({
  tables,
  sql,
  flags,
  counts,
}: Pick<JudgedPass, 'tables' | 'sql' | 'flags'> & { readonly counts: Uint32Array }): Late {
  const violating = sql.flags.some(({ bit }) => (sql.counts[`v${bit}`] ?? 0) > 0);
  return {
    reasons: failingReasons([...tables, ...sql.tables].sort(byPlace).flatMap(({ violation }) => violation ?? [])),
    bits: missedTolerances(flags, counts),
    rows: undefined,
    rowBits: new Map(violating ? sql.flags.map((flag) => [flag.bit, rowBitOf(flag)]) : []),
  };
}

function rowBitOf(flag: Flag): RowBit {
  return { isFailing: isFailing(flag), reason: reasonOf(flag.expectation), place: flag.place };
}

/** The bits of expectations that tolerate some rows, and that more rows violate. */
function missedTolerances(flags: readonly Flag[], counts: Uint32Array): ReadonlySet<number> {
  const missed = flags.filter((flag) => flag.expectation.atLeast !== undefined && isFailing(flag));
  return new Set(missed.map(({ bit }) => bit).filter((bit) => (counts[bit] ?? 0) > 0));
}

/** Removes what a pass left; folders hold what others left. */
async function removeFiles(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true });
  await Promise.all(entries.filter((entry) => entry.isFile()).map(({ name }) => rm(path.join(folder, name))));
}

/** The shares of the work at which DuckDB begins, and a second pass. */
const SQL_SHARE = 0.5;
const SECOND_SHARE = 0.6;

/** A share of the work is done when its bytes are read and their rows are written; both count the same. */
class Progress {
  readonly #onProgress: ((share: number) => void) | undefined;
  #from = 0;
  #to = 1;
  #read = 0;
  #written = 0;

  constructor(onProgress: ((share: number) => void) | undefined) {
    this.#onProgress = onProgress;
  }

  /** What comes next are these shares of the work. */
  begin(from: number, to: number): void {
    this.#from = from;
    this.#to = to;
    this.#read = this.#written = 0;
  }

  readonly ofPass = {
    onPlanned: (isAsked: boolean): void => {
      if (isAsked) this.#to = SQL_SHARE;
    },
    onRead: (share: number): void => {
      this.#read = share;
      this.tell((this.#read + this.#written) / 2);
    },
    /** All that was read is written. */
    onWritten: (): void => {
      this.#written = this.#read;
      this.tell(this.#written);
    },
  };

  /** Nothing more comes. */
  end(): void {
    this.#onProgress?.(1);
  }

  /** So much of it is done. */
  tell(share: number): void {
    this.#onProgress?.(this.#from + (this.#to - this.#from) * share);
  }
}
