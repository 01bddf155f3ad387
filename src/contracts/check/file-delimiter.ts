import type { Contract } from '../contract.ts';
import type { Delimiter } from '../scan/delimiters.ts';
import type { Encoding } from '../scan/encoding.ts';
import { findDelimiter, readFirstLine } from '../scan/find-delimiter.ts';
import { delimiterByNames, type NamedColumns } from './match-header.ts';

export interface FileDelimiterOptions {
  readonly path: string;
  readonly contract?: (NamedColumns & Pick<Contract, 'delimiter'>) | undefined;
  /** Decides, when it is set. */
  readonly delimiter?: Delimiter | undefined;
  readonly encoding?: Encoding | undefined;
}

/** What separates the cells of a CSV file: as the caller says, by the contract's names in the first line, or by that line alone. */
export async function fileDelimiter({ path, contract, delimiter, encoding }: FileDelimiterOptions): Promise<Delimiter> {
  if (delimiter !== undefined) return delimiter;
  if (contract === undefined) return findDelimiter(path, { encoding });
  return delimiterByNames(contract, await readFirstLine(path, { encoding }));
}
