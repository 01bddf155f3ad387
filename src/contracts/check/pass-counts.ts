import type { Contract } from '../contract.ts';
import type { Sweep } from '../sweep/sweep.ts';
import type { Counts } from './compile.ts';
import { answerOf, type TableAnswer } from './evaluate.ts';
import { bitsOf } from './flags.ts';
import { mayReveal } from './may-reveal.ts';
import type { OtherDataset } from './other-datasets.ts';
import type { PlannedSweep } from './plan-sweep.ts';

/** The counts of a pass as statements of DuckDB give them. */
export function countsOf(
  { counts, columns, records }: Pick<Sweep, 'counts' | 'columns' | 'records'>,
  plan: PlannedSweep,
): Counts {
  const named: [string, number | null][] = [['rows', records]];
  for (const bit of plan.flags.flatMap(bitsOf)) named.push([`v${bit}`, counts[bit] ?? 0]);
  for (const { index, hasMean } of plan.columns) {
    const summands = columns.summands[index] ?? 0;
    named.push([`n${index}`, columns.nulls[index] ?? 0]);
    if (hasMean) named.push([`a${index}`, summands === 0 ? null : (columns.sum[index] ?? 0) / summands]);
  }
  return Object.fromEntries(named);
}

/** The answers of the expectations of the whole file; undefined when some cannot be told from counts. */
export function maybeAnswers(
  found: Pick<Sweep, 'records' | 'counts' | 'columns' | 'tallies'>,
  {
    plan,
    contract,
    others,
  }: { readonly plan: PlannedSweep; readonly contract: Contract; readonly others: readonly OtherDataset[] },
): readonly TableAnswer[] | undefined {
  const answers: TableAnswer[] = [];
  const there = new Map(others.map(({ dataset, rows }) => [dataset, rows]));
  for (const { expectation, place, answer } of plan.tables) {
    const given = answer({ ...found, there });
    if (given === undefined) return undefined;
    const told = { ok: given.isMet, observed: given.observed ?? 'nothing' };
    const isHidden = mayReveal(expectation, contract);
    answers.push({ expectation, place, ...answerOf(expectation, { found: told, rows: found.records, isHidden }) });
  }
  return answers;
}
