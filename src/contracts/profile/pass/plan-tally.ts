import { randomInt } from 'node:crypto';
import type { ColumnKind } from '../../contract.ts';
import type { KernelColumn, KernelKey } from '../../kernel/plan.ts';
import type { FoundHeader } from '../../sweep/header.ts';
import type { BlockPlan } from '../../sweep/sweep-plan.ts';
import type { SampleWay } from '../../tally/word-tally.ts';
import { isNumeric, isText } from '../value-kinds.ts';
import type { RowsFile } from './rows-file.ts';

/** How a file is read. */
export interface Reading {
  readonly file: RowsFile;
  readonly header: FoundHeader;
}

const SEEDS = 2 ** 32;
/** Keys have a bit, which nobody asks for. */
const BIT = 0;

/** Plans a pass that tells the word of each cell, by the kinds of all columns. */
export function planTally(kinds: readonly ColumnKind[], reading: Reading): BlockPlan {
  const columns = kinds.map((kind, position): KernelColumn => {
    const counts = isNumeric(kind) ? 'numbers' : isText(kind) ? 'lengths' : 'nulls';
    return { position, kind, counts, tests: [] };
  });
  const keys = kinds.map((kind, position): KernelKey => {
    return { bit: BIT, positions: [position], kinds: [kind], ...(isText(kind) ? { isMarked: true as const } : {}) };
  });
  // Numbers are needed once more, for what lies between them.
  const words = kinds.map((kind) => ({ way: sampleWayOf(kind), isKept: isNumeric(kind) }));
  return { ...planPass({ columns, keys, bits: 1 }, reading), words };
}

/** How the words of a kind are sampled. */
export function sampleWayOf(kind: ColumnKind): SampleWay {
  if (isText(kind)) return 'marked';
  if (kind === 'integer') return 'whole';
  return kind === 'date' ? 'day' : 'value';
}

/** Plans a pass that looks for this. */
export function planPass(
  asked: { readonly columns: readonly KernelColumn[]; readonly keys: readonly KernelKey[]; readonly bits: number },
  { file, header }: Reading,
): BlockPlan {
  const { names = [], hasReturn } = header;
  const form = file.formPlanOf(names);
  const byte = file.delimiter.charCodeAt(0);
  return {
    ...{ rowTests: [], form },
    kernel: {
      ...asked,
      ...{ delimiter: byte, outputDelimiter: byte, recordBytesMax: file.recordBytesMax },
      fields: names.length,
      // Blocks of another form are written with LF before anything looks at them.
      output: hasReturn && form === undefined ? 'rewrite' : 'ranges',
      seed: randomInt(SEEDS),
    },
  };
}
