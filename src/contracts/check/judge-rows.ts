import { mkdir, open, stat } from 'node:fs/promises';
import path from 'node:path';
import type { DuckdbPool } from '#store';
import { GROUP_COLUMNS } from '../column-groups.ts';
import type { Contract } from '../contract.ts';
import { canonicalBlocks } from '../scan/canonical-records.ts';
import type { Scan } from '../scan/scan-csv.ts';
import { threadsFor } from '../sweep/block-threads.ts';
import { readHeader } from '../sweep/header.ts';
import { KeysTooLargeError } from '../sweep/keys-too-large-error.ts';
import { RowFlags } from '../sweep/row-flags.ts';
import { sweep } from '../sweep/sweep.ts';
import { type Evaluation, evaluatePlan } from './evaluate.ts';
import { isFailing, MASK_BITS, masksOf, settled } from './flags.ts';
import type { HeaderMatch } from './match-header.ts';
import type { OtherDataset } from './other-datasets.ts';
import { countsOf, maybeAnswers } from './pass-counts.ts';
import { planGroups } from './plan-groups.ts';
import { type PlannedSweep, planSweep } from './plan-sweep.ts';

export interface JudgeOptions {
  readonly contract: Contract;
  readonly header: HeaderMatch;
  readonly scan: Pick<Scan, 'files' | 'records' | 'recordBytesLongest'>;
  readonly work: string;
  readonly duckdb: DuckdbPool;
  readonly groupColumns?: number | undefined;
  readonly others: readonly OtherDataset[];
  readonly signal?: AbortSignal | undefined;
  /** Called with the share that is judged, 0 to 1. */
  readonly onProgress: (share: number) => void;
}

/** A canonical record may be longer than one of the file, and no scanner has to be kept from holding it. */
const RECORD_BYTES_MAX = 2 ** 31 - 1;

/**
 * Evaluates a contract over the canonical copy of a file: what rows and counts decide in one pass, and only the rest by
 * DuckDB.
 */
export async function judgeRows(options: JudgeOptions): Promise<Evaluation> {
  const { contract, header, onProgress } = options;
  const delimiters = { from: contract.delimiter, to: contract.delimiter };
  const planning = { header, delimiters, recordBytesMax: RECORD_BYTES_MAX, hasReturns: false };
  const all = planSweep(contract, planning);
  const first = await maybePass(all, { ...options, folder: 'first-pass' });
  const plan = first === undefined ? planSweep(contract, { ...planning, isOfRowsOnly: true }) : all;
  const own = first ?? (await maybePass(plan, { ...options, folder: 'second-pass' }));
  if (own === undefined) throw new Error('Expected a pass that decides rows alone to need no more than rows.');
  onProgress(PASS_SHARE);
  const { asked } = plan;
  if (asked.conditions.length + asked.tables.length === 0) return own;
  const groups = planGroups(contract, { header, groupColumns: options.groupColumns ?? GROUP_COLUMNS, asked });
  const firstMask = masksOf(plan.flags, 0).length;
  const { duckdb, scan, work, signal } = options;
  const rest = await duckdb.use(
    (connection) =>
      evaluatePlan(connection, {
        ...{
          plan: groups,
          contract,
          header,
          work,
          firstMask,
          others: options.others,
          file: scan.files.canonical,
          rows: scan.records,
        },
        recordBytesLongest: scan.recordBytesLongest,
        onProgress: (share) => onProgress(PASS_SHARE + (1 - PASS_SHARE) * share),
      }),
    signal === undefined ? {} : { signal },
  );
  return joined(own, rest);
}

/** Of the work, where DuckDB has something to do too. */
const PASS_SHARE = 0.3;

function joined(one: Evaluation, other: Evaluation): Evaluation {
  const byPlace = (a: { readonly place: number }, b: { readonly place: number }): number => a.place - b.place;
  return {
    failures: one.failures,
    flags: [...one.flags, ...other.flags].sort(byPlace),
    columns: one.columns,
    counts: { ...one.counts, ...other.counts },
    flagged: [...one.flagged, ...other.flagged],
    tables: [...one.tables, ...other.tables].sort(byPlace),
  };
}

/** What one pass tells; undefined where its counts are not enough, or its keys take more memory than they may. */
async function maybePass(
  plan: PlannedSweep,
  options: JudgeOptions & { readonly folder: string },
): Promise<Evaluation | undefined> {
  const { contract, scan, signal } = options;
  const work = path.join(options.work, options.folder);
  await mkdir(work);
  const { canonical } = scan.files;
  const { delimiter } = contract;
  const file = await open(canonical);
  try {
    const blocks = canonicalBlocks(file);
    const header = await readHeader(blocks, { delimiter, recordBytesMax: RECORD_BYTES_MAX });
    const rows = path.join(work, 'flagged-rows');
    const failing = new Set(plan.flags.filter(isFailing).map(({ bit }) => bit));
    const sink = new RowFlags({
      ...{ path: rows, canonical, firstRow: header.offset, delimiter, maskBits: MASK_BITS },
      ...{ masks: masksOf(plan.flags, 0).length, isFailing: (bit) => failing.has(bit) },
    });
    const found = await sweep({
      // A row with any bit is told, because DuckDB may find it bad.
      plan: { ...plan, bits: plan.bits.map((bit) => ({ ...bit, isFailing: true })) },
      ...{ blocks, header, sink, delimiter, isEachBad: false, rejects: path.join(work, 'no-rows'), signal },
      threads: threadsFor((await stat(canonical)).size),
      onBlock: () => {},
    });
    const tables = maybeAnswers(found, { plan, contract, others: options.others });
    if (tables === undefined) return undefined;
    const counts = { ...countsOf(found, plan), bad: sink.bad };
    const firsts = new Map([...found.samples].map(([bit, samples]) => [bit, samples.map(({ row }) => row)]));
    return {
      flags: settled(plan.flags, { rows: found.records, violating: ({ bit }) => found.counts[bit] ?? 0 }),
      columns: plan.columns,
      counts,
      failures: found.failures,
      flagged: [{ counts, firstMask: 0, rows, firsts }],
      tables,
    };
  } catch (error) {
    if (error instanceof KeysTooLargeError) return undefined;
    throw error;
  } finally {
    await file.close();
  }
}
