import type { CellInjector } from '../injector.ts';

/** A value in a column that the contract requires to be empty. */
export const unexpectedValue: CellInjector = {
  kind: 'unexpected-value',
  level: 'cell',
  suits: ({ alwaysNull }) => alwaysNull === true,
  inject: () => 'something',
};
