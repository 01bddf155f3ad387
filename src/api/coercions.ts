import { z } from 'zod';

/** The changes that a column may allow to its cells. */
export const coercion = z.enum([
  ...(['trim', 'comma', 'percent', 'round', 'words', 'case', 'lower', 'upper'] as const),
  ...(['epoch-seconds', 'epoch-milliseconds', 'clip'] as const),
]);

/** How many cells were changed. */
export const coerced = z.record(z.string(), z.partialRecord(coercion, z.int())).meta({
  id: 'Coerced',
  description: 'How many cells were changed as the contract allows, by column and change; absent when none was',
  examples: [{ fare: { comma: 12 } }],
});

export type Coerced = z.infer<typeof coerced>;
