import { examplesOf } from '../check/examples.ts';
import { contractOfFile } from '../check/open-rows.ts';
import type { OtherDataset } from '../check/other-datasets.ts';
import { byPlace } from '../check/outcome-of.ts';
import { countsOf } from '../check/pass-counts.ts';
import { resultOf } from '../check/result-of.ts';
import { summaryOf } from '../check/summary.ts';
import type { CheckedPartition, CheckResult, ViolationExample } from '../check-result.ts';
import { sumOfCoerced } from '../coercions/coercion-counts.ts';
import { SAMPLES_MAX } from '../sweep/samples.ts';
import type { CheckPartitionsOptions } from './check-partitions-options.ts';
import { digestOfParts } from './digest-of-parts.ts';
import type { JudgedSet } from './judge-parts.ts';
import { structureOfParts } from './merge-violations.ts';
import type { FinishedPart } from './publish-partitions.ts';
import type { SetPlan } from './set-plan.ts';

export interface FinishedSet {
  readonly name: string;
  readonly plans: SetPlan;
  readonly judged: JudgedSet;
  readonly parts: readonly FinishedPart[];
  readonly others: readonly OtherDataset[];
  readonly contracts: Pick<CheckPartitionsOptions, 'contract' | 'contractFor' | 'mayLack'>;
}

/** The result of the check of a whole dataset, in the words and numbers of that of one file. */
export function resultOfSet(set: FinishedSet): Omit<CheckResult, 'durationMs'> {
  const { plans, judged, others, contracts, name } = set;
  const { found, sql, tables } = judged;
  const partitions = set.parts.map(checkedPartition);
  const rows = addRows(partitions);
  const flags = [...judged.flags, ...sql.flags].sort(byPlace);
  const named = set.parts.map(({ name: part, findings }) => ({ ...findings, name: part }));
  const contractOf = ({ names }: { readonly names: readonly string[] | null }) =>
    contractOfFile(contracts, names ?? []);
  const result = resultOf({
    ...{ contract: plans.contract, header: plans.header, rows, file: name },
    digest: digestOfParts(partitions.map(({ digest }) => digest)),
    sizeBytes: partitions.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    structure: structureOfParts(named, { contractOf, rowsIn: rows.in }),
    evaluation: {
      flags,
      tables: [...tables, ...sql.tables].sort(byPlace),
      ...{ columns: plans.plan.columns, failures: found.failures },
      counts: { ...countsOf(found, plans.plan), ...sql.counts },
    },
    coerced: sumOfCoerced(named.map(({ coerced }) => coerced ?? undefined)),
    examples: examplesOfParts(set),
  });
  const references = others.map(({ dataset, digest, rows: there }) => ({ dataset, digest, rows: there }));
  return { ...result, partitions, ...(references.length === 0 ? {} : { references }) };
}

/** The result for a dataset that is kept as it is, because the rows of a file cannot be read with certainty. */
export function unreadableSet(
  { name, contract }: Pick<CheckPartitionsOptions, 'name' | 'contract'>,
  {
    digests,
    sizeBytes,
    reason,
  }: { readonly digests: readonly string[]; readonly sizeBytes: number; readonly reason: string },
): Omit<CheckResult, 'durationMs'> {
  const facts = {
    rows: { in: 0, good: 0, bad: 0, rejected: 0 },
    verdict: 'quarantined',
    violations: [
      {
        expectation: 'readable',
        category: 'structure',
        severity: 'fail',
        ...{ rows: 0, share: 0, sentence: reason },
      },
    ],
  } as const;
  return {
    ...{ contract: contract.name, file: name, digest: digestOfParts(digests), sizeBytes, ...facts },
    ...{ criticality: 'high', expectations: [], columns: [], summary: summaryOf(facts) },
  };
}

function checkedPartition({ name, findings, passed }: FinishedPart): CheckedPartition {
  const { digest, sizeBytes, rows } = findings;
  const { good = 0, bad = 0 } = passed.pass?.files ?? {};
  return { name, digest, sizeBytes, rows: { in: good + bad + rows.rejected, good, bad, rejected: rows.rejected } };
}

function addRows(partitions: readonly CheckedPartition[]): CheckResult['rows'] {
  const sum = (of: keyof CheckResult['rows']) => partitions.reduce((total, { rows }) => total + rows[of], 0);
  return { in: sum('in'), good: sum('good'), bad: sum('bad'), rejected: sum('rejected') };
}

/** The first rows that violate each expectation, in the order of the files. */
function examplesOfParts({ parts, judged, plans }: FinishedSet): ReadonlyMap<number, readonly ViolationExample[]> {
  const first = new Map<number, ViolationExample[]>();
  for (const { name, own, passed } of parts) {
    if (own === undefined || passed.pass === undefined) continue;
    const { samples } = passed.pass.found;
    const { contract, header } = own;
    const flags = [...own.plan.flags, ...judged.sql.flags];
    const found = examplesOf(flags, { samples, contract, header, at: passed.at });
    for (const [bit, examples] of found) {
      // The bits of SQL are behind those of every plan.
      const ofSet = bit < plans.plan.bits.length ? (own.toSet[bit] ?? bit) : bit;
      const known = first.get(ofSet) ?? [];
      const room = Math.max(0, SAMPLES_MAX - known.length);
      first.set(ofSet, [...known, ...examples.slice(0, room).map((example) => ({ partition: name, ...example }))]);
    }
  }
  return first;
}
