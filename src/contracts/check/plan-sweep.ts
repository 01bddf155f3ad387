import { randomInt } from 'node:crypto';
import type { Column, Contract } from '../contract.ts';
import { RECORD_BYTES_MAX } from '../scan/record-scanner.ts';
import type { SweepPlan } from '../sweep/sweep-plan.ts';
import { type CountedTable, maybeCounted } from './counted-tables.ts';
import { type Flag, flagsOf, isKey } from './flags.ts';
import type { HeaderMatch } from './match-header.ts';
import { type PlacedExpectations, placedExpectations } from './placed-expectations.ts';
import { isNumeric, SweepDraft } from './sweep-draft.ts';

/** A column whose nulls are counted: `n<index>`, and `a<index>` the mean of its numbers. */
export interface CountedColumn {
  readonly name: string;
  readonly index: number;
  readonly hasMean: boolean;
}

/** The columns of a contract that a file has, in the order of the contract. */
export const presentColumns = (
  { columns }: Contract,
  { positions }: Pick<HeaderMatch, 'positions'>,
): readonly [string, Column][] => Object.entries(columns).filter(([name]) => positions.has(name));

export const toCounted = ([name, column]: readonly [string, Column], index: number): CountedColumn => ({
  ...{ name, index },
  hasMean: isNumeric(column),
});

/** How one pass over a file checks it against a contract, and what its numbers mean. */
export interface PlannedSweep extends SweepPlan {
  /** By bit; the bits behind them only count. */
  readonly flags: readonly Flag[];
  /** The columns that are counted, as the first of the plan's columns. */
  readonly columns: readonly CountedColumn[];
  /** Expectations of the whole file that its counts decide. */
  readonly tables: readonly CountedTable[];
  /** What only a database can decide. */
  readonly asked: PlacedExpectations;
}

export interface PlanSweepOptions {
  readonly header: HeaderMatch;
  /** What separates the cells of the file, and of what is written. */
  readonly delimiters: { readonly from: string; readonly to: string };
  readonly recordBytesMax: number | undefined;
  /** Whether the lines of the file end with CRLF. */
  readonly hasReturns: boolean;
  /** Whether a database decides keys and what counts decide; it does not unless set. */
  readonly isOfRowsOnly?: boolean;
  /** Of the hashes of keys, which can be compared when they have the same; a random one unless set. */
  readonly seed?: number | undefined;
}

const SEEDS = 2 ** 32;

/** Plans one pass for a file with these columns. */
export function planSweep(contract: Contract, options: PlanSweepOptions): PlannedSweep {
  const { header, delimiters, hasReturns, isOfRowsOnly = false, recordBytesMax = RECORD_BYTES_MAX } = options;
  const draft = new SweepDraft(contract, header);
  const placed = placedExpectations(contract, header);
  const decided = placed.conditions.filter((condition) => {
    return draft.decides(condition) && !(isOfRowsOnly && isKey(condition.expectation));
  });
  const isDecided = new Set(decided);
  const placedFlags = flagsOf(decided, { firstMask: 0, isGuarded: false });
  const counted = presentColumns(contract, header);
  for (const flag of placedFlags) draft.add(flag);
  const flags = placedFlags.map((flag) => draft.withFunction(flag));
  const tables = placed.tables.map((table) => ({
    ...table,
    counted: isOfRowsOnly ? undefined : maybeCounted(table, { contract, header, draft }),
  }));
  const isKept = delimiters.from === delimiters.to && !hasReturns;
  const { bits, keys, tallies } = draft;
  return {
    ...{ flags, bits, tallies, rowTests: draft.rowTests, functions: draft.functions },
    columns: counted.map(toCounted),
    tables: tables.flatMap(({ counted: found }) => found ?? []),
    asked: {
      conditions: placed.conditions.filter((condition) => !isDecided.has(condition)),
      tables: tables.filter(({ counted: found }) => found === undefined),
    },
    kernel: {
      delimiter: delimiters.from.charCodeAt(0),
      fields: header.names.length,
      recordBytesMax,
      columns: [...counted.map(([name, column]) => draft.columnOf(name, column)), ...draft.otherColumns],
      keys,
      bits: bits.length,
      output: isKept ? 'ranges' : 'rewrite',
      outputDelimiter: delimiters.to.charCodeAt(0),
      seed: options.seed ?? randomInt(SEEDS),
    },
  };
}
