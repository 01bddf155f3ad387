import type { Contract, Expectation } from '../contract.ts';
import { columnsNamedBy } from '../define-contract.ts';
import { impliedExpectations } from './derived.ts';
import type { HeaderMatch } from './match-header.ts';

/** An expectation and its index among all of its level, in the order of reports. */
export interface Placed {
  readonly expectation: Expectation;
  readonly place: number;
}

/** An expectation of rows. What the columns imply can always be computed; a condition written by the user may fail. */
export interface Condition extends Placed {
  readonly isAsserted: boolean;
}

/** The expectations of a contract that a file with these columns can be asked about. */
export interface PlacedExpectations {
  /** Of rows: what the columns imply, and what the contract says beside. */
  readonly conditions: readonly Condition[];
  /** Of the whole file. */
  readonly tables: readonly Placed[];
}

export function placedExpectations(contract: Contract, header: HeaderMatch): PlacedExpectations {
  const present = (column: string): boolean => header.positions.has(column);
  const evaluable = contract.expectations.filter((expectation) => [...columnsNamedBy(expectation)].every(present));
  const implied = impliedExpectations(contract, present);
  const asserted = evaluable.filter(isOfRows);
  const tables = evaluable.filter((expectation) => !isOfRows(expectation));
  return {
    conditions: [...implied, ...asserted].map((expectation, place) => {
      return { expectation, place, isAsserted: place >= implied.length };
    }),
    tables: tables.map((expectation, place) => ({ expectation, place })),
  };
}

function isOfRows({ level }: Expectation): boolean {
  return level === 'column' || level === 'row';
}
