import { z } from 'zod';
import { defineTask, type Goal, type NoInputs, type Task, value } from '#engine';

/** The work of every engine in this bench is nothing, so that what is left is the engine. */
const number = z.object({ n: z.number() });
const outputs = { made: value<number>() };
type Numbered = Task<{ n: number }, NoInputs, typeof outputs>;

const noop: Numbered = defineTask({
  name: 'noop',
  version: '1',
  params: number,
  outputs,
  run: async ({ params }) => ({ made: params.n }),
});

/** Reads `n` no-ops at once. */
const gather = defineTask({
  name: 'gather',
  version: '1',
  params: number,
  inputs: ({ n }) => Object.fromEntries(range(n).map((index) => [`noop-${index}`, noop.goal({ n: index })])),
  outputs,
  run: async ({ inputs }) => ({ made: Object.values(inputs).reduce((sum, { made }) => sum + made, 0) }),
});

/** One link of a chain; it needs the one before. */
const link: Numbered = defineTask({
  name: 'link',
  version: '1',
  params: number,
  // A chain has one input but at its beginning; the type of a recursive task cannot say so.
  inputs: ({ n }) => (n > 0 ? { before: link.goal({ n: n - 1 }) } : {}) as NoInputs,
  outputs,
  run: async ({ params }) => {
    watch.startedMs.push(performance.now());
    watch.ended();
    return { made: params.n };
  },
});

/** When the links of this process started and ended. */
export const watch = createWatch();

function createWatch() {
  const startedMs: number[] = [];
  const endedMs: number[] = [];
  let waiting: { readonly count: number; readonly resolve: () => void } | undefined;
  return {
    startedMs,
    endedMs,
    ended: (): void => {
      if (endedMs.push(performance.now()) === waiting?.count) waiting.resolve();
    },
    /** Resolves when that many links have ended; asked before they have. */
    reached: (count: number): Promise<void> =>
      new Promise((resolve) => {
        waiting = { count, resolve };
      }),
  };
}

const cellParams = z.object({ row: z.number(), column: z.number(), width: z.number() });

/** One cell of a lattice of diamonds: each needs two of the row above, each is needed by two of the row below. */
const cell: Task<z.infer<typeof cellParams>, NoInputs, typeof outputs> = defineTask({
  name: 'cell',
  version: '1',
  params: cellParams,
  // As with the chain, the first row has no inputs.
  inputs: ({ row, column, width }) =>
    (row === 0
      ? {}
      : {
          left: cell.goal({ row: row - 1, column, width }),
          right: cell.goal({ row: row - 1, column: (column + 1) % width, width }),
        }) as NoInputs,
  outputs,
  run: async ({ params }) => ({ made: params.column }),
});

/** Never ends by itself. */
const gate: Numbered = defineTask({
  name: 'gate',
  version: '1',
  params: number,
  outputs,
  run: () => new Promise<never>(() => undefined),
});

const behindGate: Numbered = defineTask({
  name: 'behind-gate',
  version: '1',
  params: number,
  // What it reads is of no interest to the no-op.
  inputs: () => ({ gate: gate.goal({ n: 0 }) }) as NoInputs,
  outputs,
  run: async ({ params }) => ({ made: params.n }),
});

// A registry takes tasks whatever they read and make.
export const tasks = [noop, gather, link, cell, gate, behindGate];

export const SHAPES = ['flat', 'fan-in', 'chain', 'lattice'] as const;
export type Shape = (typeof SHAPES)[number];

/** What to ask for, so that about `size` goals are completed in this shape. */
export function goalsOf(shape: Shape, size: number): readonly Goal[] {
  switch (shape) {
    case 'flat':
      return range(size).map((n) => noop.goal({ n }));
    case 'fan-in':
      return [gather.goal({ n: size })];
    case 'chain':
      return [link.goal({ n: size - 1 })];
    case 'lattice': {
      const width = Math.max(1, Math.floor(Math.sqrt(size)));
      return range(width).map((column) => cell.goal({ row: width - 1, column, width }));
    }
  }
}

/** A chain beside goals that stay blocked. */
export const chainBesideBlocked = (links: number, blocked: number): readonly Goal[] => [
  ...range(blocked).map((n) => behindGate.goal({ n })),
  ...goalsOf('chain', links),
];

const range = (length: number): readonly number[] => Array.from({ length }, (_, index) => index);
