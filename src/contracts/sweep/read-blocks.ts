import type { RowSink } from './row-sink.ts';
import { type BlockTaker, type Sweep, type SweepOptions, sweep } from './sweep.ts';
import type { BlockPlan } from './sweep-plan.ts';

export interface ReadBlocksOptions
  extends Pick<SweepOptions, 'blocks' | 'header' | 'rejects' | 'threads' | 'signal' | 'onBlock'> {
  readonly plan: BlockPlan;
  readonly taker: BlockTaker;
}

export type ReadBlocks = Pick<Sweep, 'records' | 'rejected' | 'counts' | 'columns'>;

/** Reads the rows of a file once, and gives them to the taker. */
export function readBlocks({ plan, ...options }: ReadBlocksOptions): Promise<ReadBlocks> {
  const delimiter = String.fromCharCode(plan.kernel.outputDelimiter);
  return sweep({
    ...options,
    plan: { ...plan, bits: [], tallies: [], functions: [] },
    ...{ sink: new NoRows(), delimiter, isEachBad: false },
  });
}

/** Nothing comes here: the taker takes all. */
class NoRows implements RowSink {
  readonly keepsLines = false;
  placeOf = nowhere;
  placeBehind = nowhere;
  cellsAt = nothing;
  noteLine = nothing;
  noteBits = nothing;
  addGood = nothing;
  addBad = nothing;

  async flush(): Promise<void> {
    // There is nothing to write.
  }

  async close(): Promise<void> {
    // Nothing was opened.
  }

  async abandon(): Promise<void> {
    // Nothing was opened.
  }
}

function nothing(): never {
  throw new Error('Rows that are taken go nowhere else.');
}

function nowhere(): number {
  return nothing();
}
