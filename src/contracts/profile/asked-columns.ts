import { namesByPlace } from '../check/form-columns.ts';
import { matchHeader } from '../check/match-header.ts';
import { CellCoercer } from '../coercions/cell-coercer.ts';
import type { CoercedColumn } from '../coercions/coerce-text.ts';
import { coercedColumns } from '../coercions/coerced-columns.ts';
import type { ColumnKind, Contract } from '../contract.ts';
import type { FormColumns } from '../scan/form-scanner.ts';

/** What is known of the columns of a file before its values are read: by its contract, or as its beginning shows it. */
export interface AskedColumns {
  /** Names of the columns of a file without a header row. */
  readonly namesOf: FormColumns['namesOf'];
  /** Kinds by the places of the columns. Undefined: cells keep their text. */
  kindsOf(header: readonly string[]): readonly (ColumnKind | undefined)[];
  /** Those of the columns whose cells may be changed. */
  coercedOf(header: readonly string[]): readonly (CoercedColumn | undefined)[];
}

/** The columns of a file by its contract; without one, the kinds that were found by their places. */
export function askedColumns(
  contract: Contract | undefined,
  found: readonly (ColumnKind | undefined)[] = [],
): AskedColumns {
  if (contract === undefined)
    return {
      namesOf: undefined,
      kindsOf: (header) => header.map((_, place) => found[place]),
      coercedOf: (header) => header.map(() => undefined),
    };
  const namesOf = (header: readonly string[]): readonly string[] => matchHeader(contract, header).names;
  return {
    namesOf: (cells) => namesByPlace(contract, { cells }),
    kindsOf: (header) => namesOf(header).map((name) => contract.columns[name]?.kind),
    coercedOf: (header) => coercedColumns(contract, namesOf(header)),
  };
}

/** What changes cells, by the places of the columns. */
export function coercersOf(columns: AskedColumns, header: readonly string[]): readonly (CellCoercer | undefined)[] {
  return columns.coercedOf(header).map((column) => column && new CellCoercer(column));
}
