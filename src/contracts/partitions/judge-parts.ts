import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { CheckFileOptions } from '../check/check-file-options.ts';
import { lateOf, provenNumbers } from '../check/check-in-passes.ts';
import { NOTHING_FOUND, type SqlEvaluation, type TableAnswer } from '../check/evaluate.ts';
import { type Flag, MASK_BITS, settled } from '../check/flags.ts';
import { judgeBySql } from '../check/judge-by-sql.ts';
import { narrowColumns } from '../check/narrow-columns.ts';
import type { OtherDataset } from '../check/other-datasets.ts';
import type { Late } from '../check/pass.ts';
import { maybeAnswers } from '../check/pass-counts.ts';
import { planGroups } from '../check/plan-groups.ts';
import { GROUP_COLUMNS } from '../column-groups.ts';
import { addUp, type CountedSet } from './add-up.ts';
import { compareKeys, type KeyedPart } from './compare-keys.ts';
import { joinNarrow, type NarrowPart } from './join-narrow.ts';
import type { PartFindings } from './part-findings.ts';
import type { SetPlan } from './set-plan.ts';

export interface JudgePartsOptions extends Pick<CheckFileOptions, 'duckdb'> {
  readonly signal?: AbortSignal | undefined;
  readonly groupColumns?: number | undefined;
  readonly plans: SetPlan;
  /** In the order of the parts, with the folders that their passes filled. */
  readonly parts: readonly (PartFindings & { readonly folder: string })[];
  readonly others: readonly OtherDataset[];
  readonly work: string;
  readonly keyBytesMax?: number | undefined;
  readonly onProgress?: ((share: number) => void) | undefined;
}

/** What is true of the whole dataset, and of rows once they are compared with those of other parts. */
export interface JudgedSet {
  readonly found: CountedSet;
  readonly flags: readonly Flag[];
  readonly tables: readonly TableAnswer[];
  readonly sql: SqlEvaluation;
  /** What makes rows bad that their own pass found good; its bits are those of the set. */
  readonly late: Late;
  /** By part, files that say which rows repeat a key of an earlier part, with the bits of the part. */
  readonly notes: ReadonlyMap<number, readonly string[]>;
}

/** Judges a dataset by what the passes over its parts found; undefined when SQL has to count what they counted. */
export async function maybeJudgeParts(options: JudgePartsOptions): Promise<JudgedSet | undefined> {
  const { plans, parts, others } = options;
  const { plan, contract } = plans;
  const { repeats, notes } = await repeatsOf(options);
  const found = addUp(parts, { plans, repeats });
  const counted = maybeAnswers(found, { plan, contract, others });
  if (counted === undefined) return undefined;
  const sql = await askSql(options, found);
  const flags = settled(plan.flags, {
    rows: found.records,
    violating: ({ bit }) => found.counts[bit] ?? 0,
  });
  const late = lateOf({ tables: counted, sql, flags, counts: found.counts });
  return { found, flags, tables: counted, sql, late, notes };
}

/** By bit of the set, the rows whose key an earlier part has. */
async function repeatsOf({ plans, parts, keyBytesMax, signal }: JudgePartsOptions) {
  const { plan, contract } = plans;
  const repeats: number[] = [];
  const notes = new Map<number, readonly string[]>();
  for (const { bit } of plan.kernel.keys) {
    const keyed = parts.map(({ folder, rows }, at): KeyedPart => {
      const own = plans.parts[at];
      const index = own?.plan.kernel.keys.findIndex((key) => own.toSet[key.bit] === bit) ?? -1;
      const { bits = 0, keys = [] } = own?.plan.kernel ?? {};
      return { folder, rows: rows.good + rows.bad, key: keys[index], index, bits };
    });
    const isNoted = plan.bits[bit]?.isHidden !== true;
    const { delimiter } = contract;
    const repeated = await compareKeys({ parts: keyed, delimiter, isNoted, keyBytesMax, signal });
    repeats[bit] = (repeats[bit] ?? 0) + repeated.rows;
    for (const [at, files] of repeated.notes) notes.set(at, [...(notes.get(at) ?? []), ...files]);
  }
  return { repeats, notes };
}

/** What only SQL decides, asked of the columns of all parts that it reads. */
async function askSql(options: JudgePartsOptions, found: CountedSet): Promise<SqlEvaluation> {
  const { plans, parts, others, work, duckdb, signal, groupColumns = GROUP_COLUMNS, onProgress } = options;
  const { plan, contract, header } = plans;
  const { conditions, tables } = plan.asked;
  // Of files without even a header nothing can be asked.
  if (conditions.length + tables.length === 0 || header.names.length === 0) return NOTHING_FOUND;
  const groups = planGroups(plan.asked, { contract, header, groupColumns });
  const narrow = narrowColumns(groups, header);
  const file = path.join(work, 'narrow.csv');
  const narrowParts = parts.map(({ folder, rows }, at): NarrowPart => {
    return { folder, rows: rows.good + rows.bad, names: narrowNames(plans.parts[at], groupColumns) };
  });
  await joinNarrow(narrowParts, { into: file, names: narrow.names, delimiter: contract.delimiter });
  const longest = Math.max(0, ...parts.map(({ counted }) => counted?.narrowLongest ?? 0));
  const sql = await judgeBySql({
    ...{ contract, header, plan: groups, narrow, file, rows: found.records, work, others, duckdb, signal },
    // A record that is written anew may get quotes.
    recordBytesLongest: 2 * longest + narrow.names.length * 3,
    proven: provenNumbers({ plan, found }),
    firstMask: Math.ceil(plan.bits.length / MASK_BITS),
    onProgress: (share) => onProgress?.(share),
  });
  await rm(file);
  return sql;
}

/** The columns of the narrow file of a part; undefined where its plan asks nothing. */
function narrowNames(own: SetPlan['parts'][number], groupColumns: number): readonly string[] | undefined {
  if (own === undefined) return undefined;
  const { plan, contract, header } = own;
  if (plan.asked.conditions.length + plan.asked.tables.length === 0) return undefined;
  return narrowColumns(planGroups(plan.asked, { contract, header, groupColumns }), header).names;
}
