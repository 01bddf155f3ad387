import type { KernelPlan } from './plan.ts';

/** How many records one call passes at most. */
export const RECORDS_MAX = 1 << 16;
/** Larger numbers are left out of sums, which a few of them would take beyond the largest double. */
export const SUMMAND_MAX = 1e290;

const FLAGS_MIN = 1 << 16;

/** How many flags one call gives at most; those of one record have room always. */
export function flagsMaxOf({ bits }: KernelPlan): number {
  return Math.max(FLAGS_MIN, bits);
}

/** How many bytes of records one call writes anew at most; one record has room always. */
export function textMaxOf(plan: KernelPlan, blockBytes: number): number {
  return writtenMaxOf(plan, blockBytes) + blockBytes;
}

/** How long a record of so many bytes can become: each cell gets quotes, and each quote in it another. */
export function writtenMaxOf({ fields }: KernelPlan, recordBytes: number): number {
  return 2 * recordBytes + 2 * fields + 1;
}
