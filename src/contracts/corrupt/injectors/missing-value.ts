import type { CellInjector } from '../injector.ts';

/** An empty cell where the contract requires a value. */
export const missingValue: CellInjector = {
  kind: 'missing-value',
  level: 'cell',
  suits: ({ nullable, alwaysNull }) => !nullable && alwaysNull !== true,
  inject: () => '',
};
