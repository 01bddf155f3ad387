import type { CheckFileOptions } from '../check/check-file-options.ts';
import type { HeaderMatch } from '../check/match-header.ts';
import { contractOfFile } from '../check/open-rows.ts';
import { type PlannedSweep, planSweep } from '../check/plan-sweep.ts';
import type { Contract } from '../contract.ts';
import { withoutColumns } from '../define-contract.ts';
import { headerOfPart, type PartFindings } from './part-findings.ts';

/** How a part was checked, and what its bits and columns are in the plan of the whole dataset. */
export interface PlanOfPart {
  readonly contract: Contract;
  readonly header: HeaderMatch;
  readonly plan: PlannedSweep;
  /** By bit of the part, the bit of the set. */
  readonly toSet: readonly number[];
  /** By bit of the set, the bit of the part; undefined where the part lacks a column for it. */
  readonly fromSet: readonly (number | undefined)[];
  /** By counted column of the set, that of the part. */
  readonly columns: readonly (number | undefined)[];
}

/** How a dataset is checked as if its parts were one file: with the columns that any of them has. */
export interface SetPlan {
  readonly contract: Contract;
  readonly header: HeaderMatch;
  readonly plan: PlannedSweep;
  /** Of each part, in their order; undefined where it has no header. */
  readonly parts: readonly (PlanOfPart | undefined)[];
}

export interface SetPlanOptions extends Pick<CheckFileOptions, 'contract' | 'contractFor' | 'mayLack'> {
  /** Whether SQL decides keys and what counts decide. */
  readonly isOfRowsOnly: boolean;
}

/** Plans the check of a whole dataset from the headers of its parts. */
export function planSet(parts: readonly PartFindings[], options: SetPlanOptions): SetPlan {
  const own = new Map<string, ReturnType<typeof planOf>>();
  const ofParts = parts.map((part) => {
    if (part.names === null) return undefined;
    const key = JSON.stringify([part.names, part.header]);
    const planned = own.get(key) ?? planOf(contractOfFile(options, part.names), headerOfPart(part), options);
    own.set(key, planned);
    return planned;
  });
  const found = [...own.values()];
  const present = new Set(found.flatMap(({ contract }) => Object.keys(contract.columns)));
  const lacking = Object.keys(options.contract.columns).filter((name) => !present.has(name));
  const [first] = found;
  const whole =
    first !== undefined && found.length === 1
      ? first
      : planOf(withoutColumns(options.contract, new Set(lacking)), unionOf(found.map(({ header }) => header)), options);
  const names = bitNames(whole);
  const matched = new Map(found.map((each) => [each, matchedTo(each, { whole, names })]));
  return { ...whole, parts: ofParts.map((each) => each && matched.get(each)) };
}

type Planned = Pick<PlanOfPart, 'contract' | 'header' | 'plan'>;

function planOf(contract: Contract, header: HeaderMatch, { isOfRowsOnly }: SetPlanOptions): Planned {
  const delimiters = { from: contract.delimiter, to: contract.delimiter };
  // Of the plan only the meaning of bits and columns counts here, whatever a file was read with.
  const planning = { header, delimiters, recordBytesMax: undefined, hasReturns: false, isOfRowsOnly, seed: 0 };
  return { contract, header, plan: planSweep(contract, planning) };
}

function matchedTo(
  part: Planned,
  { whole, names }: { readonly whole: Planned; readonly names: readonly string[] },
): PlanOfPart {
  const bits = new Map(names.map((name, bit) => [name, bit]));
  const own = bitNames(part);
  const toSet = own.map((name) => bits.get(name) ?? -1);
  const places = new Map(own.map((name, bit) => [name, bit]));
  const columns = new Map(part.plan.columns.map(({ name, index }) => [name, index]));
  return {
    ...part,
    toSet,
    fromSet: names.map((name) => places.get(name)),
    columns: whole.plan.columns.map(({ name }) => columns.get(name)),
  };
}

/** What each bit of a plan is about, which does not depend on the order of columns. */
function bitNames({ plan, header }: Planned): readonly string[] {
  const names: string[] = [];
  for (const { positions, bit } of plan.kernel.keys)
    names[bit] = JSON.stringify(['key', positions.map((position) => header.names[position])]);
  for (const { expectation, bit, failureBit } of plan.flags) {
    const { name, column = null } = expectation;
    names[bit] = JSON.stringify(['row', name, column]);
    if (failureBit !== undefined) names[failureBit] = JSON.stringify(['failure', name, column]);
  }
  return names;
}

/** The columns of any part, in the order in which they first appear. */
function unionOf(headers: readonly HeaderMatch[]): HeaderMatch {
  const names = [...new Set(headers.flatMap((header) => header.names))];
  const known = new Set(headers.flatMap(({ positions }) => [...positions.keys()]));
  const found = [...known].map((name) => [name, names.indexOf(name)] as const);
  return {
    names,
    positions: new Map(found.sort(([, a], [, b]) => a - b)),
    missing: [...new Set(headers.flatMap(({ missing }) => missing))].filter((name) => !known.has(name)),
    extra: [...new Set(headers.flatMap(({ extra }) => extra))],
    repeated: [...new Set(headers.flatMap(({ repeated }) => repeated))].filter((name) => !known.has(name)),
    respelled: headers.flatMap(({ respelled }) => respelled),
  };
}
