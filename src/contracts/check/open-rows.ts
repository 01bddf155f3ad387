import type { Contract } from '../contract.ts';
import { withoutColumns } from '../define-contract.ts';
import { type Format, formatOf } from '../scan/format.ts';
import { openSource } from '../scan/source.ts';
import type { CheckFileOptions } from './check-file-options.ts';
import { fileReading } from './file-reading.ts';
import { namesByPlace } from './form-columns.ts';
import { matchHeader } from './match-header.ts';
import type { PassOptions } from './pass.ts';

/** A file to check, and where its parts are made. */
export type Checking = CheckFileOptions & Pick<PassOptions, 'others' | 'keySeed' | 'work'>;

/** Opens a file for a pass, and closes it when `use` is done. The source is that of CSV alone. */
export async function withRows<T>(
  given: Checking,
  use: (options: PassOptions, format: Format) => Promise<T>,
): Promise<T> {
  const { delimiter, format: written } = given.contract;
  // The first line tells how the file is read, and the rest of it follows in the same reading.
  const { encoding = written?.encoding, signal } = given;
  const source = openSource(given.path, { encoding, ...(signal && { signal }) });
  try {
    const format = await formatOf(given.path, given.name ?? given.path);
    const { delimiter: separator, ...reading } =
      format === 'csv' ? await fileReading({ ...given, source }) : { delimiter, form: undefined };
    const namesOf = (cells: number) => namesByPlace(given.contract, { cells, mayLack: given.mayLack });
    const contractOf = (names: readonly string[]): Contract => contractOfFile(given, names);
    const options = { ...given, ...reading, separator, namesOf, contractOf, at: AT[format] };
    if (format !== 'csv') return await use(options, format);
    // What encloses cells decides where lines end.
    const opened = reading.form === undefined ? source : openSource(given.path, { ...given, ...reading });
    return await use({ ...options, source: opened }, format);
  } finally {
    await source.close();
  }
}

/** What the places of rows are counted in. */
const AT = { csv: 'line', ndjson: 'line', 'json-array': 'line', parquet: 'row' } as const;

/** The contract of a file with these names, without the columns that it lacks and may lack. */
export function contractOfFile(
  given: Pick<CheckFileOptions, 'contract' | 'contractFor' | 'mayLack'>,
  names: readonly string[],
): Contract {
  const { mayLack = [], contractFor } = given;
  const contract = contractFor === undefined ? given.contract : contractFor(names);
  const { missing } = matchHeader(contract, names);
  const lacking = missing.filter((name) => {
    const { role: own, optional = false } = contract.columns[name] ?? {};
    return optional || mayLack.some((role) => role === own);
  });
  return lacking.length === 0 ? contract : withoutColumns(contract, new Set(lacking));
}
