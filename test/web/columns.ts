import type { ContractColumn } from '#api';

/** A column with what matters to a test; the rest is plain. */
export function makeColumn(column: Partial<ContractColumn> & Pick<ContractColumn, 'name' | 'kind'>): ContractColumn {
  return { role: 'feature', nullable: false, label: column.name, ...column };
}

export const COLUMNS: readonly ContractColumn[] = [
  makeColumn({ name: 'id', kind: 'integer', role: 'id' }),
  makeColumn({ name: 'cabin_class', kind: 'category', label: 'Class', categories: ['1st', '2nd'] }),
  makeColumn({ name: 'age', kind: 'number', label: 'Age', min: 0, max: 100, nullable: true }),
  makeColumn({ name: 'survived', kind: 'category', role: 'label', categories: ['no', 'yes'] }),
];
