import { randomInt } from 'node:crypto';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { type CheckEffects, maybeUnreadable } from '../check/check-file.ts';
import { LateRows } from '../check/late-rows.ts';
import { readOtherDatasets } from '../check/other-datasets.ts';
import { rising } from '../check/rising.ts';
import { withWorkFolder } from '../check/work-folder.ts';
import type { CheckResult } from '../check-result.ts';
import { digestOf } from '../scan/source.ts';
import { KeysTooLargeError } from '../sweep/keys-too-large-error.ts';
import type { CheckPartitionsOptions, DatasetPartition } from './check-partitions-options.ts';
import { inPartition } from './in-partition.ts';
import { type JudgedSet, maybeJudgeParts } from './judge-parts.ts';
import { ownRows } from './late-of-part.ts';
import type { Manifest } from './manifest.ts';
import { isPartedAgain, passAgain } from './part-again.ts';
import type { PartFindings } from './part-findings.ts';
import { findingsOf, type PassedPart, type PassPartOptions, passPart } from './pass-part.ts';
import { type FinishedPart, publishPartitions } from './publish-partitions.ts';
import { resultOfSet, unreadableSet } from './result-of-set.ts';
import { planSet, type SetPlan } from './set-plan.ts';

/** The result of a check of a partitioned dataset, and the files it wrote. */
export interface PartitionsOutcome {
  /** As that of the one file with all rows; `partitions` tells its files. */
  readonly result: CheckResult;
  /** What is in the folder; undefined when the dataset is quarantined, of which nothing is written. */
  readonly manifest: Manifest | undefined;
}

const REAL_EFFECTS: CheckEffects = { nowMs: () => performance.now() };
/** The share of the work that the passes over all files are. */
const PASSED_SHARE = 0.6;
const JUDGED_SHARE = 0.8;
const SEEDS = 2 ** 32;

/**
 * Checks a partitioned dataset as if its files were one, in the order of their names: each file in a pass of its own, then
 * what only all of them tell. The result is that of the one file, and every row is in exactly one written file.
 *
 * @throws ContractError as `checkFile`.
 */
export async function checkPartitions(
  options: CheckPartitionsOptions,
  effects: CheckEffects = REAL_EFFECTS,
): Promise<PartitionsOutcome> {
  const startedMs = effects.nowMs();
  const { folder } = options;
  return withWorkFolder(folder, async (work) => {
    const onProgress = rising(options.onProgress);
    const checked = await checkAll({ ...options, onProgress }, work);
    const result = { ...checked.result, durationMs: effects.nowMs() - startedMs };
    const manifest = await publishPartitions(checked.parts, { work, folder, result });
    onProgress(1);
    return { result, manifest };
  });
}

interface CheckedSet {
  readonly result: Omit<CheckResult, 'durationMs'>;
  readonly parts: readonly FinishedPart[] | undefined;
}

async function checkAll(options: CheckPartitionsOptions, work: string): Promise<CheckedSet> {
  const others = await readOtherDatasets(options, work);
  const judging = { work, others, keySeed: randomInt(SEEDS) };
  try {
    const set =
      (await maybeJudge(options, { ...judging, isOfRowsOnly: false })) ??
      (await maybeJudge(options, { ...judging, isOfRowsOnly: true }));
    if (set === undefined) throw new Error('Expected SQL to decide what counts do not.');
    const parts = await finishAll(options, set);
    return { result: resultOfSet({ ...set, parts, name: options.name, others, contracts: options }), parts };
  } catch (error) {
    const reason = maybeUnreadable(error);
    if (reason === undefined) throw error;
    const digests: string[] = [];
    let sizeBytes = 0;
    for (const { use } of options.partitions) {
      const facts = await use(digestOf);
      digests.push(facts.digest);
      sizeBytes += facts.sizeBytes;
    }
    return { result: unreadableSet(options, { digests, sizeBytes, reason }), parts: undefined };
  }
}

type Others = Awaited<ReturnType<typeof readOtherDatasets>>;

/** A dataset whose files were passed over and compared. */
interface PassedSet {
  readonly plans: SetPlan;
  readonly judged: JudgedSet;
  readonly passed: readonly PassedFile[];
}

interface PassedFile {
  readonly partition: DatasetPartition;
  readonly passing: Omit<PassPartOptions, 'path'>;
  readonly part: PassedPart;
  readonly findings: PartFindings;
}

interface Judging {
  readonly work: string;
  readonly others: Others;
  readonly keySeed: number;
  readonly isOfRowsOnly: boolean;
}

/** Passes over all files and compares them; undefined when SQL has to decide keys, or what counts decide. */
async function maybeJudge(options: CheckPartitionsOptions, judging: Judging): Promise<PassedSet | undefined> {
  const { duckdb, signal, groupColumns, keyBytesMax, onProgress } = options;
  const { others, isOfRowsOnly } = judging;
  const work = path.join(judging.work, isOfRowsOnly ? 'rows' : 'counted');
  const passed = await passAll(options, { ...judging, work }).catch((error: unknown) => {
    if (error instanceof KeysTooLargeError && !isOfRowsOnly) return undefined;
    throw error;
  });
  if (passed === undefined) return undefined;
  const parts = passed.map(({ findings, passing }) => ({ ...findings, folder: passing.into }));
  const plans = planSet(parts, { ...options, isOfRowsOnly });
  const judged = await maybeJudgeParts({
    ...{ plans, parts, others, work, duckdb, keyBytesMax, signal, groupColumns },
    onProgress: (share) => onProgress?.(PASSED_SHARE + (JUDGED_SHARE - PASSED_SHARE) * share),
  });
  return judged && { plans, judged, passed };
}

async function passAll(
  options: CheckPartitionsOptions,
  { work, others, keySeed, isOfRowsOnly }: Judging,
): Promise<readonly PassedFile[]> {
  const { partitions, onProgress } = options;
  const passed: PassedFile[] = [];
  for (const [index, partition] of partitions.entries()) {
    const { name } = partition;
    const passing = {
      ...{ ...options, name, others, keySeed, isOfRowsOnly, into: path.join(work, String(index)) },
      onProgress: (share: number) => onProgress?.(((index + share) / partitions.length) * PASSED_SHARE),
    };
    const part = await inPartition(partition, (file) => passPart({ ...passing, path: file }));
    passed.push({ partition, passing, part, findings: findingsOf(part) });
  }
  return passed;
}

/** Parts the rows once more where comparing them told more, file by file. */
async function finishAll(
  { onProgress }: CheckPartitionsOptions,
  { passed, plans, judged }: PassedSet,
): Promise<readonly FinishedPart[]> {
  const { sql, late, notes } = judged;
  const flagged = new LateRows(sql.flagged, sql.flags);
  const finished: FinishedPart[] = [];
  let first = 0;
  try {
    for (const [index, { partition, passing, part, findings }] of passed.entries()) {
      const rows = findings.rows.good + findings.rows.bad;
      const own = plans.parts[index];
      const ofPart = ownRows(await flagged.before(first + rows), first);
      const latePart = own && { own, findings, late, notes: notes.get(index) ?? [], sql: ofPart };
      const again =
        latePart !== undefined && isPartedAgain(latePart)
          ? await inPartition(partition, (file) =>
              passAgain({ ...passing, path: file, into: `${passing.into}-again`, onProgress: undefined }, latePart),
            )
          : part;
      // What is removed at once need not be written to the disk.
      if (again !== part) await rm(passing.into, { recursive: true });
      finished.push({ name: partition.name, findings, own, passed: again });
      first += rows;
      onProgress?.(JUDGED_SHARE + ((1 - JUDGED_SHARE) * (index + 1)) / passed.length);
    }
  } finally {
    await flagged.close();
  }
  return finished;
}
