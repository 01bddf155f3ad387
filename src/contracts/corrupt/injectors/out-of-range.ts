import type { CellInjector } from '../injector.ts';

/** A number below the least or above the largest that the contract allows. */
export const outOfRange: CellInjector = {
  kind: 'out-of-range',
  level: 'cell',
  suits: (column) =>
    (column.kind === 'number' || column.kind === 'integer') &&
    column.alwaysNull !== true &&
    (column.min !== undefined || column.max !== undefined),
  inject: (_, { column, random }) => {
    if (column.kind !== 'number' && column.kind !== 'integer') return '';
    const { min, max } = column;
    const width = min !== undefined && max !== undefined ? max - min : Math.abs(max ?? min ?? 1);
    const beyond = Math.ceil(Math.max(1, width) * (0.1 + random.next()));
    const isBelow = max === undefined || (min !== undefined && random.next() < 0.5);
    return String(isBelow ? Math.floor(min ?? 0) - beyond : Math.ceil(max ?? 0) + beyond);
  },
};
