import type { Column } from '../../contract.ts';
import { isDecimal, sizeOf, unscaledText } from '../../kinds/decimal.ts';
import { isOrdered } from '../../kinds/text-bounds.ts';
import { maybeCellTest } from '../../rules/to-cell-test.ts';
import type { CellInjector } from '../injector.ts';

/** A value below the least or above the largest that the contract allows. */
export const outOfRange: CellInjector = {
  kind: 'out-of-range',
  level: 'cell',
  suits: (column) => {
    if (column.alwaysNull === true) return false;
    if (isOrdered(column)) return extremesBeyond(column).length > 0;
    return isNumeric(column) && (column.min !== undefined || column.max !== undefined);
  },
  inject: (before, { column, random, form }) => {
    if (isOrdered(column)) return form.toText(column.kind, random.pick(extremesBeyond(column)));
    if (!isNumeric(column)) return before;
    const { min, max } = column;
    const width = min !== undefined && max !== undefined ? max - min : Math.abs(max ?? min ?? 1);
    const beyond = Math.ceil(Math.max(1, width) * (0.1 + random.next()));
    const isBelow = max === undefined || (min !== undefined && random.next() < 0.5);
    return form.toText(column.kind, String(isBelow ? Math.floor(min ?? 0) - beyond : Math.ceil(max ?? 0) + beyond));
  },
};

type NumberColumn = Extract<Column, { readonly kind: 'number' | 'integer' }>;
type OrderedColumn = Extract<Column, { readonly min?: string }>;

const isNumeric = (column: Column): column is NumberColumn => column.kind === 'number' || column.kind === 'integer';

/** The least and the largest value of the kind, as far as the column does not allow them. */
function extremesBeyond({ kind, min, max }: OrderedColumn): readonly string[] {
  const bounds = { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
  const isMet = maybeCellTest({ test: 'between', ...bounds }, kind);
  return extremesOf(kind).filter((value) => isMet?.(value, value) === false);
}

function extremesOf(kind: OrderedColumn['kind']): readonly string[] {
  if (kind === 'time') return ['00:00', '23:59:59.999999'];
  if (!isDecimal(kind)) return ['-P9999999D', 'P9999999D'];
  const { precision, scale } = sizeOf(kind);
  const most = unscaledText(10n ** BigInt(precision) - 1n, scale);
  return [`-${most}`, most];
}
