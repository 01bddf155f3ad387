import type { Contract, Role } from './contract.ts';
import { ContractError } from './errors.ts';

type Columns = Pick<Contract, 'columns'>;

/** Name of the first column with the role; undefined when there is none. */
export const maybeColumnWithRole = ({ columns }: Columns, role: Role): string | undefined =>
  Object.keys(columns).find((name) => columns[name]?.role === role);

/** Name of the column with the role. Throws a ContractError `contract_invalid` when there is none. */
export function columnWithRole(contract: Columns & Pick<Contract, 'name'>, role: Role): string {
  const name = maybeColumnWithRole(contract, role);
  if (name !== undefined) return name;
  throw new ContractError('contract_invalid', `The contract ${contract.name} has no column with role '${role}'.`);
}
