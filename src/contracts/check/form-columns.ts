import type { Contract, Role } from '../contract.ts';
import { headerOf } from './match-header.ts';

/**
 * Names of the columns of a file without a header row: the contract's in its order. Where the first record has fewer cells,
 * those are left out that the file may lack: the ids that the check makes, and the columns of some roles.
 */
export function namesByPlace(
  contract: Contract,
  { cells, mayLack = [] }: { readonly cells: number; readonly mayLack?: readonly Role[] | undefined },
): readonly string[] {
  const columns = Object.entries(contract.columns);
  const isMade = ([, column]: (typeof columns)[number]): boolean => column.kind === 'text' && column.generated === true;
  const isLater = ([, { role }]: (typeof columns)[number]): boolean => mayLack.includes(role);
  const choices = [
    columns,
    columns.filter((entry) => !isMade(entry)),
    columns.filter((entry) => !isLater(entry)),
    columns.filter((entry) => !isMade(entry) && !isLater(entry)),
  ];
  const chosen = choices.find(({ length }) => length === cells) ?? columns;
  return chosen.map(([name]) => headerOf(contract, name));
}
