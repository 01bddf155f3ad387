import { randomInt } from 'node:crypto';
import type { KernelColumn, KernelKey } from '../../kernel/plan.ts';
import { RECORD_BYTES_MAX } from '../../scan/record-scanner.ts';
import type { FoundHeader } from '../../sweep/header.ts';
import type { BlockPlan } from '../../sweep/sweep-plan.ts';
import { isNumber, isText, type PassKind } from './pass-kind.ts';

/** How a file is read. */
export interface Reading {
  readonly delimiter: string;
  readonly header: FoundHeader;
}

const SEEDS = 2 ** 32;
/** Keys have a bit, which nobody asks for. */
const BIT = 0;

/** Plans a pass that tells the word of each cell, by the kinds of all columns. */
export function planTally(kinds: readonly PassKind[], reading: Reading): BlockPlan {
  const columns = kinds.map((kind, position): KernelColumn => {
    const counts = isNumber(kind) ? 'numbers' : isText(kind) ? 'lengths' : 'nulls';
    return { position, kind, counts, tests: [] };
  });
  const keys = kinds.map((kind, position): KernelKey => {
    return { bit: BIT, positions: [position], kinds: [kind], ...(isText(kind) ? { isMarked: true as const } : {}) };
  });
  return planPass({ columns, keys, bits: 1 }, reading);
}

/** Plans a pass that looks for this. */
export function planPass(
  asked: { readonly columns: readonly KernelColumn[]; readonly keys: readonly KernelKey[]; readonly bits: number },
  { delimiter, header }: Reading,
): BlockPlan {
  const byte = delimiter.charCodeAt(0);
  return {
    rowTests: [],
    kernel: {
      ...asked,
      ...{ delimiter: byte, outputDelimiter: byte, recordBytesMax: RECORD_BYTES_MAX },
      fields: header.names?.length ?? 0,
      output: header.hasReturn ? 'rewrite' : 'ranges',
      seed: randomInt(SEEDS),
    },
  };
}
