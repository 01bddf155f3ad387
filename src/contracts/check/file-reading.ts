import { hasCoercions } from '../coercions/coerced-columns.ts';
import type { Contract } from '../contract.ts';
import type { FileFormat } from '../format/file-format.ts';
import { type Form, formOf } from '../format/form.ts';
import { KNOWN_DELIMITERS } from '../scan/delimiters.ts';
import { findDelimiter, firstLineIn, readFirstLine } from '../scan/find-delimiter.ts';
import type { Source } from '../scan/source.ts';
import { delimiterByNames } from './match-header.ts';

export interface FileReadingOptions {
  readonly path: string;
  readonly contract?: Pick<Contract, 'columns' | 'delimiter' | 'format'> | undefined;
  /** Decides, when it is set. */
  readonly delimiter?: string | undefined;
  /** Of a file without a contract. */
  readonly format?: FileFormat | undefined;
  /** Decides, when it is set. */
  readonly encoding?: string | undefined;
  /** The file, where it is read only once: its first line is taken from there. */
  readonly source?: Source | undefined;
}

/** How a CSV file is read. */
export interface FileReading {
  /** What separates the cells of the file. */
  readonly delimiter: string;
  readonly encoding?: string;
  /** Undefined for a file in the default form. */
  readonly form: Form | undefined;
}

/**
 * How a CSV file is read: as the caller says, else as the contract's format says. Without one the delimiter is found by the
 * contract's names in the first line, or by that line alone.
 */
export async function fileReading({ path, contract, ...given }: FileReadingOptions): Promise<FileReading> {
  const format = contract === undefined ? given.format : contract.format;
  const encoding = given.encoding ?? format?.encoding;
  const delimiter = given.delimiter ?? (await foundDelimiter({ path, contract, encoding, source: given.source }));
  // The scanner of the default form writes the delimiters that a contract can name.
  const isKnown = KNOWN_DELIMITERS.some((known) => known === delimiter);
  const form = formOf(
    { ...format, delimiter },
    { isDelimiterPlain: isKnown, isCoercing: contract !== undefined && hasCoercions(contract) },
  );
  return { delimiter, form, ...(encoding === undefined ? {} : { encoding }) };
}

async function foundDelimiter({ path, contract, encoding, source }: FileReadingOptions): Promise<string> {
  if (contract === undefined) return findDelimiter(path, { encoding });
  const { format, delimiter } = contract;
  // A file whose form is known has the delimiter that is known with it.
  if (format !== undefined) return format.delimiter ?? delimiter;
  const line = await (source === undefined ? readFirstLine(path, { encoding }) : firstLineIn(source));
  return delimiterByNames(contract, line);
}
