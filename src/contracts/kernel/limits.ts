import type { KernelPlan } from './plan.ts';

const RECORDS_MAX = 1 << 16;
const RECORDS_MIN = 1 << 8;
/** Keys of all records of a call. */
const KEY_BYTES_MAX = 32 << 20;
const WORD_BYTES = 8;
/** Larger numbers are left out of sums, which a few of them would take beyond the largest double. */
export const SUMMAND_MAX = 1e290;

const FLAGS_MIN = 1 << 16;

/** How many records one call passes at most; fewer of files with very many keys. */
export function recordsMaxOf({ keys }: Pick<KernelPlan, 'keys'>): number {
  const fitting = Math.floor(KEY_BYTES_MAX / WORD_BYTES / Math.max(1, keys.length));
  return Math.max(RECORDS_MIN, Math.min(RECORDS_MAX, fitting));
}

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
