import type { CellValue, Contract } from '../contract.ts';
import { maybeValue } from '../kinds/cell-value.ts';
import { maybeCoerced } from './coerce-text.ts';
import type { Coerced, CoercedCells } from './coercion.ts';

type Fields = Readonly<Record<string, unknown>>;

/** A row as its columns leave it. */
export interface CoercedRow {
  readonly fields: Fields;
  /** Undefined where nothing was changed. */
  readonly by: Coerced | undefined;
}

/** What changes the fields of rows in JSON as the columns allow; undefined where no column allows anything. */
export function maybeRowCoercer({ columns }: Pick<Contract, 'columns'>): ((fields: Fields) => CoercedRow) | undefined {
  const coerced = Object.entries(columns).filter(([, { coerce, alwaysNull }]) => coerce && alwaysNull !== true);
  if (coerced.length === 0) return undefined;
  return (fields) => {
    const changed: [string, CellValue | null][] = [];
    const by: [string, CoercedCells][] = [];
    for (const [name, column] of coerced) {
      const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
      if (typeof value !== 'string' && typeof value !== 'number') continue;
      const found = maybeCoerced(String(value), column);
      if (found === undefined) continue;
      by.push([name, Object.fromEntries(found.by.map((coercion) => [coercion, 1]))]);
      changed.push([name, found.text === '' ? null : (maybeValue(column.kind, found.text) ?? null)]);
    }
    if (changed.length === 0) return { fields, by: undefined };
    return { fields: Object.fromEntries([...Object.entries(fields), ...changed]), by: Object.fromEntries(by) };
  };
}
