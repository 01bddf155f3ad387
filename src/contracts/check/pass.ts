import { open } from 'node:fs/promises';
import path from 'node:path';
import type { ViolationExample } from '../check-result.ts';
import { coercedColumns } from '../coercions/coerced-columns.ts';
import type { Coerced } from '../coercions/coercion.ts';
import { GROUP_COLUMNS } from '../column-groups.ts';
import type { Contract } from '../contract.ts';
import { convertsValues, type Form, isDefaultBehindHeader } from '../format/form.ts';
import { canonicalBlocks } from '../scan/canonical-records.ts';
import type { FormColumns } from '../scan/form-scanner.ts';
import { LineMarkReader } from '../scan/line-marks.ts';
import type { Scan } from '../scan/scan-csv.ts';
import { openSource, type Source, type SourceFacts } from '../scan/source.ts';
import { threadsFor } from '../sweep/block-threads.ts';
import { readHeader } from '../sweep/header.ts';
import { KeyFiles } from '../sweep/key-files.ts';
import type { LateBits } from '../sweep/late-bits.ts';
import { RowFiles } from '../sweep/row-files.ts';
import { RowNotes } from '../sweep/row-notes.ts';
import { type Sweep, sweep } from '../sweep/sweep.ts';
import type { RowBit } from '../sweep/sweep-plan.ts';
import type { CheckFileOptions } from './check-file-options.ts';
import { MASK_BITS } from './flags.ts';
import { failingReasons, headerViolations } from './header-violations.ts';
import { type HeaderMatch, matchHeader } from './match-header.ts';
import { type NarrowColumns, narrowColumns } from './narrow-columns.ts';
import type { OtherDataset } from './other-datasets.ts';
import { type CheckPlan, planGroups } from './plan-groups.ts';
import { type PlannedSweep, planSweep } from './plan-sweep.ts';
import { Remembered } from './remembered.ts';

export interface PassOptions extends Omit<CheckFileOptions, 'contract' | 'contractFor'> {
  /** The contract for a file whose columns have these names. */
  readonly contractOf: (names: readonly string[]) => Contract;
  /** What separates the cells of the file. */
  readonly separator: string;
  /** Of a file that is not in the default form, whose columns may be named by their places. */
  readonly form: Form | undefined;
  readonly namesOf: NonNullable<FormColumns['namesOf']>;
  readonly work: string;
  /** What examples count in the file. */
  readonly at: ViolationExample['at'];
  readonly others: readonly OtherDataset[];
  /** The file, of which nothing but the first line was read; it is opened unless set. */
  readonly source?: Source | undefined;
  /** Of a file that is a part of a set: the seed of the hashes of its keys, which stay in the work folder. */
  readonly keySeed?: number | undefined;
  /** What is read instead, of a file whose own bytes are no rows of the check. */
  readonly copy?: RowsCopy | undefined;
}

/** The rows of a file as canonical CSV. */
export interface RowsCopy {
  readonly scan: Scan;
  readonly header: HeaderMatch;
  /** How many of their cells were changed. */
  readonly coerced: Coerced | undefined;
}

/** What is known before the rows are read again. */
export interface Late {
  /** Why none of them is good. */
  readonly reasons: readonly string[];
  /** Expectations that tolerate fewer rows than violate them. */
  readonly bits: ReadonlySet<number>;
  /** What SQL found wrong with rows, and the meaning of its bits. */
  readonly rows: LateBits | undefined;
  readonly rowBits: ReadonlyMap<number, RowBit>;
}

export const NOTHING_LATE: Late = { reasons: [], bits: new Set(), rows: undefined, rowBits: new Map() };

export interface RunPassOptions {
  readonly late: Late;
  /** Whether SQL decides keys and what counts decide. */
  readonly isOfRowsOnly: boolean;
  /** Whether the columns that SQL reads are written beside. */
  readonly isAsked: boolean;
  /** Called before the reading, with whether SQL will be asked. */
  readonly onPlanned: (isAsked: boolean) => void;
  /** Called with the share of the file that is read, and when the rows of what was read are written. */
  readonly onRead: (share: number) => void;
  readonly onWritten: () => void;
}

/** One reading of a file: what it found, and left in the work folder. */
export interface Pass {
  readonly plan: PlannedSweep;
  readonly contract: Contract;
  /** The names of the columns as the file spells them. */
  readonly names: readonly string[];
  readonly header: HeaderMatch;
  readonly found: Sweep;
  readonly files: RowFiles;
  readonly facts: Pick<SourceFacts, 'digest' | 'sizeBytes'>;
  /** Undefined where everything is decided without SQL. */
  readonly asked: AskedColumns | undefined;
}

/** What SQL is asked, and the file with the columns that it reads. */
export interface AskedColumns {
  readonly plan: CheckPlan;
  readonly narrow: NarrowColumns;
  readonly file: string;
  /** Where it is written down what rows violate, if SQL is asked about rows; where they can be parted again. */
  readonly notes: string | undefined;
}

const plans = new Remembered<PlannedSweep>();

/** Checks the rows of a file while it is read, and parts them; undefined when it has no header, or rows lack their ids. */
export async function maybePass(options: PassOptions, running: RunPassOptions): Promise<Pass | undefined> {
  const { contractOf, work, form, namesOf, copy, separator } = options;
  const { late, isAsked, isOfRowsOnly } = running;
  const recordBytesMax = copy === undefined ? options.recordBytesMax : COPIED_BYTES_MAX;
  const { blocks, facts, sizeBytes, close } = await opened(options, running.onRead);
  const marks = copy && (await LineMarkReader.open(copy.scan.files.lineMarks));
  try {
    const first = await readHeader(blocks, { delimiter: separator, recordBytesMax, form, namesOf });
    const contract = contractOf(first.names ?? []);
    const header = copy?.header ?? matchHeader(contract, first.names ?? []);
    if (first.names === undefined || isMissingIds(contract, header)) return undefined;
    const { delimiter } = contract;
    const isForm = form !== undefined && !isDefaultBehindHeader(form);
    // Blocks of another form are written with the delimiter of the contract before anything looks at them.
    const from = isForm ? delimiter : separator;
    const hasReturns = first.hasReturn && !isForm;
    const { keySeed: seed } = options;
    const planning = { delimiters: { from, to: delimiter }, recordBytesMax, hasReturns, isOfRowsOnly, seed };
    const plan = plans.get(contract, [header.names, planning], () => planSweep(contract, { header, ...planning }));
    const bits = bitsOf(plan, late);
    const everyRow = [...failingReasons(headerViolations(contract, header, 0)), ...late.reasons];
    // Where bad rows have other texts than their values, or every row is bad, rows are read again.
    const isKept = everyRow.length === 0 && !(isForm && convertsValues(form));
    const asked = isAsked ? maybeAsked(plan, { ...options, contract, header, isKept }) : undefined;
    running.onPlanned(asked !== undefined);
    const { notes } = asked ?? {};
    const files = new RowFiles({
      ...{ folder: work, names: header.names, delimiter, bits, everyRow },
      keepsLines: options.keepsLines === true || notes !== undefined,
      notes: notes === undefined ? undefined : new RowNotes(notes, { bits: bits.length, maskBits: MASK_BITS }),
      keepsBadValues: isForm && convertsValues(form) && plan.kernel.keys.length > 0,
      leavesBadValues: seed !== undefined,
    });
    const kinds = header.names.map((name) => contract.columns[name]?.kind);
    const coerced = coercedColumns(contract, header.names);
    const found = await sweep({
      plan: {
        ...plan,
        ...{ bits, narrow: asked?.narrow.places },
        form: isForm ? { form, header: first.names, kinds, coerced } : undefined,
      },
      ...{ blocks, header: first, sink: files, delimiter, rejects: rejectsIn(work), isEachBad: everyRow.length > 0 },
      words: seed === undefined || !isAsked ? undefined : new KeyFiles(work, plan.kernel),
      ...{ narrow: asked && { path: asked.file, names: asked.narrow.names }, late: late.rows, marks },
      ...{ threads: threadsFor(sizeBytes()), signal: options.signal, onBlock: running.onWritten },
    });
    const names = copy?.scan.header ?? first.names;
    return { plan, contract, names, header, found, files, facts: facts(), asked };
  } finally {
    await blocks.return();
    await Promise.all([close(), marks?.close()]);
  }
}

/** A canonical record may be longer than one of the file, and no scanner has to be kept from holding it. */
const COPIED_BYTES_MAX = 2 ** 31 - 1;

/** The file with the columns that SQL reads. */
export const narrowFile = (work: string): string => path.join(work, 'narrow.csv');
export const rejectsIn = (work: string): string => path.join(work, 'rejected.jsonl');

interface Opened {
  readonly blocks: AsyncGenerator<Buffer, void, undefined>;
  readonly facts: () => Pass['facts'];
  readonly sizeBytes: () => number;
  readonly close: () => Promise<void>;
}

async function opened(options: PassOptions, onProgress: (share: number) => void): Promise<Opened> {
  const { copy } = options;
  if (copy === undefined) {
    const source = options.source ?? openSource(options.path, options);
    return {
      blocks: source.blocks(onProgress),
      facts: () => source.facts(),
      sizeBytes: () => source.sizeBytes,
      close: async () => {},
    };
  }
  const { canonical } = copy.scan.files;
  const file = await open(canonical);
  const { size } = await file.stat();
  return {
    blocks: canonicalBlocks(file),
    facts: () => copy.scan.source,
    sizeBytes: () => size,
    close: () => file.close(),
  };
}

function maybeAsked(
  { asked }: PlannedSweep,
  options: PassOptions & { readonly contract: Contract; readonly header: HeaderMatch; readonly isKept: boolean },
): AskedColumns | undefined {
  if (asked.conditions.length + asked.tables.length === 0) return undefined;
  const { contract, header, groupColumns = GROUP_COLUMNS, work, isKept } = options;
  const plan = planGroups(asked, { contract, header, groupColumns });
  return {
    ...{ plan, narrow: narrowColumns(plan, header), file: narrowFile(work) },
    notes: isKept && asked.conditions.length > 0 ? path.join(work, 'notes') : undefined,
  };
}

/** The meaning of the bits, once it is known which are not tolerated and what else was found. */
export function bitsOf({ bits }: PlannedSweep, late: Late): readonly RowBit[] {
  const own = bits.map((bit, index) => (late.bits.has(index) ? { ...bit, isFailing: true } : bit));
  const length = Math.max(own.length, ...[...late.rowBits.keys()].map((bit) => bit + 1));
  return Array.from({ length }, (_, bit) => own[bit] ?? late.rowBits.get(bit) ?? NO_BIT);
}

/** Between the bits of a pass and those of SQL. */
const NO_BIT: RowBit = { isFailing: false, reason: '', isHidden: true };

/** Whether rows get ids, which begin with the digest of the whole file. */
function isMissingIds(contract: Contract, { missing }: HeaderMatch): boolean {
  return missing.some((name) => {
    const column = contract.columns[name];
    return column?.kind === 'text' && column.generated === true;
  });
}
