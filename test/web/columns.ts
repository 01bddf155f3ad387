import type { ContractColumn } from '#api';
import { expectedOf } from '#contracts';
import type { CsvTable } from '#contracts/browser';

/** A file that was read: its header and its rows. */
export const fileOf = ([header = [], ...rows]: readonly (readonly string[])[]): CsvTable => ({
  header,
  delimiter: ',',
  records: rows.map((cells, index) => ({ line: index + 2, cells })),
});

/** A column with what matters to a test; the rest is plain. */
export function makeColumn(column: Partial<ContractColumn> & Pick<ContractColumn, 'name' | 'kind'>): ContractColumn {
  const plain = { role: 'feature', nullable: false, label: column.name, ...column } as const;
  return { ...plain, expected: expectedOf({ ...plain, nullable: false }) };
}

export const COLUMNS: readonly ContractColumn[] = [
  makeColumn({ name: 'id', kind: 'integer', role: 'id' }),
  makeColumn({ name: 'cabin_class', kind: 'category', label: 'Class', categories: ['1st', '2nd'] }),
  makeColumn({ name: 'age', kind: 'number', label: 'Age', min: 0, max: 100, nullable: true }),
  makeColumn({ name: 'survived', kind: 'category', role: 'label', categories: ['no', 'yes'] }),
];
