import type { CellValue, Contract } from '../contract.ts';
import { maybeValue } from '../kinds/cell-value.ts';
import { maybeCoerced } from './coerce-text.ts';
import type { CoercionCounts } from './coercion-counts.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What changes the fields of rows in JSON as the columns allow, and counts it; undefined where no column allows anything. */
export function maybeRowCoercer(
  { columns }: Pick<Contract, 'columns'>,
  counts: CoercionCounts,
): ((fields: Fields) => Fields) | undefined {
  const coerced = Object.entries(columns).filter(([, { coerce, alwaysNull }]) => coerce && alwaysNull !== true);
  if (coerced.length === 0) return undefined;
  return (fields) => {
    const changed: [string, CellValue | null][] = [];
    for (const [name, column] of coerced) {
      const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
      if (typeof value !== 'string' && typeof value !== 'number') continue;
      const found = maybeCoerced(String(value), column);
      if (found === undefined) continue;
      counts.add(name, found.by);
      changed.push([name, found.text === '' ? null : (maybeValue(column.kind, found.text) ?? null)]);
    }
    return changed.length === 0 ? fields : Object.fromEntries([...Object.entries(fields), ...changed]);
  };
}
