import type { Contract } from '../contract.ts';
import type { CoercedColumn } from './coerce-text.ts';

export function hasCoercions({ columns }: Pick<Contract, 'columns'>): boolean {
  return Object.values(columns).some(({ coerce, alwaysNull }) => coerce !== undefined && alwaysNull !== true);
}

/** Columns by the places of their names, and only those whose cells may be changed: plain data, which a thread can be given. */
export function coercedColumns(
  { columns }: Pick<Contract, 'columns'>,
  names: readonly string[],
): readonly (CoercedColumn | undefined)[] {
  return names.map((name) => {
    const column = Object.hasOwn(columns, name) ? columns[name] : undefined;
    if (column?.coerce === undefined || column.alwaysNull === true) return undefined;
    const { kind, coerce } = column;
    return {
      ...{ kind, coerce },
      ...('min' in column ? { min: column.min } : {}),
      ...('max' in column ? { max: column.max } : {}),
      ...(column.kind === 'category' ? { categories: column.categories } : {}),
    };
  });
}
