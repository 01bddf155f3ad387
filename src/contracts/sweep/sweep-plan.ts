import type { KernelPlan } from '../kernel/plan.ts';

/** How one pass checks the rows of a file. */
export interface SweepPlan {
  readonly kernel: KernelPlan;
  /** By bit of the kernel's plan. */
  readonly bits: readonly RowBit[];
}

/** What it means that a row has a bit. */
export interface RowBit {
  /** The row is bad. */
  readonly isFailing: boolean;
  /** What the file of bad rows calls it. */
  readonly reason: string;
}
