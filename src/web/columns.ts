import type { ContractColumn } from '#api';

/** The first column with a role, if the contract has one. */
export function columnWithRole(
  columns: readonly ContractColumn[],
  role: 'id' | 'time' | 'label',
): ContractColumn | undefined {
  return columns.find((column) => column.role === role);
}

/** The columns that say which row it is; both may stay empty. */
export function identitiesOf(columns: readonly ContractColumn[]): ContractColumn[] {
  const found = [columnWithRole(columns, 'id'), columnWithRole(columns, 'time')];
  return found.flatMap((column) => (column === undefined ? [] : [{ ...column, nullable: true }]));
}

/** The columns that a prediction uses. */
export function featuresOf(columns: readonly ContractColumn[]): ContractColumn[] {
  return columns.filter(({ role }) => role === 'feature');
}

/** The columns by name, as a contract has them. */
export function columnsByName(columns: readonly ContractColumn[]): Readonly<Record<string, ContractColumn>> {
  // Without what objects inherit: a column may be called `constructor`.
  return Object.setPrototypeOf(Object.fromEntries(columns.map((column) => [column.name, column])), null);
}
