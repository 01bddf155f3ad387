import type { KernelPlan } from '../kernel/plan.ts';
import type { FormPlan } from './form-blocks.ts';
import type { FunctionTestPlan } from './function-tests.ts';
import type { WordPlan } from './key-words.ts';
import type { RowTestPlan } from './row-tests.ts';

/** What blocks are read by: plain data, which a thread can be given. */
export interface BlockPlan {
  readonly kernel: KernelPlan;
  /** What of rows the kernel does not test. */
  readonly rowTests: readonly RowTestPlan[];
  /** How the file is written, when it is not in the default form: its blocks are then written in it first. */
  readonly form?: FormPlan | undefined;
  /** Columns whose cells are copied beside, by their places in the file, in ascending order. */
  readonly narrow?: readonly number[] | undefined;
  /** What is counted of the words of keys, by key. */
  readonly words?: readonly WordPlan[] | undefined;
}

/** How one pass checks the rows of a file. */
export interface SweepPlan extends BlockPlan {
  /** By bit of the kernel's plan, and behind them those that are known before the pass. */
  readonly bits: readonly RowBit[];
  /** What of rows only functions decide. */
  readonly functions: readonly FunctionTestPlan[];
  /** Violations of which the values are counted. */
  readonly tallies: readonly TallyPlan[];
}

/** Cells of one column, in rows that have the bit. */
export interface TallyPlan {
  readonly bit: number;
  /** Place of the column in the file, from 0. */
  readonly position: number;
}

/** What it means that a row has a bit. */
export interface RowBit {
  /** The row is bad. */
  readonly isFailing: boolean;
  /** What the file of bad rows calls it. */
  readonly reason: string;
  /** Its place among all reasons of a row; that of the bit unless set. */
  readonly place?: number;
  /** It only counts, and is no violation. */
  readonly isHidden?: true;
}
