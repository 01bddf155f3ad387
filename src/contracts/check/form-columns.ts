import type { Role } from '../contract.ts';
import { headerOf } from './match-header.ts';

/** What of a contract names the columns of a file by their places. */
export interface PlacedColumns {
  readonly columns: {
    readonly [name: string]: {
      readonly role: Role;
      readonly header?: string | undefined;
      readonly generated?: boolean | undefined;
    };
  };
}

/**
 * Names of the columns of a file without a header row: the contract's in its order. Where the first record has fewer cells,
 * those are left out that the file may lack: the ids that the check makes, and the columns of some roles.
 */
export function namesByPlace(
  contract: PlacedColumns,
  { cells, mayLack = [] }: { readonly cells: number; readonly mayLack?: readonly Role[] | undefined },
): readonly string[] {
  const columns = Object.entries(contract.columns);
  const isMade = ([, column]: (typeof columns)[number]): boolean => column.generated === true;
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
