import type { Contract } from '../contract.ts';
import { ContractError } from '../errors.ts';
import type { Injector } from './injector.ts';

interface Columns {
  readonly contract: Contract;
  /** The contract's columns that the file has. */
  readonly positions: ReadonlyMap<string, number>;
}

/** Refuses kinds of errors that cannot be injected, instead of silently leaving them out. */
export function assertSuited(injectors: readonly Injector[], columns: Columns): void {
  const unsuited = injectors.filter((injector) => !suits(injector, columns)).map(({ kind }) => kind);
  if (unsuited.length > 0) throw refused(`no column of the contract that the file has suits ${unsuited.join(', ')}`);
  const ofFile = injectors.filter(({ level }) => level === 'file').map(({ kind }) => kind);
  const ofRows = injectors.filter(({ level }) => level === 'row').map(({ kind }) => kind);
  if (ofFile.includes('empty-file') && injectors.length > 1)
    throw refused('an empty file leaves nothing else to corrupt');
  if (ofFile.length > 0 && ofRows.length > 0)
    throw refused(`${ofRows.join(', ')} breaks rows, which ${ofFile.join(', ')} changes as a whole`);
}

function suits(injector: Injector, { contract, positions }: Columns): boolean {
  if (injector.level === 'file') return positions.size > 0 && injector.suits(contract);
  if (injector.level === 'row') return injector.suits(contract);
  return Object.entries(contract.columns).some(([name, column]) => positions.has(name) && injector.suits(column));
}

function refused(reason: string): ContractError {
  return new ContractError(
    'corrupt_failed',
    `The errors cannot be injected as requested: ${reason}. Leave out a kind, or break a copy of the copy.`,
  );
}
