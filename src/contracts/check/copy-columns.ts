import type { Contract } from '../contract.ts';
import { keepColumns } from './keep-columns.ts';
import { matchHeader } from './match-header.ts';
import { readHeader } from './read-good-rows.ts';

export interface CopyColumnsOptions {
  readonly into: string;
  readonly contract: Contract;
  /** Which columns, by their names in the contract, or in the file where the contract does not know them. */
  readonly isKept: (name: string) => boolean;
}

/** Copies columns of a CSV file without faults. */
export async function copyColumns(file: string, { into, contract, isKept }: CopyColumnsOptions): Promise<void> {
  const { names } = matchHeader(contract, await readHeader(file, contract.delimiter));
  const positions = names.flatMap((name, position) => (isKept(name) ? [position] : []));
  await keepColumns(file, { into, positions, delimiter: contract.delimiter });
}
