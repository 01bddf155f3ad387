import type { CellInjector } from '../injector.ts';

/** Something where the contract says that nothing ever stands. */
export const unexpectedValue: CellInjector = {
  kind: 'unexpected-value',
  level: 'cell',
  suits: ({ alwaysNull }) => alwaysNull === true,
  inject: () => 'something',
};
