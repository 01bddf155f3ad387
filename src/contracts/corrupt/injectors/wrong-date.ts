import type { CellInjector } from '../injector.ts';

/** A day written in another way, or one that no calendar has. */
export const wrongDate: CellInjector = {
  kind: 'wrong-date',
  level: 'cell',
  suits: ({ kind, alwaysNull }) => (kind === 'date' || kind === 'timestamp') && alwaysNull !== true,
  inject: (_, { random }) => random.pick(['31/12/2025', '2025-02-30', '12-31-25', 'yesterday', '2025-1-1', '20251231']),
};
