import type { ContractColumn } from '#api';
import { type Column, expectedOf, kindForm } from '#contracts';

/** A column with what matters to a test; the rest is plain. */
export function makeColumn(column: Partial<ContractColumn> & Pick<ContractColumn, 'name' | 'kind'>): ContractColumn {
  const { kind, categories = [] } = column;
  // As the server makes both of a contract's column, of which this has what they are made of.
  const expected = expectedOf({
    role: 'feature',
    unique: false,
    severity: 'fail',
    ...column,
    categories,
    nullable: false,
  } as Column);
  const { booleans, ...form } = kindForm(kind);
  const texts = booleans && { booleans: { true: [...booleans.true], false: [...booleans.false] } };
  return { role: 'feature', nullable: false, label: column.name, cell: { ...form, ...texts }, expected, ...column };
}

export const COLUMNS: readonly ContractColumn[] = [
  makeColumn({ name: 'id', kind: 'integer', role: 'id' }),
  makeColumn({ name: 'cabin_class', kind: 'category', label: 'Class', categories: ['1st', '2nd'] }),
  makeColumn({ name: 'age', kind: 'number', label: 'Age', min: 0, max: 100, nullable: true }),
  makeColumn({ name: 'survived', kind: 'category', role: 'label', categories: ['no', 'yes'] }),
];
