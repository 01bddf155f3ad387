import type { Contract, Expectation } from '../contract.ts';
import { hasSensitive, isSensitive } from './sensitive.ts';
import { columnsUsedBy } from './used-columns.ts';

/** Whether what an expectation found may be, or contain, a value of a sensitive column. */
export function mayReveal(expectation: Expectation, contract: Pick<Contract, 'columns'>): boolean {
  if (!hasSensitive(contract)) return false;
  return [...columnsUsedBy([expectation], Object.keys(contract.columns))].some((name) => isSensitive(contract, name));
}
