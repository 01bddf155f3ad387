import type { Coerced, ContractColumn } from '#api';
import { toCountText } from './format.ts';

/** A column and what was changed of it. */
export interface ColumnChanges {
  readonly label: string;
  readonly text: string;
}

/** What was changed, by column: in how many cells of many rows, or in which way of one. */
export function changesIn(
  coerced: Coerced,
  { columns, isOneRow = false }: { readonly columns: readonly ContractColumn[]; readonly isOneRow?: boolean },
): readonly ColumnChanges[] {
  return Object.entries(coerced).map(([name, counts]) => ({
    label: columns.find((column) => column.name === name)?.label ?? name,
    text: Object.entries(counts)
      .map(([change, cells]) => (isOneRow ? change : `${change} in ${toCountText(cells, 'cell')}`))
      .join(', '),
  }));
}

/** The counts of many rows. */
export function countChanges(rows: readonly { readonly coerced?: Coerced | undefined }[]): Coerced {
  const counted = new Map<string, Map<string, number>>();
  for (const { coerced = {} } of rows) {
    for (const [name, counts] of Object.entries(coerced)) {
      const sums = counted.get(name) ?? new Map<string, number>();
      for (const [change, cells] of Object.entries(counts)) sums.set(change, (sums.get(change) ?? 0) + cells);
      counted.set(name, sums);
    }
  }
  return Object.fromEntries([...counted].map(([name, sums]) => [name, Object.fromEntries(sums)]));
}
