import type { CellInjector } from '../injector.ts';

/** A day written in another way, or one that no calendar has. */
export const wrongDate: CellInjector = {
  kind: 'wrong-date',
  level: 'cell',
  suits: ({ kind, alwaysNull }) => (kind === 'date' || kind === 'timestamp') && alwaysNull !== true,
  inject: (_, { column: { kind }, random, form }) => {
    const texts = ['31/12/2025', '2025-02-30', '12-31-25', 'yesterday', '2025-1-1', '20251231'];
    return random.pick(texts.filter((text) => form.seen(text) !== '' && !form.isValue(kind, text)));
  },
};
