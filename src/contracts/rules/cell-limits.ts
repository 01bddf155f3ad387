import { isDecimal } from '../kinds/decimal.ts';
import type { CellColumn, NestedColumn } from './cell-column.ts';
import type { CellTest } from './rule.ts';

/** What decides whether parts of cells are right, without what is about people or files. */
export function nestedColumn(column: CellColumn): NestedColumn {
  const { kind, nullable, min, max, categories, pattern, lengthMin, lengthMax, of, fields } = column;
  const given = {
    ...{ kind, nullable, min, max, categories, pattern, lengthMin, lengthMax },
    of: of && nestedColumn(of),
    fields: fields && Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, nestedColumn(field)])),
  };
  // Only what is there is written down.
  return Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  ) as unknown as NestedColumn;
}

/** The tests of a value that the declaration of a column states. */
export function limitsOf(column: CellColumn): readonly CellTest[] {
  const { kind, min, max, categories = [], pattern, lengthMin, lengthMax } = column;
  if (isDecimal(kind)) return [{ test: 'between', ...bounds(String, { min, max }) }];
  switch (kind) {
    case 'number':
    case 'integer':
      return [{ test: 'range', ...bounds(Number, { min, max }) }];
    case 'time':
    case 'duration':
      return [{ test: 'between', ...bounds(String, { min, max }) }];
    case 'list':
    case 'struct':
      return [{ test: 'nested', of: nestedColumn(column) }];
    case 'category':
      return [{ test: 'set', values: categories }];
    case 'text':
      return [
        { test: 'length', ...bounds(Number, { min: lengthMin, max: lengthMax }) },
        ...(pattern === undefined ? [] : [{ test: 'pattern', pattern } as const]),
      ];
    case 'boolean':
    case 'timestamp':
    case 'date':
      return [];
    default:
      return kind satisfies never;
  }
}

/** The bounds that there are; those of numbers as numbers, all others as texts. */
function bounds<Bound>(
  toBound: (bound: number | string) => Bound,
  { min, max }: Pick<CellColumn, 'min' | 'max'>,
): { readonly min?: Bound; readonly max?: Bound } {
  return {
    ...(min === undefined ? {} : { min: toBound(min) }),
    ...(max === undefined ? {} : { max: toBound(max) }),
  };
}
